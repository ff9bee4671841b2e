import { fstatSync } from 'node:fs';
import { printable } from '../../text/printable.ts';
import { systemCode } from '../../text/system-code.ts';

/** An output cannot be written. The message is one line: the output, the reason, and the remedy. */
export class OutputError extends Error {
  /** The reader of a pipe has closed it, as `head` does: an early end, not a fault. */
  readonly closedByReader: boolean;

  constructor(name: string, reason: string, options?: ErrorOptions) {
    super(`Cannot write to ${printable(name)}: ${reason}`, options);
    this.closedByReader = closedCodes.has(systemCode(options?.cause));
  }

  /** Wraps a system error. */
  static from(name: string, cause: unknown): OutputError {
    if (cause instanceof OutputError) return cause;
    const code = systemCode(cause);
    return new OutputError(name, reasons.get(code) ?? `the system says ${code || String(cause)}`, { cause });
  }
}

/**
 * Throws an {@link OutputError} if another process has deleted, cut or written to an open file: what we write to a
 * deleted file is lost with the process, and in a changed file it ends up in the middle of other content.
 *
 * @param size the size that we left it with, in bytes
 */
export function requireUnchanged(file: number, path: string, size: number): void {
  const status = fstatSync(file);
  if (status.nlink === 0) throw new OutputError(path, 'it was deleted while it was being written');
  if (status.size === size) return;
  const change = status.size < size ? 'cut' : 'written to';
  throw new OutputError(path, `it was ${change} by another process while it was being written`);
}

const full = 'no disk space left (DISK_FULL); free some, or write elsewhere';

const reasons = new Map([
  ['ENOENT', 'its directory does not exist; create it first'],
  ['ENOTDIR', 'a part of its path is not a directory; check the path'],
  ['EISDIR', 'it is a directory; name a file'],
  ['EACCES', 'permission denied; check who may write there'],
  ['EPERM', 'permission denied; check who may write there'],
  ['EROFS', 'its file system is read-only'],
  ['ENXIO', 'it is a socket or a device that cannot be written'],
  ['ELOOP', 'its symbolic links form a loop'],
  ['ENAMETOOLONG', 'its name is too long'],
  ['ETXTBSY', 'it is a running program'],
  ['EMFILE', 'too many files are open; raise the limit with ulimit -n'],
  ['ERR_INVALID_ARG_VALUE', 'its name contains a NUL character'],
  ['EBADF', 'it is not open for writing'],
  ['EIO', 'the device failed (EIO)'],
  ['ENOSPC', full],
  ['EDQUOT', full],
  ['EFBIG', 'it has reached the maximum file size (EFBIG)'],
  ['EPIPE', 'its reader has gone'],
  ['ECONNRESET', 'its reader has gone'],
]);

const closedCodes = new Set(['EPIPE', 'ECONNRESET']);
