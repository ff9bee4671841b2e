import { appendFileSync, closeSync, mkdirSync, openSync, readSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { OutputError } from '../outputs/files/output-error.ts';
import { compress, decompress, type Packed } from './wire.ts';

/**
 * A list grouped by host on disk: each request goes to one of some hundred parts, by a hash of its host, in compressed
 * blocks. A short list stays in memory.
 */
export class Spool {
  readonly #folder: string;
  readonly #parts: readonly Part[] = Array.from({ length: partCount }, () => ({ text: '', offset: 0, size: 0 }));
  #hasFolder = false;

  /** @param folder is made when it is needed; what an earlier run left there is removed */
  constructor(folder: string) {
    this.#folder = folder;
    this.#remove();
  }

  /** Adds a request. Throws an `OutputError` if it cannot be written. */
  add({ key, line }: Packed): void {
    const number = partOf(key);
    const part = this.#parts[number]!;
    part.text += `${key}\t${line}\n`;
    if (part.text.length >= blockLength) this.#flush(number, part);
  }

  /** Tells whether a part has more requests. */
  hasMore(number: number): boolean {
    const { offset, size, text } = this.#parts[number]!;
    return offset < size || text !== '';
  }

  /** Reads the next block of a part. Throws an `OutputError` if it cannot be read. */
  next(number: number): Packed[] {
    const part = this.#parts[number]!;
    const text = part.offset < part.size ? this.#readBlock(number, part) : part.text;
    if (text === part.text) part.text = '';
    return text.split('\n', -1).slice(0, -1).map(packedOf);
  }

  /** Removes the files. */
  close(): void {
    this.#remove();
  }

  #flush(number: number, part: Part): void {
    const body = compress(part.text);
    const head = Buffer.alloc(headBytes);
    head.writeUInt32LE(body.length);
    try {
      if (!this.#hasFolder) mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      this.#hasFolder = true;
      appendFileSync(this.#path(number), Buffer.concat([head, body]), { mode: 0o600 });
    } catch (cause) {
      throw OutputError.from(this.#folder, cause);
    }
    part.size += headBytes + body.length;
    part.text = '';
  }

  #readBlock(number: number, part: Part): string {
    try {
      const file = openSync(this.#path(number), 'r');
      try {
        const head = readAll(file, headBytes, part.offset);
        const body = readAll(file, head.readUInt32LE(), part.offset + headBytes);
        part.offset += headBytes + body.length;
        return decompress(body);
      } finally {
        closeSync(file);
      }
    } catch (cause) {
      throw OutputError.from(this.#folder, cause);
    }
  }

  #path(number: number): string {
    return join(this.#folder, `${number}.zst`);
  }

  #remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
    this.#hasFolder = false;
  }
}

/** Number of parts of a spool. */
export const partCount = 512;

/** Returns the number of the part that a host belongs to. */
export function partOf(key: string): number {
  // FNV-1a (G. Fowler, L. C. Noll, P. Vo, 1991).
  let hash = 0x811c9dc5;
  for (let at = 0; at < key.length; at += 1) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
  return (hash >>> 0) % partCount;
}

interface Part {
  /** Requests that were not written yet. */
  text: string;
  /** Bytes of the file that were read, and those it has. */
  offset: number;
  size: number;
}

/** Characters of a block before compression. */
const blockLength = 64 * 1024;
/** A block begins with the number of its bytes. */
const headBytes = 4;

function packedOf(text: string): Packed {
  const end = text.indexOf('\t');
  return { key: text.slice(0, end), line: text.slice(end + 1) };
}

function readAll(file: number, length: number, position: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  for (let done = 0; done < length;) {
    const read = readSync(file, bytes, done, length - done, position + done);
    if (read === 0) throw new Error('the file was cut');
    done += read;
  }
  return bytes;
}
