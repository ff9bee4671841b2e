import { createHash, type Hash } from 'node:crypto';
import { closeSync, openSync, read, rmSync, write } from 'node:fs';
import { promisify } from 'node:util';
import { ByteBlocks } from '../../collections/byte-blocks.ts';
import type { FetchError } from '../../http/error.ts';
import { fileError } from '../bodies/file-error.ts';

/** Up to here a body stays in memory. */
const maxHeldBytes = 256 * 1024;
/** All bodies in memory together. */
const maxAllHeldBytes = 64 * 1024 * 1024;
/** Above this many unwritten bytes the sender has to wait, until they are written. */
const maxUnwrittenBytes = 512 * 1024;

/** Bytes that all spools hold in memory. */
export interface SpoolMemory {
  held: number;
}

/**
 * Holds a body until its record can be written, which needs its length and its digest first: in memory, or in a file that
 * has no name any more, so that nothing of it is left behind whatever happens.
 */
export class Spool {
  /** Bytes taken. */
  length = 0;
  readonly #path: string;
  readonly #memory: SpoolMemory;
  readonly #onRoom: () => void;
  readonly #hash: Hash = createHash('sha256');
  #blocks = new ByteBlocks();
  #file: number | undefined;
  #written = 0;
  #isWriting = false;
  #isFull = false;
  #isClosed = false;
  #failure: FetchError | undefined;
  #onIdle: (() => void) | undefined;
  #digest: string | undefined;

  /**
   * @param path a name for its file that nothing else has
   * @param onRoom called once there is room again after `write()` returned false
   */
  constructor(path: string, memory: SpoolMemory, onRoom: () => void) {
    this.#path = path;
    this.#memory = memory;
    this.#onRoom = onRoom;
  }

  /** SHA-256 of the body, in hexadecimal. Nothing can be written after it was read. */
  get sha256(): string {
    this.#digest ??= this.#hash.digest('hex');
    return this.#digest;
  }

  /** Takes a copy of the next bytes. False asks to wait. */
  write(piece: Uint8Array): boolean {
    if (this.#failure || this.#isClosed) return true;
    this.#hash.update(piece);
    this.length += piece.length;
    this.#blocks.appendCopy(piece);
    this.#memory.held += piece.length;
    const isLong = this.#blocks.length > maxHeldBytes || this.#memory.held > maxAllHeldBytes;
    if (this.#file === undefined && isLong) this.#open();
    if (this.#file !== undefined) this.#writeBlocks();
    this.#isFull = this.#blocks.length > maxUnwrittenBytes;
    return !this.#isFull;
  }

  /** Resolves once the body can be read; rejects with a `FetchError`. */
  async end(): Promise<void> {
    if (this.#isWriting) await new Promise<void>((resolve) => (this.#onIdle = resolve));
    if (this.#failure) throw this.#failure;
  }

  /** The body, if it is in memory. */
  get bytes(): Uint8Array | undefined {
    return this.#file === undefined ? this.#blocks.join() : undefined;
  }

  /** Reads the body from its file. May be called again. */
  async *pieces(): AsyncGenerator<Uint8Array, void, undefined> {
    for (let at = 0; at < this.length;) {
      const piece = Buffer.allocUnsafe(Math.min(pieceBytes, this.length - at));
      const { bytesRead } = await readBytes(this.#file!, piece, 0, piece.length, at);
      if (bytesRead === 0) throw new Error('a temporary body file has become shorter');
      at += bytesRead;
      yield piece.subarray(0, bytesRead);
    }
  }

  /** Drops the body. May be called again. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#release(this.#blocks.length);
    if (!this.#isWriting) this.#closeFile();
  }

  #open(): void {
    try {
      this.#file = openSync(this.#path, 'wx+', 0o600);
      rmSync(this.#path);
    } catch (cause) {
      this.#fail(cause);
    }
  }

  #writeBlocks(): void {
    if (this.#isWriting || this.#blocks.length === 0 || this.#failure) return;
    const bytes = this.#blocks.join();
    this.#blocks = new ByteBlocks();
    this.#isWriting = true;
    this.#writeAll(bytes);
  }

  #writeAll(bytes: Uint8Array): void {
    write(this.#file!, bytes, 0, bytes.length, this.#written, (error, count) => {
      this.#written += count ?? 0;
      if (!error && count < bytes.length && !this.#isClosed) {
        this.#release(count);
        return this.#writeAll(bytes.subarray(count));
      }
      this.#release(bytes.length);
      this.#isWriting = false;
      if (this.#isClosed) return this.#closeFile();
      if (error) return this.#fail(error);
      this.#wrote();
    });
  }

  #wrote(): void {
    this.#writeBlocks();
    if (this.#isFull && this.#blocks.length <= maxUnwrittenBytes) {
      this.#isFull = false;
      this.#onRoom();
    }
    if (!this.#isWriting) this.#idle();
  }

  /** The body is lost, which its end will tell; until then its bytes are let go. */
  #fail(cause: unknown): void {
    this.#failure ??= fileError(cause, this.#path);
    this.#release(this.#blocks.length);
    this.#blocks = new ByteBlocks();
    this.#idle();
    if (this.#isFull) this.#onRoom();
    this.#isFull = false;
  }

  #idle(): void {
    this.#onIdle?.();
    this.#onIdle = undefined;
  }

  #release(bytes: number): void {
    this.#memory.held -= bytes;
  }

  #closeFile(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
    this.#blocks = new ByteBlocks();
  }
}

const pieceBytes = 256 * 1024;
const readBytes = promisify(read);
