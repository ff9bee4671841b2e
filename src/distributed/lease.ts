/** A time on both clocks, in milliseconds. */
export interface Moment {
  /** On the monotonic clock. */
  readonly monotonic: number;
  /** Since 1970. It goes on where a machine is suspended and the monotonic clock is not. */
  readonly wall: number;
}

/** Returns the present time. */
export function present(): Moment {
  return { monotonic: performance.now(), wall: Date.now() };
}

/** The part of a lease that is never used, so that its owner has stopped before another begins. */
const marginShare = 0.1;

/**
 * Until when a chunk is ours: from the sending of the last successful renewal, for the length of the lease less a margin
 * of a tenth. Times are arguments.
 */
export class Lease {
  readonly #validMs: number;
  #from: Moment;

  /** @param sentAt when the renewal was sent that confirmed the chunk */
  constructor(leaseMs: number, sentAt: Moment) {
    this.#validMs = leaseMs * (1 - marginShare);
    this.#from = sentAt;
  }

  /** Renews it by a renewal that was sent at a time, and has succeeded. */
  renew(sentAt: Moment): void {
    this.#from = sentAt;
  }

  /** Returns the milliseconds for which it still holds; 0 or less if it has ended. */
  leftMs(now: Moment): number {
    const passed = Math.max(now.monotonic - this.#from.monotonic, now.wall - this.#from.wall);
    return this.#validMs - passed;
  }

  /** Tells whether it holds. */
  isOpen(now: Moment): boolean {
    return this.leftMs(now) > 0;
  }
}
