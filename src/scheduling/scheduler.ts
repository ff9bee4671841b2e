import { maxTimerMs } from '../check.ts';
import { ConcurrencyControl } from './concurrency-control.ts';
import { RunQueue, type RunQueueOwner } from './run-queue.ts';
import type { Limits } from './limits.ts';
import { measureLoad, type FetcherLoad } from './load.ts';

/**
 * Lets the flights of one fetcher start as its limits allow. The limits and the queues are pure; here they meet the
 * clock, with one timer for all.
 */
export class Scheduler {
  readonly limits: Limits;
  readonly #control: ConcurrencyControl;
  #queues: readonly RunQueue[] = [];
  #turn = 0;
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Infinity;

  constructor(limits: Limits) {
    this.limits = limits;
    this.#control = new ConcurrencyControl(limits);
  }

  /** A queue of its own for one run: runs share the limits, but one that stands still does not hold up another. */
  open(events: RunQueueOwner): RunQueue {
    const queue: RunQueue = new RunQueue(events, {
      limits: this.limits,
      freed: (host) => this.#freed(host),
      wakeAt: (at) => this.#wakeAt(at),
      emptied: () => this.#disarmIfIdle(),
      closed: () => (this.#queues = this.#queues.filter((other) => other !== queue)),
    });
    this.#queues = [...this.#queues, queue];
    return queue;
  }

  /** Holds a host back until a time, because it asked for that. */
  pause(host: string, until: number): void {
    this.limits.pause(host, until);
    for (const queue of this.#queues) queue.hostChanged(host);
  }

  /** Our own machine ran short of something; fewer may be in flight from now on. */
  decrease(message: string): void {
    this.#control.decrease(message);
  }

  /** A request was sent; after enough of them, more may be in flight again. */
  succeeded(): void {
    this.#control.succeeded();
  }

  /** What is under way and what waits for what at `now`, with what the runs themselves know. */
  load(runs: { readonly outstanding: number; readonly unread: number }, now: number): FetcherLoad {
    return measureLoad({ limits: this.limits, queues: this.#queues, ...runs }, now);
  }

  /** Lets go of the timer. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timerAt = Infinity;
  }

  #freed(host: string): void {
    for (const queue of this.#queues) queue.hostChanged(host);
    this.#wake();
  }

  #wake(): void {
    const queues = this.#queues;
    // Each time another lane comes first: what little is free goes round.
    this.#turn = (this.#turn + 1) % queues.length;
    for (let at = 0; at < queues.length; at += 1) queues[(this.#turn + at) % queues.length]?.start();
  }

  /** A timer for what nobody waits for any more would only keep the process alive. */
  #disarmIfIdle(): void {
    for (const queue of this.#queues) if (queue.waiting > 0) return;
    this.close();
  }

  #wakeAt(at: number): void {
    if (at >= this.#timerAt) return;
    clearTimeout(this.#timer);
    this.#timerAt = at;
    this.#timer = setTimeout(
      () => {
        this.#timerAt = Infinity;
        this.#wake();
      },
      // A timer rounds down, and what is longer than it can hold would fire at once.
      Math.min(maxTimerMs, Math.max(1, Math.ceil(at - performance.now()))),
    );
  }
}
