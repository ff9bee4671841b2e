import { enableCompileCache } from 'node:module';
import { cacheFolder } from './process/cache-folder.ts';

/** Runs the command with Node's compile cache, which makes later starts faster. */
export async function start(argv: readonly string[]): Promise<void> {
  // Not when run from the sources: they change, and the cache would grow.
  const folder = import.meta.url.endsWith('.js') ? cacheFolder() : undefined;
  if (folder !== undefined) enableCompileCache(folder);
  const { main } = await import('./main.ts');
  await main(argv);
}
