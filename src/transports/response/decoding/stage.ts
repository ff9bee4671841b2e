import type { Transform } from 'node:stream';
import zlib from 'node:zlib';
import { FetchError } from '../../../http/error.ts';
import type { Coding } from './content-encoding.ts';
import { ZstdFrames } from './zstd-frames.ts';

/**
 * The events of a `Decoder`: data any number of times, then exactly one of end and error, and nothing after that or
 * after `destroy()`. Data is never delivered while a method runs; an end or an error may be, while `write()` or `end()`
 * runs.
 */
export interface DecoderEvents {
  /** Delivers at most 16 KB, often a small view of a larger buffer. */
  onData(chunk: Uint8Array): void;
  /** Follows `Decoder.end()`: every wire byte was read and the coded data was whole. */
  onEnd(): void;
  /** Delivers `DECODE_FAILED`, `ENCODING_UNSUPPORTED` or `LOCAL_MEMORY`. The decoder has destroyed itself. */
  onError(error: FetchError): void;
  /** Signals room again after a `write()` that returned `false`, unless the decoder was ended meanwhile. */
  onDrain(): void;
}

type ZlibStream = Transform & Pick<zlib.Zlib, 'bytesWritten'>;

/** The most that is delivered at once, which is the least that a bomb delivers before it can be stopped. */
const maxPieceBytes = 16 * 1024;
/** Bytes that are decoded at once. Each time costs a turn of another thread, most of the cost of a large body that comes fast. */
const smallChunkBytes = 16 * 1024;
const largeChunkBytes = 128 * 1024;
/** Eight reads over TLS: with Node's 64 KB, sockets would pause all the time. */
const writableHighWaterMark = 128 * 1024;

/** RFC 9659: a zstd window for HTTP is 8 MB at most. Node's own limit is 128 MB, which one header byte can ask for. */
export const maxZstdWindow: zlib.ZstdOptions = { params: { [zlib.constants.ZSTD_d_windowLogMax]: 23 } };

/**
 * Decodes one coding. Like curl, it accepts nothing but the coded data: corrupt or truncated data is an error, and so
 * is anything after its end. (Node refuses garbage after gzip, but ignores NULs after gzip and everything after the
 * other codings; browsers ignore it all.) Further gzip members and zstd frames are data.
 */
export class Stage {
  readonly #coding: Coding;
  readonly #events: DecoderEvents;
  readonly #frames: ZstdFrames | undefined;
  #stream: ZlibStream | undefined;
  #written = 0;
  #paused = false;
  /** Decoded bytes that came before the pause was known. */
  #held: Uint8Array | undefined;
  #closed = false;

  constructor(coding: Coding, events: DecoderEvents) {
    this.#coding = coding;
    this.#events = events;
    this.#frames = coding === 'zstd' ? new ZstdFrames() : undefined;
  }

  write(chunk: Uint8Array): boolean {
    if (this.#closed || chunk.length === 0) return true;
    // Opened late: many bodies with a coding have no bytes, and deflate must see one first.
    const stream = (this.#stream ??= this.#open(chunk));
    if (stream === undefined) return true;
    return this.#frames === undefined ? this.#feed(stream, chunk) : this.#feedFrames(stream, this.#frames, chunk);
  }

  get isBusy(): boolean {
    return !this.#closed && (this.#stream?.writableLength ?? 0) > 0;
  }

  end(): void {
    if (this.#closed) return;
    if (this.#stream === undefined) this.#finish();
    else this.#stream.end();
  }

  pause(): void {
    this.#paused = true;
    this.#stream?.pause();
  }

  resume(): void {
    this.#paused = false;
    if (this.#held) process.nextTick(() => this.#deliverHeld());
    else this.#stream?.resume();
  }

  destroy(): void {
    this.#closed = true;
    // A native call that is running fills its chunk first; then the handle is freed.
    this.#stream?.destroy();
  }

  #open(firstChunk: Uint8Array): ZlibStream | undefined {
    try {
      const stream = createStream(this.#coding, firstChunk);
      if (this.#paused) stream.pause();
      return stream
        .on('data', (chunk: Uint8Array) => this.#deliver(chunk))
        .on('drain', () => this.#closed || this.#events.onDrain())
        .on('error', (error) => this.#fail(error.message, error))
        .on('end', () => this.#verify(stream));
    } catch (error) {
      this.#fail('no decoder', error);
      return undefined;
    }
  }

  #deliver(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length && !this.#closed; at += maxPieceBytes) {
      if (this.#paused) {
        this.#held = chunk.subarray(at);
        return;
      }
      this.#events.onData(chunk.length <= maxPieceBytes ? chunk : chunk.subarray(at, at + maxPieceBytes));
    }
  }

  #deliverHeld(): void {
    const held = this.#held;
    if (held === undefined || this.#paused) return;
    this.#held = undefined;
    this.#deliver(held);
    if (!this.#paused) this.#stream?.resume();
  }

  #feed(stream: ZlibStream, chunk: Uint8Array): boolean {
    this.#written += chunk.length;
    return stream.write(chunk);
  }

  // One frame per write: Node 22 silently drops whatever follows the end of a frame in the same write.
  #feedFrames(stream: ZlibStream, frames: ZstdFrames, chunk: Uint8Array): boolean {
    let room = true;
    for (let from = 0, to = 0; from < chunk.length; from = to) {
      to = frames.advance(chunk, from);
      if (frames.position === 'lost') {
        this.#fail('not a zstd frame');
        return true;
      }
      room = this.#feed(stream, chunk.subarray(from, to));
    }
    return room;
  }

  // Node ends the stream when it meets bytes after the coded data, and never reads them.
  #verify(stream: ZlibStream): void {
    if (stream.bytesWritten < this.#written) this.#fail('bytes after the end of the coded data');
    // Node 22 reports no error for truncated zstd.
    else if (this.#frames?.position === 'inside') this.#fail('unexpected end of data');
    else this.#finish();
  }

  #finish(): void {
    if (this.#closed) return;
    this.destroy();
    this.#events.onEnd();
  }

  #fail(reason: string, cause?: unknown): void {
    if (this.#closed) return;
    this.destroy();
    const code = isOutOfMemory(cause) ? 'LOCAL_MEMORY' : 'DECODE_FAILED';
    this.#events.onError(new FetchError(code, `Cannot decode body as ${this.#coding}: ${reason}`, { cause }));
  }
}

function createStream(coding: Coding, firstChunk: Uint8Array): ZlibStream {
  const chunkSize = firstChunk.length < smallChunkBytes ? smallChunkBytes : largeChunkBytes;
  const options = { chunkSize, writableHighWaterMark };
  switch (coding) {
    case 'gzip':
      return zlib.createGunzip(options);
    case 'deflate':
      return hasZlibHeader(firstChunk) ? zlib.createInflate(options) : zlib.createInflateRaw(options);
    case 'br':
      return zlib.createBrotliDecompress(options);
    case 'zstd':
      return zlib.createZstdDecompress({ ...options, ...maxZstdWindow });
    default:
      return coding satisfies never;
  }
}

// Some servers send deflate without its zlib wrapper. The first byte tells: as raw data, that of a zlib header would
// begin a stored block with padding bits set, which no encoder writes.
export function hasZlibHeader([first = 0]: Uint8Array): boolean {
  return (first & 0x0f) === 8;
}

function isOutOfMemory(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && /Z_MEM_ERROR|ALLOC|INITIALIZATION/i.test(String(cause.code));
}
