import { FetchError } from '../../http/error.ts';
import { printable } from '../../text/printable.ts';
import { systemCode } from '../../text/system-code.ts';

const fullCodes = new Set(['ENOSPC', 'EDQUOT']);

/** Names an error of the file system: `DISK_FULL` where no room is left, else `FILE_IO`. */
export function fileError(cause: unknown, path: string): FetchError {
  if (cause instanceof FetchError) return cause;
  const code = systemCode(cause);
  return fullCodes.has(code)
    ? new FetchError('DISK_FULL', `No disk space left to save ${printable(path)}`, { cause })
    : new FetchError('FILE_IO', `Cannot save ${printable(path)}: ${code || String(cause)}`, { cause });
}
