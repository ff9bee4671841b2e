import { existsSync, mkdirSync, statSync, type Stats } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';

/**
 * Returns the folder for Node's compile cache, and creates it if needed; undefined if there is no safe place for one.
 *
 * Node runs the code in that folder, so nobody else may be able to write it: it must be the user's own, and is only
 * created in a folder that is. It is never relative, as an empty HOME would make it. The levels are created one by one,
 * because Node's own `recursive` never returns where a system answers ENOENT to mkdir (/proc, an automounter).
 *
 * @param user the numeric id of the user; undefined on Windows, which has none
 */
export function cacheFolder(
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
  home: () => string = homedir,
  user: number | undefined = process.getuid?.(),
): string | undefined {
  try {
    const named = platform === 'win32' ? env['LOCALAPPDATA'] : env['XDG_CACHE_HOME'];
    const parent = named !== undefined && isAbsolute(named) ? named : join(home(), '.cache');
    if (!isAbsolute(parent)) return undefined;
    const folder = join(parent, 'fetchmany');
    for (const level of [parent, folder]) {
      if (existsSync(level)) continue;
      if (!isOwnedBy(user, statSync(dirname(level)))) return undefined;
      mkdirSync(level, { mode: 0o700 });
    }
    const status = statSync(folder);
    return isOwnedBy(user, status) && !isWritableByOthers(user, status) ? folder : undefined;
  } catch {
    return undefined;
  }
}

function isOwnedBy(user: number | undefined, { uid }: Stats): boolean {
  return user === undefined || uid === user;
}

function isWritableByOthers(user: number | undefined, { mode }: Stats): boolean {
  return user !== undefined && (mode & 0o022) !== 0;
}
