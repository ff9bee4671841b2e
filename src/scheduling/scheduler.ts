import { systemClock, type Clock } from '../async/clock.ts';
import { maxTimerMs } from '../check.ts';
import { ConcurrencyControl } from './concurrency-control.ts';
import type { Limits } from './limits.ts';
import { measureLoad, type FetcherLoad, type MeasuredQueue } from './load.ts';

/** The part of a run queue that the {@link Scheduler} works with. */
export interface ScheduledQueue extends MeasuredQueue {
  /** Starts every request that may start now. */
  start(): void;
  /** Returns the number of requests that wait for the origin. */
  waitingFor(origin: string): number;
  /** Notes that a slot of the origin was released, or that more or less is known of it. */
  originFreed(origin: string, now: number): void;
  /** Tells whether requests wait to which an origin's robots.txt applies. */
  has(origin: string): boolean;
}

/**
 * Starts the requests of one fetcher as its limits allow. Limits and queues are pure; the scheduler gives them the
 * time, and one timer wakes them all. Runs share the limits but not their queues, so a run that stands still does not
 * hold up another.
 */
export class Scheduler {
  readonly limits: Limits;
  readonly clock: Clock;
  readonly #control: ConcurrencyControl;
  readonly #onPause: ((origin: string, until: number) => void) | undefined;
  #queues: readonly ScheduledQueue[] = [];
  #next = 0;
  #clearTimer: (() => void) | undefined;
  #timerAt = Infinity;

  /** @param onPause receives each pause that a server asks for */
  constructor(limits: Limits, clock: Clock = systemClock, onPause?: (origin: string, until: number) => void) {
    this.limits = limits;
    this.clock = clock;
    this.#onPause = onPause;
    this.#control = new ConcurrencyControl(limits);
  }

  /** Adds the queue of a run. */
  add(queue: ScheduledQueue): void {
    this.#queues = [...this.#queues, queue];
  }

  /** Removes the queue of a run that has ended. */
  remove(queue: ScheduledQueue): void {
    this.#queues = this.#queues.filter((other) => other !== queue);
  }

  /** Requests that wait for a slot, over all runs. */
  get waiting(): number {
    return this.#queues.reduce((sum, { waiting }) => sum + waiting, 0);
  }

  /** Returns the number of requests that wait for a slot of an origin, over all runs. */
  waitingFor(origin: string): number {
    return this.#queues.reduce((sum, queue) => sum + queue.waitingFor(origin), 0);
  }

  /** Gives back a slot, and starts what may start now. `isAnswered` tells whether a response came. */
  release(origin: string, isAnswered: boolean): void {
    this.limits.release(origin, this.clock.now(), isAnswered);
    this.originsFreed([origin]);
  }

  /** Looks again at origins of which more is known now, and starts what may start. */
  originsFreed(origins: readonly string[]): void {
    const now = this.clock.now();
    for (const origin of origins) for (const queue of this.#queues) queue.originFreed(origin, now);
    this.#wake();
    // What was to start later may have started now.
    if (this.#timerAt < Infinity) this.clearTimerIfIdle();
  }

  /** Tells whether requests wait to which an origin's robots.txt applies. */
  isAwaited(origin: string): boolean {
    return this.#queues.some((queue) => queue.has(origin));
  }

  /** Holds an origin back until a time in milliseconds, because its server asked for that. */
  pause(origin: string, until: number): void {
    this.#onPause?.(origin, until);
    this.limits.pause(origin, until);
    for (const queue of this.#queues) queue.originFreed(origin, this.clock.now());
  }

  /** Lowers the limit over all origins, because our own machine ran short of something. */
  decrease(message: string): void {
    this.#control.decrease(message);
  }

  /** Notes that a request was sent. After enough of them the limit over all origins rises again. */
  succeeded(): void {
    this.#control.succeeded();
  }

  /** Returns what is in flight and what waits for what, together with what only the runs know. */
  load(runs: { readonly outstanding: number; readonly unread: number }): FetcherLoad {
    return measureLoad({ limits: this.limits, queues: this.#queues, ...runs }, this.clock.now());
  }

  /** Sets the timer to a time in milliseconds, unless it is set to an earlier one. */
  wakeAt(at: number): void {
    if (at >= this.#timerAt) return;
    this.#clearTimer?.();
    this.#timerAt = at;
    // A timer rounds down, and one that is too long for Node would fire at once.
    const delayMs = Math.min(maxTimerMs, Math.max(1, Math.ceil(at - this.clock.now())));
    this.#clearTimer = this.clock.setTimer(() => {
      this.#timerAt = Infinity;
      this.#wake();
    }, delayMs);
  }

  /** Clears the timer if nothing waits: it would only keep the process alive. */
  clearTimerIfIdle(): void {
    for (const queue of this.#queues) if (queue.waiting > 0) return;
    this.close();
  }

  /** Clears the timer. */
  close(): void {
    this.#clearTimer?.();
    this.#timerAt = Infinity;
  }

  #wake(): void {
    const queues = this.#queues;
    // Another queue comes first each time, so that the few free slots go round.
    this.#next = (this.#next + 1) % queues.length;
    for (let at = 0; at < queues.length; at += 1) queues[(this.#next + at) % queues.length]?.start();
  }
}
