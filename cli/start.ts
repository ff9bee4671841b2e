import { enableCompileCache } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Runs the command, with what Node compiled at an earlier start. */
export async function start(argv: readonly string[]): Promise<void> {
  // Not for sources, which change. Where it cannot be written, all is as it would be without it.
  if (import.meta.url.endsWith('.js')) enableCompileCache(join(cacheFolder(), 'fetchmany'));
  const { main } = await import('./main.ts');
  await main(argv);
}

/** The user's own, since others could put code into a shared one. */
function cacheFolder(): string {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  const own = process.platform === 'win32' ? LOCALAPPDATA : XDG_CACHE_HOME;
  return own ? own : join(homedir(), '.cache');
}
