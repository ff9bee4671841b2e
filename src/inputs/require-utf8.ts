import { isUtf8 } from 'node:buffer';
import { FetchError } from '../http/error.ts';
import { InputError } from './input-error.ts';

/** Returns the error of a line of a plain list that is not UTF-8. */
export function notUtf8(): FetchError {
  return new FetchError('URL_INVALID', `Line is not UTF-8: ${remedy}`);
}

const remedy = 'name the encoding of the list with --input-charset, such as windows-1252 (charset in a program)';

/**
 * Passes UTF-8 on. Throws an {@link InputError} at the first line that is not UTF-8, after the lines before it: its cells
 * could not be passed on unchanged.
 */
export async function* requireUtf8(
  chunks: AsyncIterable<Buffer>,
  name: string,
): AsyncGenerator<Buffer, void, undefined> {
  let line = 1;
  /** The first bytes of a character whose other bytes are in the next chunk. */
  let begun: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const bytes = begun.length === 0 ? chunk : Buffer.concat([begun, chunk]);
    const end = bytes.length - begunBytes(bytes);
    const text = bytes.subarray(0, end);
    if (!isUtf8(text)) {
      const before = linesBeforeDamage(text);
      if (before.length > 0) yield before;
      throw damaged(name, line + lineFeedsIn(before));
    }
    begun = Buffer.from(bytes.subarray(end));
    line += lineFeedsIn(text);
    if (text.length > 0) yield text;
  }
  if (begun.length > 0) throw damaged(name, line);
}

function damaged(name: string, line: number): InputError {
  return new InputError(name, `its line ${line} is not UTF-8; ${remedy}`);
}

/** Returns how many bytes at the end begin a character that is not complete: at most three. */
function begunBytes(bytes: Buffer): number {
  for (let count = 1; count <= Math.min(3, bytes.length); count += 1) {
    const byte = bytes[bytes.length - count]!;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return count < lengthOf(byte) ? count : 0;
  }
  return 0;
}

/** Returns the length of a character by its first byte. */
function lengthOf(first: number): number {
  return first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
}

function linesBeforeDamage(text: Buffer): Buffer {
  let start = 0;
  for (let end = text.indexOf(lineFeed); end >= 0; end = text.indexOf(lineFeed, start)) {
    if (!isUtf8(text.subarray(start, end))) break;
    start = end + 1;
  }
  return text.subarray(0, start);
}

function lineFeedsIn(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(lineFeed); at >= 0; at = bytes.indexOf(lineFeed, at + 1)) count += 1;
  return count;
}

const lineFeed = 0x0a;
