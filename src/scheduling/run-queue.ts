import { Admission } from './fair-queue.ts';
import { Flight, type Order, type Slots } from '../call/call.ts';
import type { Limits } from './limits.ts';
import { LinkedList } from '../collections/linked-list.ts';
import type { MeasuredLane } from './load.ts';
import { WaitingUrls } from './waiting-urls.ts';

/** What a lane asks of its run. */
export interface LaneEvents {
  /** The least time between two starts, in milliseconds, further attempts included. */
  readonly intervalMs: number;
  /** Whether one more may start, as far as the run goes. */
  mayStart(): boolean;
  /** Makes a request of a URL that waited as a text. */
  toOrder(url: string, host: string, index: number, since: number): Order;
  /** A request was admitted for the first time: its flight begins. */
  begin(flight: Flight): void;
}

/** What all lanes of a fetcher share. */
export interface Shared {
  readonly limits: Limits;
  freed(host: string): void;
  wakeAt(at: number): void;
  emptied(): void;
  closed(): void;
}

/** The queue of one run, and its flights. */
export class Lane implements Slots, MeasuredLane {
  readonly #events: LaneEvents;
  readonly #shared: Shared;
  readonly #urls = new WaitingUrls();
  /** Requests that wait for their first start, some as the number of their URL, and flights that wait for a further one. */
  readonly #admission: Admission<number | Order | Flight>;
  readonly #flights = new LinkedList<Flight>();
  #active = 0;
  #nextStart = 0;
  #isStarting = false;

  constructor(events: LaneEvents, shared: Shared) {
    this.#events = events;
    this.#shared = shared;
    this.#admission = new Admission(shared.limits, (waiting) =>
      typeof waiting === 'number' ? this.#urls.hostOf(waiting) : waiting.host,
    );
  }

  /** How many wait. */
  get waiting(): number {
    return this.#admission.waiting;
  }

  /** How many hold a slot. */
  get active(): number {
    return this.#active;
  }

  /** Puts a request at the end of its host's queue. */
  offer(order: Order): void {
    this.#admission.offer(order);
  }

  /** The same for a URL that stands for itself. */
  offerUrl(url: string, host: string, index: number): void {
    this.#admission.offer(this.#urls.add(url, host, index, performance.now()));
  }

  /** Takes out what waits. */
  withdraw(waiting: Order | Flight): void {
    this.#admission.remove(waiting);
    this.#shared.emptied();
  }

  /** Starts all that may start now. */
  start(): void {
    // What is started may be over at once, and then asks for the next: this loop is there already.
    if (this.#isStarting) return;
    this.#isStarting = true;
    try {
      while (this.#startNext());
    } finally {
      this.#isStarting = false;
    }
  }

  /** False if nothing may start now. */
  #startNext(): boolean {
    if (this.#admission.waiting === 0 || !this.#events.mayStart()) return false;
    const now = performance.now();
    const waiting = now < this.#nextStart ? undefined : this.#admission.next(now);
    if (waiting === undefined) {
      this.#shared.wakeAt(now < this.#nextStart ? this.#nextStart : this.#admission.wakeAt);
      return false;
    }
    this.#active += 1;
    this.#nextStart = now + this.#events.intervalMs;
    if (waiting instanceof Flight) {
      waiting.readmitted(now);
      waiting.readmit?.();
    } else {
      const flight = new Flight(this.#orderOf(waiting), this, now);
      flight.entry = this.#flights.push(flight);
      this.#events.begin(flight);
    }
    return true;
  }

  #orderOf(waiting: number | Order): Order {
    if (typeof waiting !== 'number') return waiting;
    const urls = this.#urls;
    return this.#events.toOrder(urls.take(waiting), urls.hostOf(waiting), urls.indexOf(waiting), urls.sinceOf(waiting));
  }

  /** A flight has landed: it gives back what it holds. */
  end(flight: Flight): void {
    if (flight.entry) this.#flights.remove(flight.entry);
    this.leave(flight);
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
      flight.during({
        stop: (reason) => {
          flight.readmit = undefined;
          this.withdraw(flight);
          reject(reason);
        },
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
  takeUnsent(): Order[] {
    const unsent: Order[] = [];
    for (const waiting of this.#admission.clear()) {
      if (waiting instanceof Flight) this.#admission.offerFirst(waiting);
      else unsent.push(this.#orderOf(waiting));
    }
    this.#shared.emptied();
    return unsent;
  }

  /** Cancels all flights. */
  cancel(reason: unknown): void {
    for (const flight of this.#flights.toArray()) flight.cancel(reason);
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
