// A timer fires up to about a millisecond late; short intervals would lose a good part of their rate to that.
const shortIntervalMs = 20;
const lateTimerMs = 2;

/** How far apart starts are, and how much of being late may be made up for. */
export interface Rate {
  /** Milliseconds from one start to the next; 0 is no rate. */
  readonly intervalMs: number;
  /** How many milliseconds before its due time a start is allowed. */
  readonly toleranceMs: number;
}

/**
 * Evenly spaced starts: a rate of `perSecond`, with a burst of one. Nothing is saved up while idle or stopped.
 *
 * From 20 ms between the starts (50/s and slower) no gap is ever shorter than the interval. Faster rates make up for
 * at most 2 ms of being late, as timers are coarse: 1000/s may start three at once, and is 1000/s in the long run.
 *
 * The Generic Cell Rate Algorithm in its virtual scheduling form (ITU-T I.371; ATM Forum, Traffic Management
 * Specification 4.0, 1996). All that is kept of the past is one number, the due time (there: theoretical arrival time,
 * TAT) in milliseconds on a monotonic clock; 0 before the first start. Once it has passed, it may be forgotten.
 *
 * @param perSecond starts per second; left out or `Infinity`: as many as you like.
 */
export function rateOf(perSecond: number = Infinity): Rate {
  const intervalMs = 1000 / perSecond;
  return { intervalMs, toleranceMs: intervalMs < shortIntervalMs ? lateTimerMs : 0 };
}

/** From when on the next start is allowed, in milliseconds. */
export function rateOpenAt(dueAt: number, rate: Rate): number {
  return dueAt - rate.toleranceMs;
}

/** The due time after a start at `now`, in milliseconds. */
export function dueAfterStart(dueAt: number, now: number, rate: Rate): number {
  return Math.max(dueAt, now) + rate.intervalMs;
}
