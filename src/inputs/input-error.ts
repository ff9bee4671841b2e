import { printable } from '../text/printable.ts';
import { systemCode } from '../text/system-code.ts';

/** An input cannot be read. The message is one line: the input, the reason, and the remedy. */
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
  ['ENOENT', 'there is no such file; check the path'],
  ['ENOTDIR', 'a part of its path is not a directory; check the path'],
  ['EACCES', 'permission denied; check who may read it'],
  ['EPERM', 'permission denied; check who may read it'],
  ['EISDIR', 'it is a directory; name a file with one URL per line'],
  ['ELOOP', 'its symbolic links go round in a circle'],
  ['ENAMETOOLONG', 'its name is too long'],
  ['ENXIO', 'it is a socket or a device that cannot be read'],
  ['EIO', 'the device failed while it was being read (EIO)'],
  ['EMFILE', 'too many files are open; raise the limit with ulimit -n'],
  ['ERR_INVALID_ARG_VALUE', 'its name has a NUL character in it'],
]);

function shownName(name: string): string {
  return name === '-' ? 'standard input' : printable(name);
}
