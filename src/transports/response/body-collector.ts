import { createDecoder, type Decoder } from './decoding/decoder.ts';
import { FetchError } from '../../http/error.ts';
import type { TransportOptions } from '../options.ts';

/** What a body tells while it is collected. */
export interface BodyEvents {
  /** It can take more, after it could not. */
  onDrain(): void;
  /** It is whole. */
  onEnd(): void;
  /** It is of no use. */
  onError(error: FetchError): void;
}

/** The body of one response as it comes: decoded, counted, held to its limit, and kept if it is to be kept. */
export class BodyCollector {
  /** Bytes after decoding. */
  length = 0;
  /** Bytes as received. */
  wireLength = 0;
  readonly #maxBytes: number;
  readonly #events: BodyEvents;
  readonly #chunks: Uint8Array[] | undefined;
  readonly #decoder: Decoder | undefined;

  constructor(encoding: string | undefined, options: TransportOptions, events: BodyEvents) {
    this.#maxBytes = options.maxBodyBytes;
    this.#events = events;
    this.#chunks = options.responseBody === 'buffer' ? [] : undefined;
    this.#decoder = encoding ? this.#createDecoder(encoding) : undefined;
  }

  /** Takes wire bytes. `false` asks to wait for `onDrain`. */
  write(chunk: Uint8Array): boolean {
    this.wireLength += chunk.length;
    if (this.#decoder) return this.#decoder.write(chunk);
    this.#take(chunk);
    return true;
  }

  /** Says that there are no more wire bytes. */
  end(): void {
    if (this.#decoder) this.#decoder.end();
    else this.#events.onEnd();
  }

  /** All of it; undefined if it was not kept. */
  bytes(): Uint8Array | undefined {
    return this.#chunks && join(this.#chunks);
  }

  /** Frees what it holds. */
  destroy(): void {
    this.#decoder?.destroy();
  }

  #createDecoder(encoding: string): Decoder | undefined {
    return createDecoder(encoding, {
      // Decoded pieces are views of a larger buffer: what is kept must not keep that.
      onData: (chunk) => this.#take(this.#chunks ? Uint8Array.from(chunk) : chunk),
      onDrain: () => this.#events.onDrain(),
      onEnd: () => this.#events.onEnd(),
      onError: (error) => this.#events.onError(error),
    });
  }

  #take(chunk: Uint8Array): void {
    this.length += chunk.length;
    if (this.length > this.#maxBytes) this.#events.onError(tooLarge(this.#maxBytes));
    else this.#chunks?.push(chunk);
  }
}

/** The error of a body that is over its limit. */
export function tooLarge(maxBodyBytes: number): FetchError {
  return new FetchError('BODY_TOO_LARGE', `The body is larger than ${maxBodyBytes} bytes`);
}

function join(chunks: readonly Uint8Array[]): Uint8Array {
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
}
