import { Admission } from './admission.ts';
import { maxTimerMs } from './check.ts';
import { ConcurrencyControl } from './concurrency-control.ts';
import type { Flight, Slots } from './flight.ts';
import type { Limits } from './limits.ts';
import { measureLoad, type FetcherLoad, type MeasuredLane } from './load.ts';

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

/** What a lane asks of its run. */
export interface LaneEvents {
  /** The least time between two starts, in milliseconds, further attempts included. */
  readonly intervalMs: number;
  /** Whether one more may start, as far as the run goes. */
  mayStart(): boolean;
  /** A flight was admitted for the first time. */
  begin(flight: Flight): void;
}

interface Shared {
  readonly limits: Limits;
  freed(host: string): void;
  wakeAt(at: number): void;
  emptied(): void;
  closed(): void;
}

/** The queue of one run. */
export class Lane implements Slots, MeasuredLane {
  readonly #events: LaneEvents;
  readonly #shared: Shared;
  readonly #admission: Admission<Flight>;
  #active = 0;
  #nextStart = 0;

  constructor(events: LaneEvents, shared: Shared) {
    this.#events = events;
    this.#shared = shared;
    this.#admission = new Admission(shared.limits);
  }

  /** How many flights wait. */
  get waiting(): number {
    return this.#admission.waiting;
  }

  /** How many hold a slot. */
  get active(): number {
    return this.#active;
  }

  offer(flight: Flight): void {
    this.#admission.offer(flight);
  }

  /** Takes out a flight that waits. */
  withdraw(flight: Flight): void {
    this.#admission.remove(flight);
    this.#shared.emptied();
  }

  /** Starts all that may start now. */
  start(): void {
    while (this.#admission.waiting > 0 && this.#events.mayStart()) {
      const now = performance.now();
      if (now < this.#nextStart) return this.#shared.wakeAt(this.#nextStart);
      const flight = this.#admission.next(now);
      if (!flight) return this.#shared.wakeAt(this.#admission.wakeAt);
      this.#active += 1;
      this.#nextStart = now + this.#events.intervalMs;
      flight.admitted(now);
      if (flight.readmit) flight.readmit();
      else this.#events.begin(flight);
    }
  }

  leave(flight: Flight): void {
    if (!flight.holdsSlot) return;
    flight.holdsSlot = false;
    this.#active -= 1;
    this.#shared.limits.release(flight.host, performance.now());
    this.#shared.freed(flight.host);
  }

  enter(flight: Flight): Promise<void> {
    return new Promise((resolve, reject) => {
      flight.queued(performance.now());
      flight.readmit = () => {
        flight.readmit = undefined;
        flight.over();
        resolve();
      };
      this.#admission.offerFirst(flight);
      flight.during((reason) => {
        flight.readmit = undefined;
        this.withdraw(flight);
        reject(reason);
      });
      this.start();
    });
  }

  move(flight: Flight, host: string): Promise<void> {
    this.leave(flight);
    flight.host = host;
    // The interval lies between attempts, and this is no new one.
    this.#nextStart = 0;
    return this.enter(flight);
  }

  hostChanged(host: string): void {
    this.#admission.hostFreed(host);
  }

  /** Takes out all that waits and has not been admitted before. */
  takeUnsent(): Flight[] {
    const unsent: Flight[] = [];
    for (const flight of this.#admission.clear()) {
      if (flight.readmit) this.#admission.offerFirst(flight);
      else unsent.push(flight);
    }
    return unsent;
  }

  isPaced(now: number): boolean {
    return now < this.#nextStart;
  }

  mayStart(): boolean {
    return this.#events.mayStart();
  }

  eachHost(visit: (host: string, waiting: number) => void): void {
    this.#admission.eachHost(visit);
  }

  close(): void {
    this.#shared.closed();
  }
}
