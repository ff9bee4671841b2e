import { readFileSync } from 'node:fs';
import { InputError } from '../../src/inputs/input-error.ts';

/** A file that a flag names, as a whole; `-` is standard input. Throws an {@link InputError}. */
export function readFile(path: string): Buffer {
  try {
    return readFileSync(path === '-' ? 0 : path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EISDIR') throw new InputError(path, 'it is a directory', { cause });
    throw InputError.from(path, cause);
  }
}
