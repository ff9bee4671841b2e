import type { FetchError } from '../../../http/error.ts';

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
