import { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { WritableStream } from 'node:stream/web';
import type { BodyReceiver, BodyWriter, ResponseHead } from '../../http/body-writer.ts';
import { FetchError } from '../../http/error.ts';

/** A stream that can take a body. */
export type BodyStream = Writable | WritableStream<Uint8Array>;

/**
 * Writes each body to a stream of your choice: for the `responseBody` option of `createFetcher()`. The stream is ended when the
 * body is whole, and destroyed or aborted with the reason when it is cut, timed out or cancelled. Each attempt has a stream of
 * its own. A slow
 * stream slows its request down, and a stream that fails makes it fail with `FILE_IO`.
 *
 * @param open returns the stream for a response; undefined only counts its body
 *
 * @example
 * const responseBody = writeTo(({ ok, url }) => (ok ? createWriteStream(nameFor(url)) : undefined));
 * await using fetcher = createFetcher({ responseBody });
 */
export function writeTo(open: (head: ResponseHead) => BodyStream | undefined): BodyReceiver {
  return (head, control) => {
    const stream = open(head);
    if (stream === undefined) return 'discard';
    const writable = stream instanceof Writable ? stream : Writable.fromWeb(stream as never);
    writable.on('drain', () => control.drain());
    writable.on('error', (cause) => control.fail(streamError(cause)));
    return writerOf(writable);
  };
}

function writerOf(writable: Writable): BodyWriter {
  return {
    // A copy: the bytes are valid only during the call.
    write: (chunk) => writable.write(new Uint8Array(chunk)),
    async end() {
      writable.end();
      try {
        await finished(writable);
      } catch (cause) {
        throw streamError(cause);
      }
    },
    commit: () => ({}),
    abort(reason) {
      // The reason may be anything; a stream wants an error.
      writable.destroy(reason instanceof Error ? reason : new Error('The body is of no use', { cause: reason }));
    },
  };
}

function streamError(cause: unknown): FetchError {
  return cause instanceof FetchError ? cause : new FetchError('FILE_IO', 'The stream of the body failed', { cause });
}
