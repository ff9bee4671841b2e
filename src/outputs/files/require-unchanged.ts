import { fstatSync } from 'node:fs';
import { OutputError } from './output-error.ts';

/**
 * Throws an {@link OutputError} if an open file is not as we left it: what goes to one without a name is gone with the
 * process, and what goes to one that others cut or write ends up in the midst of something.
 *
 * @param size how many bytes it has to hold
 */
export function requireUnchanged(file: number, path: string, size: number): void {
  const status = fstatSync(file);
  if (status.nlink === 0) throw new OutputError(path, 'it was deleted while it was being written');
  if (status.size === size) return;
  const what = status.size < size ? 'cut' : 'written to';
  throw new OutputError(path, `it was ${what} by somebody else while it was being written`);
}
