/** Bad answers make a good one dearer by this power of their share: the queue of a server must not be filled with them. */
const badWeight = 3;

/** The answers while so many requests were in flight, and what a good one cost. */
export class Level {
  /** Requests in flight at once. */
  readonly limit: number;
  #answers = 0;
  #good = 0;
  #sumMs = 0;
  #squares = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** Answers, the bad ones included. */
  get answers(): number {
    return this.#answers;
  }

  /** Adds an answer that took `ms` milliseconds of a slot. */
  add(ms: number, isBad: boolean): void {
    this.#answers += 1;
    if (!isBad) this.#good += 1;
    this.#sumMs += ms;
    this.#squares += ms * ms;
  }

  /** Slot time in milliseconds for each good answer. A constant share of bad ones cancels out between two levels. */
  get price(): number {
    // Half an answer in place of none, and some time in place of none: the logarithm of a price must exist.
    const perAnswer = Math.max(this.#sumMs / this.#answers, minMs);
    return perAnswer * (this.#answers / Math.max(this.#good, 0.5)) ** badWeight;
  }

  /** Standard error of the {@link price}, as a share of it. */
  get error(): number {
    const mean = Math.max(this.#sumMs / this.#answers, minMs);
    const variance = Math.max(0, this.#squares / this.#answers - mean * mean);
    const bad = 1 - this.#good / this.#answers;
    return Math.sqrt((variance / (mean * mean) + badWeight ** 2 * bad * (1 - bad)) / this.#answers);
  }
}

const minMs = 1e-3;

/** How much dearer a good answer becomes between two levels. */
export interface Elasticity {
  /** d ln(price) / d ln(limit): 0 is free capacity, 1 a full server, above 1 it serves less. */
  readonly value: number;
  /** Standard error of `value`. */
  readonly error: number;
}

/** Compares two levels that both have answers. */
export function elasticity(lower: Level, upper: Level): Elasticity {
  const width = Math.log(upper.limit / lower.limit);
  return {
    value: Math.log(upper.price / lower.price) / width,
    error: Math.hypot(lower.error, upper.error) / width,
  };
}
