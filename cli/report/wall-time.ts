import type { ResultRecord } from '../../src/http/record.ts';

/** Measures how long a recorded run took, from the start of its first request to the end of its last. */
export class WallTime {
  #firstMs = Infinity;
  #lastMs = -Infinity;

  /** Adds a record. Ignores one whose request was never sent. */
  add({ at, elapsedMs }: Pick<ResultRecord, 'at' | 'elapsedMs'>): void {
    const startMs = Date.parse(at ?? '');
    if (Number.isNaN(startMs)) return;
    this.#firstMs = Math.min(this.#firstMs, startMs);
    this.#lastMs = Math.max(this.#lastMs, startMs + elapsedMs);
  }

  /** Milliseconds; 0 if nothing was sent. */
  get wallMs(): number {
    return Math.max(0, this.#lastMs - this.#firstMs);
  }
}
