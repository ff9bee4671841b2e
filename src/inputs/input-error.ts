import { printable } from '../text/printable.ts';
import { systemCode } from '../text/system-code.ts';

/** A list that cannot be read. The message is one line: which list, why, and what to do. */
export class InputError extends Error {
  constructor(name: string, reason: string, options?: ErrorOptions) {
    super(`Cannot read ${shownName(name)}: ${reason}`, options);
  }

  /** Wraps a system error. */
  static from(name: string, cause: unknown): InputError {
    if (cause instanceof InputError) return cause;
    const code = systemCode(cause);
    return new InputError(name, reasons.get(code) ?? `the system says ${code || String(cause)}`, { cause });
  }
}

const reasons = new Map([
  ['ENOENT', 'no such file; check the path'],
  ['ENOTDIR', 'a part of its path is not a directory; check the path'],
  ['EACCES', 'permission denied; check who may read it'],
  ['EPERM', 'permission denied; check who may read it'],
  ['EISDIR', 'it is a directory; name a file'],
  ['ELOOP', 'its symbolic links form a loop'],
  ['ENAMETOOLONG', 'its name is too long'],
  ['ENXIO', 'it is a socket or a device that cannot be read'],
  ['EIO', 'the device failed while it was being read (EIO)'],
  ['EMFILE', 'too many files are open; raise the limit with ulimit -n'],
  ['ERR_INVALID_ARG_VALUE', 'its name contains a NUL character'],
]);

function shownName(name: string): string {
  return name === '-' ? 'standard input' : printable(name);
}
