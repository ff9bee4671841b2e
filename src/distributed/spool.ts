import { isAscii } from 'node:buffer';
import { appendFileSync, closeSync, mkdirSync, openSync, readdirSync, readSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { OutputError } from '../outputs/files/output-error.ts';
import { compress, decompressBytes, type Packed } from './wire.ts';

/** Bytes of requests that a {@link Spool} has in memory. */
export interface SpoolLimits {
  /** Of a block, before it is compressed and written. */
  readonly block: number;
  /** Of all blocks that are not full. */
  readonly all: number;
}

/**
 * Requests on disk, in queues that are called parts: files of compressed blocks in one folder. The newest requests of a
 * part wait in memory until they fill a block; all parts together have a bounded number of bytes there.
 */
export class Spool {
  readonly #folder: string;
  readonly #limits: SpoolLimits;
  readonly #parts = new Set<SpoolPart>();
  #buffered = 0;
  #opened = 0;
  #isOurs = false;
  #hasFolder = false;

  /** @param folder is made when it is needed */
  constructor(folder: string, limits: SpoolLimits = { block: 64 * 1024, all: 64 * 1024 * 1024 }) {
    this.#folder = folder;
    this.#limits = limits;
  }

  /**
   * Removes what an earlier run left in the folder. Until then, it may be another's. Throws an `OutputError` if anything else is
   * there.
   */
  claim(): void {
    this.#refuseOthers();
    this.#remove();
    this.#isOurs = true;
  }

  /** Bytes of requests in memory. */
  get buffered(): number {
    return this.#buffered;
  }

  /** Makes a part. Its methods throw an `OutputError` if the file cannot be written or read. */
  open(): SpoolPart {
    this.#opened += 1;
    const path = join(this.#folder, `${this.#opened}.zst`);
    const part: SpoolPart = new SpoolPart({
      blockBytes: this.#limits.block,
      append: (bytes) => this.#append(path, bytes),
      readBlock: (position) => this.#readBlock(path, position),
      remove: () => rmSync(path, { force: true }),
      allocated: (bytes) => this.#note(part, bytes),
    });
    return part;
  }

  /** Removes the files. */
  close(): void {
    if (this.#isOurs) this.#remove();
  }

  #note(part: SpoolPart, bytes: number): void {
    this.#buffered += bytes;
    if (bytes > 0) this.#parts.add(part);
    else this.#parts.delete(part);
    if (this.#buffered > this.#limits.all) for (const some of this.#parts) some.flush();
  }

  #append(path: string, bytes: Uint8Array): void {
    try {
      if (!this.#hasFolder) mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      this.#hasFolder = true;
      appendFileSync(path, bytes, { mode: 0o600 });
    } catch (cause) {
      throw OutputError.from(this.#folder, cause);
    }
  }

  #readBlock(path: string, position: number): Block {
    try {
      const file = openSync(path, 'r');
      try {
        const head = readAll(file, headBytes, position);
        const body = readAll(file, head.readUInt32LE(), position + headBytes);
        return { bytes: decompressBytes(body), size: headBytes + body.length };
      } finally {
        closeSync(file);
      }
    } catch (cause) {
      if (isSystemError(cause) && cause.code !== 'ENOENT') throw OutputError.from(this.#folder, cause);
      const reason = 'a file in it was cut or removed by another process; --resume continues the run';
      throw new OutputError(this.#folder, reason, { cause });
    }
  }

  #refuseOthers(): void {
    let names: readonly string[];
    try {
      names = readdirSync(this.#folder);
    } catch (cause) {
      if (isSystemError(cause) && cause.code === 'ENOENT') return;
      throw OutputError.from(this.#folder, cause);
    }
    if (names.every((name) => /^\d+\.zst$/.test(name))) return;
    throw new OutputError(
      this.#folder,
      'it holds files of somebody else, and the list is kept there during a run; remove it or name another output',
    );
  }

  #remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
    this.#hasFolder = false;
  }
}

interface Block {
  /** Its requests. */
  readonly bytes: Buffer;
  /** Bytes that it has in the file. */
  readonly size: number;
}

/** What a part asks of its spool. */
interface PartFile {
  /** Bytes that fill a block. */
  readonly blockBytes: number;
  append(bytes: Uint8Array): void;
  /** Reads the block at a position in the file. */
  readBlock(position: number): Block;
  remove(): void;
  /** Notes that so many bytes of memory were taken, or given back. */
  allocated(bytes: number): void;
}

/** A queue of requests: the oldest in a file, the newest in memory. */
class SpoolPart {
  readonly #file: PartFile;
  #count = 0;
  /** Requests that were not written yet, from `#tailStart` to `#tailEnd`. */
  #tail: Buffer = none;
  #tailStart = 0;
  #tailEnd = 0;
  /** Bytes of the file, and the beginning of the block that is read next. */
  #size = 0;
  #offset = 0;
  /** Bytes of that block, decompressed, that were read. */
  #within = 0;

  constructor(file: PartFile) {
    this.#file = file;
  }

  /** Requests that were not read. */
  get count(): number {
    return this.#count;
  }

  add(key: string, line: string): void {
    const text = `${key}\t${line}\n`;
    // UTF-8 has at most three bytes for each unit of UTF-16.
    const added = this.#tail.length - this.#tailEnd < 3 * text.length ? this.#grow(3 * text.length) : 0;
    this.#tailEnd += this.#tail.write(text, this.#tailEnd);
    this.#count += 1;
    // This may have the spool flush its parts.
    if (added > 0) this.#file.allocated(added);
    if (this.#tailEnd >= this.#file.blockBytes) this.flush();
  }

  /** Reads the oldest requests, up to `most` and up to the end of their block; empty if there are none. */
  next(most: number = Infinity): Packed[] {
    if (this.#offset < this.#size) return this.#nextOfFile(most);
    const { packed, end } = packedOf(this.#tail.subarray(0, this.#tailEnd), this.#tailStart, most);
    this.#tailStart = end;
    this.#count -= packed.length;
    if (this.#tailStart === this.#tailEnd) this.#release();
    return packed;
  }

  /** Writes what is in memory. */
  flush(): void {
    if (this.#tailStart < this.#tailEnd) {
      const body = compress(this.#tail.subarray(this.#tailStart, this.#tailEnd));
      const head = Buffer.alloc(headBytes);
      head.writeUInt32LE(body.length);
      this.#file.append(Buffer.concat([head, body]));
      this.#size += headBytes + body.length;
    }
    this.#release();
  }

  #nextOfFile(most: number): Packed[] {
    const { bytes, size } = this.#file.readBlock(this.#offset);
    const { packed, end } = packedOf(bytes, this.#within, most);
    this.#within = end;
    this.#count -= packed.length;
    if (end === bytes.length) this.#advance(size);
    return packed;
  }

  /** Goes on to the next block. A file that was read is removed. */
  #advance(bytes: number): void {
    this.#offset += bytes;
    this.#within = 0;
    if (this.#offset < this.#size) return;
    this.#file.remove();
    this.#offset = 0;
    this.#size = 0;
  }

  /** Makes room for so many bytes. Returns by how many the tail has grown. */
  #grow(bytes: number): number {
    const { length } = this.#tail;
    const longer = Buffer.allocUnsafeSlow(Math.max(2 * length, this.#tailEnd + bytes, leastTail));
    this.#tail.copy(longer, 0, 0, this.#tailEnd);
    this.#tail = longer;
    return longer.length - length;
  }

  #release(): void {
    const { length } = this.#tail;
    this.#tail = none;
    this.#tailStart = 0;
    this.#tailEnd = 0;
    if (length > 0) this.#file.allocated(-length);
  }
}

export type { SpoolPart };

/** A block begins with the number of its bytes. */
const headBytes = 4;
const leastTail = 1024;
const none = Buffer.alloc(0);
const tab = 9;
const lineFeed = 10;

/**
 * Reads up to `most` requests of a block from a position, and returns where the rest begins. Each text is a copy: a part
 * of the text of the block would keep all of it in memory.
 */
function packedOf(block: Buffer, start: number, most: number): { readonly packed: Packed[]; readonly end: number } {
  const encoding = isAscii(block) ? 'latin1' : 'utf8';
  const packed: Packed[] = [];
  let end = start;
  let key = '';
  while (end < block.length && packed.length < most) {
    const keyEnd = block.indexOf(tab, end);
    const lineEnd = block.indexOf(lineFeed, keyEnd);
    const own = block.toString(encoding, end, keyEnd);
    // Those of one host share the text of its name.
    if (own !== key) key = own;
    packed.push({ key, line: block.toString(encoding, keyEnd + 1, lineEnd) });
    end = lineEnd + 1;
  }
  return { packed, end };
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

function isSystemError(cause: unknown): cause is NodeJS.ErrnoException {
  return cause instanceof Error && 'syscall' in cause;
}
