import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** Where what can be made again is kept. The user's own, since others could put code into a shared one; undefined if there is none. */
export function cacheFolder(): string | undefined {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  const own = process.platform === 'win32' ? LOCALAPPDATA : XDG_CACHE_HOME;
  const folder = join(own ? own : join(home(), '.cache'), 'fetchmany');
  // What is relative would be looked for wherever the command is run: a folder that is not the user's.
  return isAbsolute(folder) ? folder : undefined;
}

function home(): string {
  try {
    return homedir();
  } catch {
    // A user of whom the system knows nothing, as there are in containers.
    return '';
  }
}
