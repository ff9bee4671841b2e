import { existsSync, readFileSync } from 'node:fs';
import type { CookieJar } from '../../http/cookie-jar.ts';
import { InputError } from '../../inputs/input-error.ts';
import { lockBeside } from '../files/open-locked.ts';
import { openWholeFile } from '../files/open-whole-file.ts';
import { OutputError } from '../files/output-error.ts';
import { formatCookieFile, parseCookieFile } from './cookie-file.ts';
import { CookieBox } from './tough-jar.ts';

/** A {@link CookieJar} that may have a file. */
export interface SavedCookieJar extends CookieJar, AsyncDisposable {
  /** Writes the file, if a cookie has changed, and releases its lock. Rejects if it cannot be written. */
  close(): Promise<void>;
}

/**
 * Opens a jar of cookies. With a path, it holds the cookies of that file, which may be missing, and `close()` writes them
 * back: the file has the format of Netscape and curl, is replaced as a whole, and can be read by its owner only. Until then a
 * file `FILE.lock` keeps other processes away. Without a path, the cookies last as long as the jar.
 *
 * @throws an `Error` with the reason on one line if the file cannot be read, or another process holds its lock; as a
 *   rejection
 *
 * @example
 * ```ts
 * await using cookies = await openCookieJar('cookies.txt');
 * await using fetcher = createFetcher({ cookies });
 * ```
 */
export async function openCookieJar(path?: string): Promise<SavedCookieJar> {
  const box = new CookieBox();
  const close = path === undefined ? async () => {} : openFile(path, box);
  let closing: Promise<void> | undefined;
  const closeOnce = (): Promise<void> => (closing ??= close());
  return {
    getCookieString: (url) => box.getCookieString(url),
    setCookie: (setCookie, url) => box.setCookie(setCookie, url),
    close: closeOnce,
    [Symbol.asyncDispose]: closeOnce,
  };
}

/** Reads a file, and returns the function that writes it back. */
function openFile(path: string, box: CookieBox): () => Promise<void> {
  const release = locked(path);
  try {
    if (existsSync(path)) for (const cookie of read(path)) box.add(cookie);
  } catch (cause) {
    release();
    throw cause;
  }
  const before = formatCookieFile(box.list(Date.now()));
  return async () => {
    try {
      const after = formatCookieFile(box.list(Date.now()));
      if (after !== before) await write(path, after);
    } finally {
      release();
    }
  };
}

function locked(path: string): () => void {
  try {
    return lockBeside(path);
  } catch (cause) {
    throw OutputError.from(path, cause);
  }
}

function read(path: string): ReturnType<typeof parseCookieFile> {
  try {
    return parseCookieFile(readFileSync(path, 'utf8'));
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw InputError.from(path, cause);
    throw new InputError(path, `it is not a cookie file: ${cause.message}`, { cause });
  }
}

async function write(path: string, text: string): Promise<void> {
  const file = await openWholeFile(path, { overwrite: true });
  await file.write(text);
  await file.close();
}
