import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/**
 * Where to keep what Node compiled, or undefined where there is no such place: no home, or one that cannot be written.
 * It is the user's own, since others could put code into a shared one; so it is never relative, as an empty HOME would
 * have it. It is made here, one level at a time: Node makes all its parents, and tries for ever where a system says
 * ENOENT to that (/proc, an automounter).
 */
export function cacheFolder(
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
  home: () => string = homedir,
): string | undefined {
  try {
    const named = platform === 'win32' ? env['LOCALAPPDATA'] : env['XDG_CACHE_HOME'];
    const parent = named !== undefined && isAbsolute(named) ? named : join(home(), '.cache');
    if (!isAbsolute(parent)) return undefined;
    const folder = join(parent, 'fetchmany');
    for (const level of [parent, folder]) if (!existsSync(level)) mkdirSync(level, { mode: 0o700 });
    return folder;
  } catch {
    return undefined;
  }
}
