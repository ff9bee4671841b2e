import { maxTimerMs } from '../check.ts';
import { ConcurrencyControl } from './concurrency-control.ts';
import { Lane, type LaneEvents } from './run-queue.ts';
import type { Limits } from './limits.ts';
import { measureLoad, type FetcherLoad } from './load.ts';

/**
 * Lets the flights of one fetcher start as its limits allow. The limits and the queues are pure; here they meet the
 * clock, with one timer for all.
 */
export class Gate {
  readonly limits: Limits;
  readonly #control: ConcurrencyControl;
  #lanes: readonly Lane[] = [];
  #turn = 0;
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Infinity;

  constructor(limits: Limits) {
    this.limits = limits;
    this.#control = new ConcurrencyControl(limits);
  }

  /** A queue of its own for one run: runs share the limits, but one that stands still does not hold up another. */
  open(events: LaneEvents): Lane {
    const lane: Lane = new Lane(events, {
      limits: this.limits,
      freed: (host) => this.#freed(host),
      wakeAt: (at) => this.#wakeAt(at),
      emptied: () => this.#disarmIfIdle(),
      closed: () => (this.#lanes = this.#lanes.filter((other) => other !== lane)),
    });
    this.#lanes = [...this.#lanes, lane];
    return lane;
  }

  /** Holds a host back until a time, because it asked for that. */
  pause(host: string, until: number): void {
    this.limits.pause(host, until);
    for (const lane of this.#lanes) lane.hostChanged(host);
  }

  /** Our own machine ran short of something; fewer may be in flight from now on. */
  ranShort(message: string): void {
    this.#control.ranShort(message);
  }

  /** A request was sent; after enough of them, more may be in flight again. */
  wentWell(): void {
    this.#control.wentWell();
  }

  /** What is under way and what waits for what at `now`, with what the runs themselves know. */
  load(runs: { readonly outstanding: number; readonly unread: number }, now: number): FetcherLoad {
    return measureLoad({ limits: this.limits, lanes: this.#lanes, ...runs }, now);
  }

  /** Lets go of the timer. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timerAt = Infinity;
  }

  #freed(host: string): void {
    for (const lane of this.#lanes) lane.hostChanged(host);
    this.#wake();
  }

  #wake(): void {
    const lanes = this.#lanes;
    // Each time another lane comes first: what little is free goes round.
    this.#turn = (this.#turn + 1) % lanes.length;
    for (let at = 0; at < lanes.length; at += 1) lanes[(this.#turn + at) % lanes.length]?.start();
  }

  /** A timer for what nobody waits for any more would only keep the process alive. */
  #disarmIfIdle(): void {
    for (const lane of this.#lanes) if (lane.waiting > 0) return;
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
