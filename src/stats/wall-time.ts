import type { ResultRecord } from '../http/record.ts';

/**
 * Measures how long a recorded run took, from the start of its first request to the end of its last. A record has no end: time
 * in our own queue is not in `elapsedMs`, and a request may wait there again before a retry. But nothing was queued before
 * the first start, as far as we can tell, so the run took at least as long as any request was queued and in flight together.
 */
export class WallTime {
  #firstMs = Infinity;
  #lastMs = -Infinity;
  #longestMs = 0;

  /** Adds a record. One that was never sent counts by its wait. */
  add({ at, elapsedMs, timingsMs }: Pick<ResultRecord, 'at' | 'elapsedMs' | 'timingsMs'>): void {
    const queueMs = timingsMs?.queue ?? 0;
    if (at === undefined) return this.#took(queueMs);
    const startMs = Date.parse(at);
    if (!(Math.abs(startMs) <= maxTimeMs && elapsedMs <= maxTimeMs)) return;
    this.#firstMs = Math.min(this.#firstMs, startMs);
    this.#lastMs = Math.max(this.#lastMs, startMs + elapsedMs);
    this.#took(queueMs + elapsedMs);
  }

  #took(ms: number): void {
    if (ms <= maxTimeMs) this.#longestMs = Math.max(this.#longestMs, ms);
  }

  /** Start and end in milliseconds since 1970; undefined if nothing was sent. */
  get span(): { readonly fromMs: number; readonly toMs: number } | undefined {
    if (this.#firstMs === Infinity) return undefined;
    return { fromMs: this.#firstMs, toMs: Math.max(this.#lastMs, this.#firstMs + this.#longestMs) };
  }

  /** Milliseconds; 0 if nothing was sent. */
  get wallMs(): number {
    const { span } = this;
    return span === undefined ? 0 : span.toMs - span.fromMs;
  }
}

/** Half of the range of a `Date`. */
const maxTimeMs = 4.32e15;
