import { closeSync, openSync, readSync } from 'node:fs';
import { createHash } from 'node:crypto';

const blockBytes = 1024 * 1024;

/** Reads the first `length` bytes of an open file, block by block; the bytes are valid only during the call. Throws if there are fewer. */
export function readEach(file: number, length: number, take: (bytes: Uint8Array) => void): void {
  const block = Buffer.allocUnsafe(Math.min(length, blockBytes));
  for (let at = 0; at < length;) {
    const read = readSync(file, block, 0, Math.min(block.length, length - at), at);
    if (read === 0) throw new Error('the file has become shorter');
    take(block.subarray(0, read));
    at += read;
  }
}

/** The SHA-256 of the first `length` bytes of a file, in hexadecimal. Throws if it cannot be read. */
export function sha256OfFile(path: string, length: number): string {
  const hash = createHash('sha256');
  const file = openSync(path, 'r');
  try {
    readEach(file, length, (bytes) => hash.update(bytes));
  } finally {
    closeSync(file);
  }
  return hash.digest('hex');
}
