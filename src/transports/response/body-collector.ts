import { ByteBlocks } from '../../collections/byte-blocks.ts';
import { decodeAtOnce } from './decoding/decode-at-once.ts';
import { createDecoder, type Decoder } from './decoding/decoder.ts';
import { FetchError } from '../../http/error.ts';
import type { BodyWriter } from '../../http/body-writer.ts';
import { writerError } from '../../http/own-function.ts';

/** The events of a {@link BodyCollector}. */
export interface BodyEvents {
  /** Called when there is room again, after a `write()` that returned `false`. */
  onDrain(): void;
  /** Called with the number of bytes that were added to those kept. */
  onKept(bytes: number): void;
  /** Called when the body is complete. */
  onEnd(): void;
  /** Called when the body is too large or cannot be decoded. */
  onError(error: FetchError): void;
}

/** Where a body goes: kept in memory, counted and dropped, or given to a writer. */
export type BodySink = 'buffer' | 'discard' | BodyWriter;

/** Coded pieces below this size are gathered before they are decoded, and a body below it is decoded at once. */
const minDecodedAtOnceBytes = 16 * 1024;

/** Collects the body of one response: decodes it, counts it, holds it to its limit, and keeps it if it is wanted. */
export class BodyCollector {
  /** Bytes after decoding. */
  length = 0;
  /** Bytes as received. */
  wireLength = 0;
  readonly #maxBytes: number;
  readonly #events: BodyEvents;
  readonly #kept: ByteBlocks | undefined;
  readonly #writer: BodyWriter | undefined;
  readonly #decoder: Decoder | undefined;
  readonly #encoding: string | undefined;
  #isDestroyed = false;
  /** Small coded pieces that the decoder has not got yet. */
  #gathered: ByteBlocks | undefined;
  #flushing: NodeJS.Immediate | undefined;

  /** @param maxBytes the most bytes of the decoded body */
  constructor(encoding: string | undefined, sink: BodySink, maxBytes: number, events: BodyEvents) {
    this.#maxBytes = maxBytes;
    this.#events = events;
    this.#kept = sink === 'buffer' ? new ByteBlocks() : undefined;
    this.#writer = typeof sink === 'string' ? undefined : sink;
    this.#encoding = encoding;
    this.#decoder = encoding ? this.#createDecoder(encoding) : undefined;
  }

  /** Takes wire bytes. The chunk is valid only during the call, so what is kept is copied. `false` asks to wait for `onDrain`. */
  write(chunk: Uint8Array): boolean {
    this.wireLength += chunk.length;
    if (this.#writer?.see !== undefined) this.#show(this.#writer, chunk);
    if (this.#decoder) return this.#decode(this.#decoder, chunk);
    if (!this.#count(chunk)) return true;
    if (this.#kept) {
      this.#kept.appendCopy(chunk);
      this.#events.onKept(chunk.length);
    }
    return this.#writer === undefined || this.#give(this.#writer, chunk);
  }

  /** Continues after the writer's `write()` returned false. */
  drain(): void {
    if (this.#decoder) this.#decoder.resume();
    else this.#events.onDrain();
  }

  /** Ends the body: there are no more wire bytes. */
  end(): void {
    if (!this.#decoder) return this.#end();
    if (this.#endAtOnce()) return;
    this.#flush(this.#decoder);
    this.#decoder.end();
  }

  /** Returns the whole body; undefined if it was not kept. */
  bytes(): Uint8Array | undefined {
    return this.#kept?.join();
  }

  /** Bytes kept so far. */
  get keptBytes(): number {
    return this.#kept?.length ?? 0;
  }

  /** Pauses the decoder, which may have more to give than it was given. */
  pause(): void {
    this.#decoder?.pause();
  }

  resume(): void {
    this.#decoder?.resume();
  }

  /** Stops the decoder and frees its memory. */
  destroy(): void {
    this.#isDestroyed = true;
    clearImmediate(this.#flushing);
    this.#decoder?.destroy();
  }

  #createDecoder(encoding: string): Decoder | undefined {
    return createDecoder(encoding, {
      onData: (chunk) => this.#take(chunk) || this.#decoder!.pause(),
      onDrain: () => this.#events.onDrain(),
      onEnd: () => this.#end(),
      onError: (error) => this.#events.onError(error),
    });
  }

  /** A decoder's queue takes some 200 bytes for each piece, so it gets small ones together. */
  #decode(decoder: Decoder, chunk: Uint8Array): boolean {
    if (chunk.length >= minDecodedAtOnceBytes) {
      this.#flush(decoder);
      // The decoder works later, on another thread.
      return decoder.write(new Uint8Array(chunk));
    }
    this.#gathered ??= new ByteBlocks();
    this.#gathered.appendCopy(chunk);
    if (this.#gathered.length >= minDecodedAtOnceBytes) return this.#flush(decoder);
    if (this.#flushing === undefined) this.#flushWhenIdle(decoder);
    return true;
  }

  /** Decodes the whole body now, if it is small and none of it went to the decoder. Returns false if that cannot be. */
  #endAtOnce(): boolean {
    if (this.#gathered?.length !== this.wireLength) return false;
    const body = decodeAtOnce(this.#encoding!, this.#gathered.join());
    if (body === undefined) return false;
    clearImmediate(this.#flushing);
    this.#take(body);
    // It may have been too large.
    if (!this.#isDestroyed) this.#end();
    return true;
  }

  #flushWhenIdle(decoder: Decoder): void {
    this.#flushing = setImmediate(() => {
      if (decoder.isBusy) this.#flushWhenIdle(decoder);
      else this.#flush(decoder);
    });
  }

  #flush(decoder: Decoder): boolean {
    clearImmediate(this.#flushing);
    this.#flushing = undefined;
    const gathered = this.#gathered;
    this.#gathered = undefined;
    return gathered === undefined || decoder.write(gathered.join());
  }

  /** Takes a decoded chunk, which is ours. False asks to wait for the writer. */
  #take(chunk: Uint8Array): boolean {
    if (!this.#count(chunk)) return true;
    if (this.#kept) {
      this.#kept.append(chunk);
      this.#events.onKept(chunk.length);
    }
    return this.#writer === undefined || this.#give(this.#writer, chunk);
  }

  /** Counts decoded bytes. Returns false if they are too many. */
  #count({ length }: Uint8Array): boolean {
    this.length += length;
    if (this.length <= this.#maxBytes && !this.#isBomb()) return true;
    this.#events.onError(tooLarge(this.#maxBytes));
    return false;
  }

  /** Without a small limit, a few megabytes of coded data could fill a disk. */
  #isBomb(): boolean {
    return this.length > minBombBytes && this.length > maxInflation * this.wireLength && this.#decoder !== undefined;
  }

  #show(writer: BodyWriter, wireBytes: Uint8Array): void {
    try {
      writer.see!(wireBytes);
    } catch (cause) {
      this.#events.onError(writerError(cause));
    }
  }

  #give(writer: BodyWriter, chunk: Uint8Array): boolean {
    try {
      return writer.write(chunk);
    } catch (cause) {
      this.#events.onError(writerError(cause));
      return true;
    }
  }

  #end(): void {
    const writer = this.#writer;
    if (writer === undefined) return this.#events.onEnd();
    const end = async (): Promise<void> => writer.end();
    end().then(
      () => this.#events.onEnd(),
      (cause: unknown) => this.#events.onError(writerError(cause)),
    );
  }
}

const minBombBytes = 1_000_000_000;
const maxInflation = 200;

/** Makes the error of a body that is over its limit. */
export function tooLarge(maxBodyBytes: number): FetchError {
  return new FetchError('BODY_TOO_LARGE', `The body is larger than ${maxBodyBytes} bytes`);
}
