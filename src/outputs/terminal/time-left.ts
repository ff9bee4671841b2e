/** State of a run that {@link timeLeft} estimates from. Times are in milliseconds. */
export interface Pace {
  /** Requests without a record. */
  readonly left: number;
  /** Records per second, lately. */
  readonly perSecond: number;
  /** Time since the last record. */
  readonly sinceLastMs: number;
  /** Time until the last pause of a host with pending requests ends; 0 without one. */
  readonly pausedMs: number;
}

/**
 * Estimates the milliseconds until a run is done; undefined if that cannot be estimated. An estimate that has run out, since
 * nothing was recorded for as long as all the rest should have taken, is not repeated.
 */
export function timeLeft({ left, perSecond, sinceLastMs, pausedMs }: Pace): number | undefined {
  if (perSecond === 0) return undefined;
  const byRateMs = (Math.max(0, left) * 1000) / perSecond;
  // Requests to a paused host finish after its pause, however fast the other hosts are.
  if (pausedMs > 0) return Math.max(byRateMs, pausedMs);
  const isOverdue = left > 0 && sinceLastMs > Math.max(byRateMs, minOverdueMs);
  return isOverdue ? undefined : byRateMs;
}

/** A shorter silence may be chance. */
const minOverdueMs = 2000;
