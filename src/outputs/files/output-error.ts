import { printable } from '../../text/printable.ts';
import { systemCode } from './system-code.ts';

/** An output that cannot be written. Its message is one line that says which, why, and what to do. */
export class OutputError extends Error {
  /** Whether the reader of a pipe has simply had enough, as `head` does: no fault, just the end. */
  readonly closedByReader: boolean;

  constructor(name: string, reason: string, options?: ErrorOptions) {
    super(`Cannot write to ${printable(name)}: ${reason}`, options);
    this.closedByReader = closedCodes.has(systemCode(options?.cause));
  }

  /** The same of what the system said. */
  static from(name: string, cause: unknown): OutputError {
    if (cause instanceof OutputError) return cause;
    return new OutputError(name, reasons.get(systemCode(cause)) ?? `the system says ${systemCode(cause)}`, { cause });
  }
}

const full = 'no space is left (DISK_FULL); make room, or write elsewhere';

const reasons = new Map([
  ['ENOENT', 'its directory does not exist; create it first'],
  ['ENOTDIR', 'a part of its path is not a directory; check the path'],
  ['EISDIR', 'it is a directory; name a file'],
  ['EACCES', 'permission denied; check who may write there'],
  ['EPERM', 'permission denied; check who may write there'],
  ['EROFS', 'its file system is read-only'],
  ['ENXIO', 'it is a socket or a device that cannot be written'],
  ['ELOOP', 'its symbolic links go round in a circle'],
  ['ENAMETOOLONG', 'its name is too long'],
  ['ETXTBSY', 'it is a program that is running'],
  ['EMFILE', 'too many files are open; raise the limit with ulimit -n'],
  ['ERR_INVALID_ARG_VALUE', 'its name has a NUL character in it'],
  ['EBADF', 'it is not open for writing'],
  ['EIO', 'the device failed (EIO)'],
  ['ENOSPC', full],
  ['EDQUOT', full],
  ['EFBIG', 'it is as large as a file may be (EFBIG)'],
  ['EPIPE', 'its reader has gone'],
  ['ECONNRESET', 'its reader has gone'],
]);

const closedCodes = new Set(['EPIPE', 'ECONNRESET']);
