import { setTimeout as sleep } from 'node:timers/promises';
import { createDecoder } from '../../../../src/transports/response/decoding/decoder.ts';
import type { FetchError } from '../../../../src/http/error.ts';

/** The result of decoding one body: its bytes, and the names of the events in order, without repeats in a row. */
export interface Decoded {
  readonly bytes: Buffer;
  readonly events: readonly string[];
  readonly error: FetchError | undefined;
  readonly largestChunk: number;
}

/** Decodes a whole body in chunks of one size, then waits a moment for events that must not happen. */
export async function decode(contentEncoding: string, wire: Uint8Array, chunkSize: number): Promise<Decoded> {
  const chunks: Uint8Array[] = [];
  const events: string[] = [];
  let error: FetchError | undefined;
  await new Promise<void>((resolve) => {
    const decoder = createDecoder(contentEncoding, {
      onData: (chunk) => {
        chunks.push(chunk);
        if (events.at(-1) !== 'data') events.push('data');
      },
      onEnd: () => {
        events.push('end');
        resolve();
      },
      onError: (fault) => {
        events.push('error');
        error = fault;
        resolve();
      },
      onDrain: () => {},
    });
    if (decoder === undefined) throw new Error(`Cannot decode as nothing is to be undone: ${contentEncoding}`);
    for (const chunk of split(wire, chunkSize)) decoder.write(chunk);
    decoder.end();
  });
  await sleep(2);
  const largestChunk = Math.max(0, ...chunks.map((chunk) => chunk.length));
  return { bytes: Buffer.concat(chunks), events, error, largestChunk };
}

/** Splits bytes into chunks of one size. Each is a copy, so that reading past its end is noticed. */
export function* split(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.slice(from, from + size);
}
