/** A quota as a response states it. */
export interface ToldQuota {
  /** Requests that are left. */
  readonly remaining: number;
  /** Milliseconds until the quota is full again. */
  readonly resetMs: number;
}

/** A {@link Quota} as plain data. Times are in milliseconds from the moment at which it was saved. */
export interface QuotaState {
  readonly remaining: number;
  readonly resetAt: number;
  readonly lastStartAt: number;
  readonly sharedPerSecond?: number;
  readonly heardAt: number;
  readonly firstResetAt: number;
  readonly longestMs: number;
  readonly recedes: boolean;
}

/** What a host has left and what wants it, as {@link Quota.openAt} sees it. */
export interface Demand {
  readonly now: number;
  readonly waiting: number;
  readonly inFlight: number;
}

/** Milliseconds by which rounding to whole seconds may put a reset too late. */
const roundingMs = 1000;

/**
 * A sliding window frees a request only after its whole length, and a bucket states one second where it needs a fraction.
 * Spread over the stated time, the rate would settle at half of such a limit; over an eighth of it, at 8/9.
 */
const slidingHaste = 8;

/**
 * The quota that a host last stated. If all waiting requests fit in, nothing is held back; otherwise the rest of the quota
 * is spread over the time until the reset, or over an eighth of it if the reset recedes before it is reached. Times are
 * in milliseconds of one monotonic clock.
 */
export class Quota {
  readonly #maxWaitMs: number;
  #remaining = Infinity;
  #resetAt = -Infinity;
  #heardStartedAt = -Infinity;
  #lastStartAt = -Infinity;
  #sharedPerSecond: number | undefined;
  #heardAt = -Infinity;
  /** The earliest reset stated since the last one passed. */
  #firstResetAt = -Infinity;
  /** The longest time until a reset that was ever stated. */
  #longestMs = 0;
  /** True once a later reset was stated before the previous one had passed. */
  #recedes = false;

  /** A reset further off than `maxWaitMs` is not waited for. */
  constructor(maxWaitMs: number) {
    this.#maxWaitMs = maxWaitMs;
  }

  /** Milliseconds on the monotonic clock at which the quota is full again. */
  get resetAt(): number {
    return this.#resetAt;
  }

  /** Starts per second that the quota last allowed when it was shared out; undefined if it never was. */
  get sharedPerSecond(): number | undefined {
    return this.#sharedPerSecond;
  }

  /** Notes the quota in the answer to a request sent at `startedAt`. An answer to an older request is ignored. */
  heard(now: number, startedAt: number, { remaining, resetMs }: ToldQuota): void {
    if (startedAt < this.#heardStartedAt) return;
    this.#heardStartedAt = startedAt;
    this.#heardAt = now;
    this.#noteReset(now, startedAt, resetMs);
    this.#lastStartAt = Math.max(this.#lastStartAt, startedAt);
    this.#remaining = remaining;
    this.#resetAt = now + resetMs;
  }

  /** Counts a start. */
  started(now: number): void {
    this.#lastStartAt = now;
  }

  /** Returns the time from which a start is allowed; `Infinity` while requests in flight use up the rest. */
  openAt({ now, waiting, inFlight }: Demand): number {
    if (now >= this.#resetAt) return -Infinity;
    // The server may not have counted those in flight.
    const left = this.#remaining - inFlight;
    if (waiting <= left) return -Infinity;
    if (left <= 0) return this.#remaining > 0 ? Infinity : this.#refilledAt(inFlight);
    if (this.#isFar(now)) return -Infinity;
    const intervalMs = (this.#resetAt - this.#lastStartAt) / (left + 1) / this.#haste;
    this.#sharedPerSecond = 1000 / intervalMs;
    return this.#lastStartAt + intervalMs;
  }

  #noteReset(now: number, startedAt: number, resetMs: number): void {
    // A reset that was rounded up may have passed. A new one may have been stated at any time since the request was sent.
    const isBefore = now < this.#firstResetAt - roundingMs;
    if (isBefore && startedAt + resetMs - roundingMs > this.#firstResetAt) this.#recedes = true;
    this.#longestMs = Math.max(this.#longestMs, resetMs);
    const resetAt = now + resetMs;
    this.#firstResetAt = now < this.#firstResetAt ? Math.min(this.#firstResetAt, resetAt) : resetAt;
  }

  /** If a server never states more than one second, only its rounding is known. */
  get #haste(): number {
    const isRounding = this.#longestMs <= roundingMs && Math.round(this.#resetAt - this.#heardAt) === roundingMs;
    return this.#recedes || isRounding ? slidingHaste : 1;
  }

  /** If the time of the next free request is unknown, one request at a time tries. */
  #refilledAt(inFlight: number): number {
    if (this.#haste === 1) return this.#resetAt;
    return inFlight > 0 ? Infinity : this.#heardAt + (this.#resetAt - this.#heardAt) / this.#haste;
  }

  /** Tells whether the quota is used up and its reset is too far off to wait for. */
  rejects(now: number): boolean {
    return this.#remaining <= 0 && this.#isFar(now);
  }

  /** Returns what it has heard, for another process. */
  save(now: number): QuotaState {
    return {
      remaining: this.#remaining,
      resetAt: this.#resetAt - now,
      lastStartAt: this.#lastStartAt - now,
      heardAt: this.#heardAt - now,
      firstResetAt: this.#firstResetAt - now,
      longestMs: this.#longestMs,
      recedes: this.#recedes,
      ...(this.#sharedPerSecond !== undefined && { sharedPerSecond: this.#sharedPerSecond }),
    };
  }

  /** Goes on with what was saved at a time of the present clock. */
  restore(state: QuotaState, savedAt: number): void {
    this.#remaining = state.remaining;
    this.#resetAt = savedAt + state.resetAt;
    this.#lastStartAt = savedAt + state.lastStartAt;
    this.#sharedPerSecond = state.sharedPerSecond;
    this.#heardAt = savedAt + state.heardAt;
    this.#firstResetAt = savedAt + state.firstResetAt;
    this.#longestMs = state.longestMs;
    this.#recedes = state.recedes;
  }

  #isFar(now: number): boolean {
    return this.#resetAt - now > this.#maxWaitMs;
  }
}
