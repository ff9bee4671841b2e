import { enableCompileCache } from 'node:module';
import { cacheFolder } from './process/cache-folder.ts';

/** Runs the command, with what Node compiled at an earlier start. */
export async function start(argv: readonly string[]): Promise<void> {
  // Not for sources, which change.
  const folder = import.meta.url.endsWith('.js') ? cacheFolder() : undefined;
  if (folder !== undefined) enableCompileCache(folder);
  const { main } = await import('./main.ts');
  await main(argv);
}
