import { setImmediate as immediate, setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../../src/async/clock.ts';

/** Real milliseconds in which promises, and the timers of dependencies, have settled. */
const settle = (): Promise<void> => sleep(10);

/** Turns of the event loop without a timer, after which a promise will never settle. */
const maxIdleTurns = 1000;

/** A clock that stands still until a test moves it. */
export class ManualClock implements Clock {
  #now: number;
  readonly #timers = new Set<{ readonly at: number; readonly callback: () => void }>();

  /** `startMs` is any number above 0, as with the real clock. */
  constructor(startMs = 1000) {
    this.#now = startMs;
  }

  /** Timers that are set. */
  get timers(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#now;
  }

  setTimer(callback: () => void, delayMs: number): () => void {
    const timer = { at: this.#now + delayMs, callback };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** Moves the time and fires the timers on the way, each at its own moment. */
  advance(milliseconds: number): void {
    const end = this.#now + milliseconds;
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#now = Math.max(this.#now, next.at);
      this.#timers.delete(next);
      next.callback();
    }
    this.#now = end;
  }

  /** Moves the time as for a process that was stopped: what was due meanwhile fires afterwards, at one moment. */
  jump(milliseconds: number): void {
    this.#now += milliseconds;
    this.advance(0);
  }

  /** {@link advance}, and lets promises settle after each timer and at the end. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    await settle();
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.advance(Math.max(0, next.at - this.#now));
      await settle();
    }
    this.#now = end;
    await settle();
  }

  /**
   * Moves the time from timer to timer until a promise settles. A turn of the event loop lets promises settle in
   * between, so dependencies must not set timers of their own.
   */
  async runUntil<T>(promise: Promise<T>): Promise<T> {
    const state = { isSettled: false };
    const settled = promise.finally(() => (state.isSettled = true));
    let idleTurns = 0;
    while (!state.isSettled) {
      await immediate();
      await immediate();
      const next = this.#next(Infinity);
      idleTurns = next === undefined ? idleTurns + 1 : 0;
      if (idleTurns > maxIdleTurns && !state.isSettled)
        throw new Error('Nothing is left that could settle the promise');
      if (next !== undefined && !state.isSettled) this.advance(Math.max(0, next.at - this.#now));
    }
    return settled;
  }

  #next(end: number): { readonly at: number; readonly callback: () => void } | undefined {
    let next: { readonly at: number; readonly callback: () => void } | undefined;
    for (const timer of this.#timers) if (timer.at <= end && (next === undefined || timer.at < next.at)) next = timer;
    return next;
  }
}
