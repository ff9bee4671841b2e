/** A quota as a response told it. */
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
}

/** What a host has left and what wants it, as {@link Quota.openAt} sees it. */
export interface Demand {
  readonly now: number;
  readonly waiting: number;
  readonly inFlight: number;
}

/**
 * The quota that a host last told. If all that waits fits in, nothing is held back; otherwise what is left is shared
 * out over the time until the reset. Times are in milliseconds of one monotonic clock.
 */
export class Quota {
  readonly #maxWaitMs: number;
  #remaining = Infinity;
  #resetAt = -Infinity;
  #heardStartedAt = -Infinity;
  #lastStartAt = -Infinity;
  #sharedPerSecond: number | undefined;

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
    // Those in flight may not be counted in what the server told.
    const left = this.#remaining - inFlight;
    if (waiting <= left) return -Infinity;
    if (left <= 0) return this.#remaining > 0 ? Infinity : this.#resetAt;
    if (this.#isFar(now)) return -Infinity;
    const intervalMs = (this.#resetAt - this.#lastStartAt) / (left + 1);
    this.#sharedPerSecond = 1000 / intervalMs;
    return this.#lastStartAt + intervalMs;
  }

  /** Tells whether the quota is used up and its reset is too far off to wait for. */
  rejects(now: number): boolean {
    return this.#remaining <= 0 && this.#isFar(now);
  }

  /** Returns what it was told, for another process. */
  save(now: number): QuotaState {
    return {
      remaining: this.#remaining,
      resetAt: this.#resetAt - now,
      lastStartAt: this.#lastStartAt - now,
      ...(this.#sharedPerSecond !== undefined && { sharedPerSecond: this.#sharedPerSecond }),
    };
  }

  /** Goes on with what was saved at a time of the present clock. */
  restore(state: QuotaState, savedAt: number): void {
    this.#remaining = state.remaining;
    this.#resetAt = savedAt + state.resetAt;
    this.#lastStartAt = savedAt + state.lastStartAt;
    this.#sharedPerSecond = state.sharedPerSecond;
  }

  #isFar(now: number): boolean {
    return this.#resetAt - now > this.#maxWaitMs;
  }
}
