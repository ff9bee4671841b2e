import { createHash, type Hash } from 'node:crypto';
import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, rmSync, writeSync, writev } from 'node:fs';
import type { FetchError } from '../../http/error.ts';
import { fileError } from './file-error.ts';
import { readEach } from './read-each.ts';

/** Events of a {@link BodyFile} while it is written. */
export interface BodyFileEvents {
  /** There is room again after `write()` returned false. */
  onDrain(): void;
  /** The body has become too long for memory: its part is on disk from now on. */
  onOpen?(): void;
  /** A write failed: `DISK_FULL` or `FILE_IO`. Nothing more is taken. */
  onError(error: FetchError): void;
}

/** Where the part of a body lies, and where the body goes. */
export interface BodyPlace {
  /** True if a file is synced to disk before it gets its name. */
  readonly isDurable: boolean;
  partPath(name: string): string;
  place(part: string, name: string): void;
}

/** Up to here a body is kept in memory and written at once: several times as fast as an open file per body. */
const maxSmallBytes = 64 * 1024;
/** From here on a body is written in fewer and larger pieces. */
const longBytes = 512 * 1024;
/** So many bytes are written at once: each write costs a change of threads. */
const minWrittenBytes = 128 * 1024;
const minWrittenOfLong = 256 * 1024;
/** Above this many unwritten bytes the sender has to wait, until half of them are written. */
const maxUnwrittenBytes = 512 * 1024;

/**
 * The file of one body: its bytes are hashed and written to a part while they arrive, in bounded memory, and get their
 * final name when they are whole. Pieces are copied, so a chunk need only be valid during the call.
 */
export class BodyFile {
  /** Bytes of the whole body, a continued part included. */
  length: number = 0;
  readonly #folder: BodyPlace;
  readonly #part: string;
  readonly #events: BodyFileEvents;
  readonly #hash: Hash = createHash('sha256');
  #file: number | undefined;
  #block: Buffer = Buffer.allocUnsafe(0);
  #filled = 0;
  #waiting: Buffer[] = [];
  #unwritten = 0;
  #isWriting = false;
  #isFull = false;
  /** A write failed, so that nothing can follow. */
  #isBroken = false;
  #failure: FetchError | undefined;
  #onIdle: (() => void) | undefined;
  #digest: string | undefined;

  /** @param part the name of its part; no other body may use it meanwhile */
  constructor(folder: BodyPlace, part: string, events: BodyFileEvents) {
    this.#folder = folder;
    this.#part = folder.partPath(part);
    this.#events = events;
  }

  /** SHA-256 of all bytes, in hexadecimal. Nothing can be written after it was read. */
  get sha256(): string {
    this.#digest ??= this.#hash.digest('hex');
    return this.#digest;
  }

  /**
   * Continues the part of an earlier attempt, cut to `length` bytes, which are read and hashed again. Throws a `FetchError`.
   *
   * @param see sees these bytes
   */
  continueAt(length: number, see?: (bytes: Uint8Array) => void): void {
    this.#try(() => {
      const file = openSync(this.#part, 'r+');
      this.#file = file;
      if (fstatSync(file).size < length) throw new Error('the part file has become shorter');
      ftruncateSync(file, length);
      readEach(file, length, (bytes) => {
        this.#hash.update(bytes);
        see?.(bytes);
      });
      this.length = length;
    });
  }

  /** Takes the next bytes. False asks to wait for `onDrain`. */
  write(chunk: Uint8Array): boolean {
    if (this.#failure) return true;
    this.#hash.update(chunk);
    this.length += chunk.length;
    this.#copy(chunk);
    if (this.#file === undefined && this.length > maxSmallBytes) this.#open();
    if (this.#file !== undefined && this.#unwritten >= this.#minWritten) this.#writeWaiting();
    this.#isFull = this.#unwritten > maxUnwrittenBytes;
    return !this.#isFull;
  }

  /** Resolves once everything is written, as far as it is written before the body gets its name; or rejects with the failure. */
  async end(): Promise<void> {
    if (this.#file !== undefined && this.#filled > 0) this.#passBlock();
    if (this.#file !== undefined) this.#writeWaiting();
    if (this.#isWriting) await new Promise<void>((resolve) => (this.#onIdle = resolve));
    if (this.#failure) throw this.#failure;
  }

  /** Gives the body its final name, relative to the folder. Throws a `FetchError`; then nothing is there under that name. */
  place(name: string): void {
    try {
      this.#try(() => {
        if (this.#file === undefined) this.#writeSmall();
        if (this.#folder.isDurable) fsyncSync(this.#file!);
        this.#close();
        this.#folder.place(this.#part, name);
      });
    } catch (error) {
      this.discard();
      throw error;
    }
  }

  /**
   * Drops the body. Its part stays only if it is to be continued.
   *
   * @param done called once the part is no longer written to: now, or when the write under way has ended
   */
  discard(keepsPart: boolean = false, done: () => void = () => {}): void {
    const isWhole = this.#failure === undefined;
    this.#failure ??= fileError('discarded', this.#part);
    const drop = (): void => {
      if (keepsPart && isWhole && !this.#isBroken) this.#keepRest();
      this.#close();
      if (!keepsPart) rmSync(this.#part, { force: true });
      done();
    };
    if (this.#isWriting) this.#onIdle = drop;
    else drop();
  }

  /** Writes what is still in memory. What cannot be written is asked for again. */
  #keepRest(): void {
    try {
      if (this.#filled > 0) this.#passBlock();
      this.#file ??= openSync(this.#part, 'w');
      let position = this.length - this.#unwritten;
      for (const bytes of this.#waiting) {
        writeFully(this.#file, bytes, position);
        position += bytes.length;
      }
    } catch {
      // The part is shorter.
    }
  }

  get #minWritten(): number {
    return this.length < longBytes ? minWrittenBytes : minWrittenOfLong;
  }

  #close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #copy(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length;) {
      if (this.#filled === this.#block.length) this.#nextBlock(chunk.length - at);
      const room = this.#block.length - this.#filled;
      const piece = chunk.subarray(at, at + room);
      this.#block.set(piece, this.#filled);
      this.#filled += piece.length;
      at += piece.length;
    }
  }

  /** A small body gets a block of its size: many are open at once. */
  #nextBlock(wanted: number): void {
    if (this.#filled > 0) this.#passBlock();
    const isFirst = this.length <= wanted && this.#waiting.length === 0;
    if (isFirst && wanted <= smallBlocks.bytes) this.#block = smallBlocks.take(wanted);
    else this.#block = (this.length < longBytes ? mediumBlocks : largeBlocks).take();
  }

  #passBlock(): void {
    this.#waiting.push(this.#block.subarray(0, this.#filled));
    this.#unwritten += this.#filled;
    this.#block = Buffer.allocUnsafe(0);
    this.#filled = 0;
  }

  #open(): void {
    try {
      this.#file = openSync(this.#part, 'w');
      this.#events.onOpen?.();
    } catch (cause) {
      this.#fail(cause);
    }
  }

  #writeSmall(): void {
    if (this.#filled > 0) this.#passBlock();
    this.#file = openSync(this.#part, 'w');
    for (const bytes of this.#waiting) {
      writeFully(this.#file, bytes);
      giveBack(bytes);
    }
    this.#waiting = [];
  }

  #writeWaiting(): void {
    if (this.#isWriting || this.#waiting.length === 0 || this.#failure) return;
    const blocks = this.#waiting;
    this.#waiting = [];
    this.#isWriting = true;
    this.#writeAll(blocks, this.length - this.#filled - this.#unwritten);
  }

  #writeAll(blocks: readonly Buffer[], position: number): void {
    writev(this.#file!, blocks, position, (error, written) => {
      const left = error ? [] : unwrittenOf(blocks, written);
      this.#unwritten -= written ?? 0;
      if (left.length === 0) for (const block of blocks) giveBack(block);
      if (left.length > 0) return this.#writeAll(left, position + written);
      this.#isWriting = false;
      this.#isBroken ||= error !== null;
      if (error) this.#fail(error);
      else this.#wrote();
    });
  }

  #wrote(): void {
    if (this.#isFull && this.#unwritten <= maxUnwrittenBytes / 2) {
      this.#isFull = false;
      this.#events.onDrain();
    }
    if (this.#unwritten >= this.#minWritten || this.#onIdle) this.#writeWaiting();
    if (!this.#isWriting) this.#idle();
  }

  #fail(cause: unknown): void {
    const isNew = this.#failure === undefined;
    this.#failure ??= fileError(cause, this.#part);
    this.#idle();
    if (isNew) this.#events.onError(this.#failure);
  }

  #idle(): void {
    this.#onIdle?.();
    this.#onIdle = undefined;
  }

  #try(step: () => void): void {
    if (this.#failure) throw this.#failure;
    try {
      step();
    } catch (cause) {
      this.#close();
      throw fileError(cause, this.#part);
    }
  }
}

/** Blocks of one size. Those that are written are used again: making new ones would keep the garbage collector busy. */
class Blocks {
  readonly bytes: number;
  readonly #free: ArrayBufferLike[] = [];
  /** Node's own pool may have the same size. */
  readonly #made = new WeakSet<ArrayBufferLike>();

  constructor(bytes: number) {
    this.bytes = bytes;
  }

  /** A block, or if that is all that is wanted, a tenth of one or less. */
  take(wanted = this.bytes): Buffer {
    if (wanted < this.bytes / 10) return Buffer.allocUnsafe(wanted);
    return Buffer.from(this.#free.pop() ?? this.#make());
  }

  give(buffer: ArrayBufferLike): void {
    if (this.#free.length * this.bytes < maxFreeBytes && this.#made.has(buffer)) this.#free.push(buffer);
  }

  #make(): ArrayBuffer {
    const buffer = new ArrayBuffer(this.bytes);
    this.#made.add(buffer);
    return buffer;
  }
}

/** For each size: as much as 50 large bodies use at once. What is dropped instead takes more memory until it is collected. */
const maxFreeBytes = 32 * 1024 * 1024;
const smallBlocks = new Blocks(16 * 1024);
const mediumBlocks = new Blocks(64 * 1024);
const largeBlocks = new Blocks(256 * 1024);

/** Takes a block back, or a part of one, once nobody reads it any more. */
function giveBack({ buffer }: Buffer): void {
  for (const size of [smallBlocks, mediumBlocks, largeBlocks]) size.give(buffer);
}

/** Writes all bytes, at a position or else after the last ones. */
function writeFully(file: number, bytes: Buffer, position?: number): void {
  for (let at = 0; at < bytes.length;) {
    at += writeSync(file, bytes, at, bytes.length - at, position === undefined ? null : position + at);
  }
}

function unwrittenOf(blocks: readonly Buffer[], written: number): Buffer[] {
  let rest = written;
  return blocks.flatMap((block) => {
    const gone = Math.min(rest, block.length);
    rest -= gone;
    return gone === block.length ? [] : [block.subarray(gone)];
  });
}
