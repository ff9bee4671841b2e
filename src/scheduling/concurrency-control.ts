import type { Limits } from './limits.ts';

/**
 * Lowers the limit over all hosts when our own machine runs short, and raises it again slowly: by one for each so many that
 * went well (additive increase, as in TCP's congestion avoidance, RFC 5681 section 3.1).
 */
export class ConcurrencyControl {
  readonly #limits: Limits;
  readonly #most: number;
  #wentWell = 0;
  #hasWarned = false;

  constructor(limits: Limits) {
    this.#limits = limits;
    this.#most = limits.concurrency;
  }

  /** One request could not even be sent. What is in flight besides it is what the machine can hold. */
  decrease(message: string): void {
    this.#wentWell = 0;
    this.#limits.setConcurrency(Math.max(1, Math.min(this.#limits.concurrency, this.#limits.inFlight) - 1));
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    process.emitWarning(`${message}: slowing down; fewer requests will be in flight than allowed`, 'FetchmanyWarning');
  }

  succeeded(): void {
    const { concurrency } = this.#limits;
    if (concurrency === this.#most) return;
    this.#wentWell += 1;
    if (this.#wentWell < concurrency) return;
    this.#wentWell = 0;
    this.#limits.setConcurrency(concurrency + 1);
  }
}
