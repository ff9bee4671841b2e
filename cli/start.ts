import { enableCompileCache } from 'node:module';
import { cacheFolder } from './cache-folder.ts';

/** Runs the command, with what Node compiled at an earlier start. */
export async function start(argv: readonly string[]): Promise<void> {
  const folder = cacheFolder();
  // Not for sources, which change. Where it cannot be written, all is as it would be without it.
  if (folder !== undefined && import.meta.url.endsWith('.js')) enableCompileCache(folder);
  const { main } = await import('./main.ts');
  await main(argv);
}
