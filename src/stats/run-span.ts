import type { ResultRecord } from '../http/record.ts';

/** What of a record tells when its request waited, started and ended. */
type Timed = Pick<ResultRecord, 'at' | 'elapsedMs' | 'attempts' | 'timingsMs'> & { readonly redirects?: number };

/**
 * Measures how long a recorded run took, from the first request that waited or started to the last end. Records tell their
 * start and the time that they waited in all; `elapsedMs` leaves out the waits between attempts, such as those for a host that
 * does not answer. So the end is exact if the last request was read at the start, as in any list of up to 20,000, and never
 * too late.
 */
export class RunSpan {
  #firstMs = Infinity;
  #lastMs = -Infinity;
  /** The longest time from being read to the end of a request. */
  #longestMs = 0;

  /** Adds a record. */
  add({ at, elapsedMs, attempts, redirects = 0, timingsMs: { queue = 0 } = {} }: Timed): void {
    this.#longestMs = Math.max(this.#longestMs, queue + elapsedMs);
    const startMs = Date.parse(at ?? '');
    if (Number.isNaN(startMs)) return;
    // Only of a request that was sent once, the whole wait was before the start.
    const waitedMs = attempts <= 1 && redirects === 0 ? queue : 0;
    this.#firstMs = Math.min(this.#firstMs, startMs - waitedMs);
    this.#lastMs = Math.max(this.#lastMs, startMs + elapsedMs);
  }

  /** Milliseconds; 0 if nothing was sent. */
  get wallMs(): number {
    return this.#firstMs === Infinity ? 0 : Math.max(this.#lastMs - this.#firstMs, this.#longestMs);
  }
}
