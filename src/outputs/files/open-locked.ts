import { lstatSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Output } from './batch.ts';
import { OutputError } from './output-error.ts';
import { lock } from './lock.ts';

/**
 * Opens an output to a file for this process alone: what `open` does, and all that is written until the output is closed,
 * happens under its lock. Rejects with an {@link OutputError}.
 */
export async function openLocked(path: string, open: () => Promise<Output>): Promise<Output> {
  try {
    const release = lockBeside(path);
    try {
      return releasing(await open(), release);
    } catch (error) {
      release();
      throw error;
    }
  } catch (cause) {
    throw OutputError.from(path, cause);
  }
}

function lockBeside(path: string): () => void {
  try {
    return lock(realPath(path));
  } catch (cause) {
    const isForbidden =
      cause instanceof Error && 'code' in cause && (cause.code === 'EACCES' || cause.code === 'EPERM');
    if (!isForbidden) throw cause;
    const reason = 'permission denied for a lock file beside it; check who may write to its directory';
    throw new OutputError(path, reason, { cause });
  }
}

/** Whether a path is a file, or can become one, and not a pipe, a terminal or a device. */
export function isFilePath(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() ?? true;
  } catch {
    return true;
  }
}

/** Under whatever name a file is known, its lock is one. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const real = join(realpathSync(dirname(path)), basename(path));
  // A link to where nothing is yet: the file will be there.
  const isLink = lstatSync(real, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
  return isLink ? realPath(resolve(dirname(real), readlinkSync(real))) : real;
}

function releasing(output: Output, release: () => void): Output {
  return { write: (text) => output.write(text), close: () => output.close().finally(release) };
}
