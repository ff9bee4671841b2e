import type { Limits } from './limits.ts';

/**
 * Lowers the limit over all origins when our own machine runs short, and raises it again slowly: by one for every
 * `concurrency` requests that were sent (additive increase, as in TCP's congestion avoidance, RFC 5681 section 3.1).
 */
export class ConcurrencyControl {
  readonly #limits: Limits;
  readonly #maxConcurrency: number;
  #succeeded = 0;
  #hasWarned = false;

  constructor(limits: Limits) {
    this.#limits = limits;
    this.#maxConcurrency = limits.maxConcurrency;
  }

  /** Notes that a request could not even be sent: the machine can hold only what else is in flight. */
  decrease(message: string): void {
    this.#succeeded = 0;
    this.#limits.setConcurrency(Math.max(1, Math.min(this.#limits.concurrency, this.#limits.inFlight) - 1));
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    process.emitWarning(`${message}: slowing down, with fewer concurrent requests than allowed`, 'FetchmanyWarning');
  }

  /** Notes that a request was sent. */
  succeeded(): void {
    const { maxConcurrency } = this.#limits;
    if (maxConcurrency === this.#maxConcurrency) return;
    this.#succeeded += 1;
    if (this.#succeeded < maxConcurrency) return;
    this.#succeeded = 0;
    this.#limits.setConcurrency(maxConcurrency + 1);
  }
}
