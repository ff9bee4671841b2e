import type { Transform } from 'node:stream';
import zlib from 'node:zlib';
import { FetchError } from '../../../http/error.ts';
import type { Coding } from './content-encoding.ts';
import { ZstdFrames } from './zstd-frames.ts';

/**
 * What comes of a `Decoder`: data any number of times, then exactly one of end and error, and nothing after that
 * or after `destroy()`. Data comes later, never while a method runs; an end or an error may come while `write()` or
 * `end()` runs.
 */
export interface DecoderEvents {
  /** At most 16 KB, often a small view of a larger buffer: who keeps it should copy it. */
  onData(chunk: Uint8Array): void;
  /** Only after `Decoder.end()`: every wire byte was read and the coded data was whole. */
  onEnd(): void;
  /** `DECODE_FAILED`, `ENCODING_UNSUPPORTED` or `LOCAL_MEMORY`. The decoder has destroyed itself. */
  onError(error: FetchError): void;
  /** There is room again after a `write()` that returned `false`; not if the decoder was ended meanwhile. */
  onDrain(): void;
}

type ZlibStream = Transform & Pick<zlib.Zlib, 'bytesWritten'>;

const options = {
  // What a bomb delivers at least before it can be stopped, and what every body costs at least.
  chunkSize: 16 * 1024,
  // Two full socket reads: with Node's 64 KB each of them would pause its socket.
  writableHighWaterMark: 128 * 1024,
};

// RFC 9659: a zstd window for HTTP is 8 MB at most. Node's own limit is 128 MB, which one header byte can ask for.
const zstdOptions = { ...options, params: { [zlib.constants.ZSTD_d_windowLogMax]: 23 } };

/**
 * The decoder for one coding. Whatever is not exactly the coded data is an error, as in curl: corrupt or truncated data, and
 * also anything after its end. (Node is of two minds: it refuses garbage after gzip, lets NULs after gzip pass and
 * everything after the others. Browsers let it all pass.) More gzip members and zstd frames are data.
 */
export class Stage {
  readonly #coding: Coding;
  readonly #events: DecoderEvents;
  readonly #frames: ZstdFrames | undefined;
  #stream: ZlibStream | undefined;
  #written = 0;
  #paused = false;
  #closed = false;

  constructor(coding: Coding, events: DecoderEvents) {
    this.#coding = coding;
    this.#events = events;
    this.#frames = coding === 'zstd' ? new ZstdFrames() : undefined;
  }

  write(chunk: Uint8Array): boolean {
    if (this.#closed || chunk.length === 0) return true;
    // Not earlier: many bodies with a label have no bytes, and deflate must see one first.
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
    this.#stream?.resume();
  }

  destroy(): void {
    this.#closed = true;
    // A native call that runs now still fills its one chunk, in the thread pool; then the handle is freed.
    this.#stream?.destroy();
  }

  #open(firstChunk: Uint8Array): ZlibStream | undefined {
    try {
      const stream = createStream(this.#coding, firstChunk);
      if (this.#paused) stream.pause();
      return stream
        .on('data', (chunk: Uint8Array) => this.#closed || this.#events.onData(chunk))
        .on('drain', () => this.#closed || this.#events.onDrain())
        .on('error', (error) => this.#fail(error.message, error))
        .on('end', () => this.#verify(stream));
    } catch (error) {
      this.#fail('no decoder', error);
      return undefined;
    }
  }

  #feed(stream: ZlibStream, chunk: Uint8Array): boolean {
    this.#written += chunk.length;
    return stream.write(chunk);
  }

  // One frame a write: Node 22 drops whatever follows the end of a frame in the same write, without an error.
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

  // Node ends the stream of itself when it meets bytes after the coded data, and never reads those.
  #verify(stream: ZlibStream): void {
    if (stream.bytesWritten < this.#written) this.#fail('bytes after the end of the coded data');
    // Node 22 has no error for truncated zstd.
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
  switch (coding) {
    case 'gzip':
      return zlib.createGunzip(options);
    case 'deflate':
      return hasZlibHeader(firstChunk) ? zlib.createInflate(options) : zlib.createInflateRaw(options);
    case 'br':
      return zlib.createBrotliDecompress(options);
    case 'zstd':
      return zlib.createZstdDecompress(zstdOptions);
    default:
      return coding satisfies never;
  }
}

// Some servers send deflate without its zlib wrapper. The first byte tells: read as raw data, a zlib header's would be
// a stored block with padding bits set, which nobody writes.
function hasZlibHeader([first = 0]: Uint8Array): boolean {
  return (first & 0x0f) === 8;
}

function isOutOfMemory(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && /Z_MEM_ERROR|ALLOC|INITIALIZATION/i.test(String(cause.code));
}
