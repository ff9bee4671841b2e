import { isAbsolute, join } from 'node:path';

/** What a folder is chosen by. */
interface Surroundings {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Throws where nobody knows who the user is. */
  readonly homedir: () => string;
}

/** The folder for what can be made again: the user's own, since others could put code into a shared one. Undefined if there is none. */
export function cacheFolder({ platform, env, homedir }: Surroundings): string | undefined {
  const own = platform === 'win32' ? env['LOCALAPPDATA'] : env['XDG_CACHE_HOME'];
  // A relative one counts as none (XDG Base Directory Specification).
  if (own !== undefined && isAbsolute(own)) return join(own, 'fetchmany');
  try {
    const home = homedir();
    return isAbsolute(home) ? join(home, '.cache', 'fetchmany') : undefined;
  } catch {
    return undefined;
  }
}
