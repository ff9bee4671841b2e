import { readFileSync } from 'node:fs';
import { InputError } from '../../src/inputs/input-error.ts';

/** Reads a whole file that a flag names; `-` is standard input. Throws an {@link InputError}. */
export function readFile(path: string): Buffer {
  try {
    return readFileSync(path === '-' ? 0 : path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EISDIR') throw new InputError(path, 'it is a directory', { cause });
    throw InputError.from(path, cause);
  }
}

/** Reads the values of `-d`: text, or `@` and the name of a file. Joins several with `&`, as curl does. */
export function readBody(parts: readonly string[]): Buffer | undefined {
  if (parts.length === 0) return undefined;
  const pieces = parts.map((part) => (part.startsWith('@') ? readFile(part.slice(1)) : Buffer.from(part)));
  return Buffer.concat(pieces.flatMap((piece, at) => (at === 0 ? [piece] : [Buffer.from('&'), piece])));
}
