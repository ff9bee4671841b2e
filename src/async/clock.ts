/** A source of time. Every part that waits is given one, so that tests can move the time by hand. */
export interface Clock {
  /** The current time in milliseconds, on a monotonic clock. */
  now(): number;
  /** Calls `callback` once, `delayMs` milliseconds from now. Returns a function that clears the timer. */
  setTimer(callback: () => void, delayMs: number): () => void;
}

/** The clock of `performance.now()`, with the timers of Node. */
export const systemClock: Clock = {
  now: () => performance.now(),
  setTimer(callback, delayMs) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};
