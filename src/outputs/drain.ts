import type { FetchResult } from '../http/result.ts';

/** Takes every result of a run; a promise says that it must not be given more for now. */
export type Sink = (result: FetchResult) => Promise<void> | void;

/**
 * Gives every result to every sink, in order: the one loop over the results of a run. The first error, of the source or of
 * a sink, ends it, and with it the run: leaving the loop closes the source.
 */
export async function drain(results: AsyncIterable<FetchResult>, sinks: readonly Sink[]): Promise<void> {
  for await (const result of results) {
    for (const sink of sinks) {
      const room = sink(result);
      // Awaiting what is not a promise would still cost a turn of the queue for each result.
      if (room !== undefined) await room;
    }
  }
}
