/** The queue of a run as a {@link Backpressure} sees it. */
interface QueueCounts {
  /** Requests that wait for a slot. */
  readonly waiting: number;
  /** Calls that hold a slot. */
  readonly active: number;
}

/** A run and its consumer as a {@link Backpressure} sees them. */
interface RunCounts {
  /** Requests that were read and have no result yet. */
  readonly outstanding: number;
  readonly results: {
    /** Number of unread results. */
    readonly unread: number;
    /** True while the consumer waits for a result. */
    readonly isAwaited: boolean;
  };
}

/** Decides when a run reads from its source and when it starts a request. */
export interface Backpressure {
  /** Tells whether to read one more request. The answer may depend on the one before. */
  wants(queue: QueueCounts, run: RunCounts): boolean;
  /** Tells whether this run allows one more request to start. */
  mayStart(active: number, unread: number): boolean;
  /** Least milliseconds between two starts. */
  readonly intervalMs: number;
}

const maxBatch = 256;

/**
 * Keeps `concurrency` requests in flight; an unread result keeps its place. Up to `readAhead` requests are read ahead,
 * so that a busy origin does not hide the others.
 */
export function manyAtOnce(concurrency: number, readAhead: number): Backpressure {
  // Requests are read in batches: one by one, as each finishes, would cost several times as much. A short read-ahead
  // has small batches, or a busy origin would hide the others until nearly all that waits for it has started.
  const low = readAhead - Math.min(maxBatch, Math.trunc(readAhead / 64));
  let isReading = true;
  return {
    wants({ waiting, active }, { results: { unread } }) {
      if (unread >= concurrency) return false;
      isReading = waiting < (isReading ? readAhead : low);
      // Without a read-ahead, one more is wanted when it could start at once.
      return isReading || (waiting === 0 && active + unread < concurrency);
    },
    mayStart: (active, unread) => active + unread < concurrency,
    intervalMs: 0,
  };
}

/** Sends one request at a time, each when its result is asked for. */
export const oneAtATime = (intervalMs: number): Backpressure => ({
  wants: (_, { outstanding, results }) => outstanding === 0 && results.isAwaited,
  mayStart: () => true,
  intervalMs,
});
