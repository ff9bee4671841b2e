import { lstatSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { systemCode } from '../../text/system-code.ts';
import type { Output } from './batch.ts';
import { OutputError } from './output-error.ts';
import { lock } from './lock.ts';

/**
 * Locks a file, then opens an output to it. The lock is released when the output is closed. Rejects with an
 * {@link OutputError}.
 */
export async function openLocked<T extends Output>(path: string, open: () => Promise<T>): Promise<T> {
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

/** Locks a file under all its names, and returns the function that releases it. Throws what the system says, or an {@link OutputError}. */
export function lockBeside(path: string): () => void {
  try {
    return lock(realPath(path));
  } catch (cause) {
    const code = systemCode(cause);
    if (code !== 'EACCES' && code !== 'EPERM') throw cause;
    const reason = 'permission denied for a lock file beside it; check who may write to its directory';
    throw new OutputError(path, reason, { cause });
  }
}

/** Tells whether a path is a regular file or does not exist yet; a pipe, a terminal or a device is neither. */
export function isFilePath(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() ?? true;
  } catch {
    return true;
  }
}

/** Resolves symbolic links, so that a file has one lock under all its names. The file itself may not exist yet. */
export function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
  const real = join(realpathSync(dirname(path)), basename(path));
  // A dangling link: the file will be created where it points.
  const isLink = lstatSync(real, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
  return isLink ? realPath(resolve(dirname(real), readlinkSync(real))) : real;
}

function releasing<T extends Output>(output: T, release: () => void): T {
  const close = output.close.bind(output);
  return Object.assign(output, { close: () => close().finally(release) });
}
