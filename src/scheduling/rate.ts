// A timer fires up to about a millisecond late; short intervals would lose a good part of their rate to that.
const shortIntervalMs = 20;
const lateTimerMs = 2;

/** The interval between starts, and how much lateness may be made up for. */
export interface Rate {
  /** Milliseconds from one start to the next; 0 is no rate. */
  readonly intervalMs: number;
  /** Milliseconds before its due time at which a start is allowed. */
  readonly toleranceMs: number;
}

/**
 * Makes a rate of `perSecond` evenly spaced starts, with a burst of one. Nothing is saved up while idle or stopped.
 *
 * With an interval of 20 ms or more (50/s and slower) no gap is ever shorter than the interval. Faster rates make up
 * for at most 2 ms of lateness, as timers are coarse: 1000/s may start three at once, and is 1000/s in the long run.
 *
 * This is the Generic Cell Rate Algorithm in its virtual scheduling form (ITU-T I.371; ATM Forum, Traffic Management
 * Specification 4.0, 1996). Its only state is the due time (there: theoretical arrival time, TAT) in milliseconds on a
 * monotonic clock; 0 before the first start. A due time that has passed may be forgotten.
 *
 * @param perSecond starts per second; `Infinity` for no limit
 */
export function rateOf(perSecond: number = Infinity): Rate {
  const intervalMs = 1000 / perSecond;
  return { intervalMs, toleranceMs: intervalMs < shortIntervalMs ? lateTimerMs : 0 };
}

/** Returns the time in milliseconds from which the next start is allowed. */
export function rateOpenAt(dueAt: number, rate: Rate): number {
  return dueAt - rate.toleranceMs;
}

/** Returns the due time in milliseconds after a start at `now`. */
export function dueAfterStart(dueAt: number, now: number, rate: Rate): number {
  return Math.max(dueAt, now) + rate.intervalMs;
}
