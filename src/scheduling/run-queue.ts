import { FairQueue } from './fair-queue.ts';
import { Call, type Order, type Slots } from '../call/call.ts';
import type { Limits } from './limits.ts';
import { LinkedList } from '../collections/linked-list.ts';
import type { MeasuredQueue } from './load.ts';
import { WaitingUrls } from './waiting-urls.ts';

/** What a lane asks of its run. */
export interface RunQueueOwner {
  /** The least time between two starts, in milliseconds, further attempts included. */
  readonly intervalMs: number;
  /** Whether one more may start, as far as the run goes. */
  mayStart(): boolean;
  /** Makes a request of a URL that waited as a text. */
  toOrder(url: string, host: string, index: number, since: number): Order;
  /** A request was admitted for the first time: its flight begins. */
  begin(call: Call): void;
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
export class RunQueue implements Slots, MeasuredQueue {
  readonly #events: RunQueueOwner;
  readonly #shared: Shared;
  readonly #urls = new WaitingUrls();
  /** Requests that wait for their first start, some as the number of their URL, and flights that wait for a further one. */
  readonly #fairQueue: FairQueue<number | Order | Call>;
  readonly #calls = new LinkedList<Call>();
  #active = 0;
  #nextStart = 0;
  #isStarting = false;

  constructor(events: RunQueueOwner, shared: Shared) {
    this.#events = events;
    this.#shared = shared;
    this.#fairQueue = new FairQueue(shared.limits, (waiting) =>
      typeof waiting === 'number' ? this.#urls.hostOf(waiting) : waiting.origin,
    );
  }

  /** How many wait. */
  get waiting(): number {
    return this.#fairQueue.waiting;
  }

  /** How many hold a slot. */
  get active(): number {
    return this.#active;
  }

  /** Puts a request at the end of its host's queue. */
  offer(order: Order): void {
    this.#fairQueue.offer(order);
  }

  /** The same for a URL that stands for itself. */
  offerUrl(url: string, host: string, index: number): void {
    this.#fairQueue.offer(this.#urls.add(url, host, index, performance.now()));
  }

  /** Takes out what waits. */
  withdraw(waiting: Order | Call): void {
    this.#fairQueue.remove(waiting);
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
    if (this.#fairQueue.waiting === 0 || !this.#events.mayStart()) return false;
    const now = performance.now();
    const waiting = now < this.#nextStart ? undefined : this.#fairQueue.next(now);
    if (waiting === undefined) {
      this.#shared.wakeAt(now < this.#nextStart ? this.#nextStart : this.#fairQueue.wakeAt);
      return false;
    }
    this.#active += 1;
    this.#nextStart = now + this.#events.intervalMs;
    if (waiting instanceof Call) {
      waiting.readmitted(now);
      waiting.onSlot?.();
    } else {
      const call = new Call(this.#orderOf(waiting), this, now);
      call.entry = this.#calls.push(call);
      this.#events.begin(call);
    }
    return true;
  }

  #orderOf(waiting: number | Order): Order {
    if (typeof waiting !== 'number') return waiting;
    const urls = this.#urls;
    return this.#events.toOrder(urls.take(waiting), urls.hostOf(waiting), urls.indexOf(waiting), urls.sinceOf(waiting));
  }

  /** A flight has landed: it gives back what it holds. */
  end(call: Call): void {
    if (call.entry) this.#calls.remove(call.entry);
    this.leave(call);
  }

  leave(call: Call): void {
    if (!call.holdsSlot) return;
    call.holdsSlot = false;
    this.#active -= 1;
    this.#shared.limits.release(call.origin, performance.now());
    this.#shared.freed(call.origin);
  }

  enter(call: Call): Promise<void> {
    return new Promise((resolve, reject) => {
      call.queued(performance.now());
      call.onSlot = () => {
        call.onSlot = undefined;
        call.end();
        resolve();
      };
      this.#fairQueue.offerFirst(call);
      call.begin({
        stop: (reason) => {
          call.onSlot = undefined;
          this.withdraw(call);
          reject(reason);
        },
      });
      this.start();
    });
  }

  move(call: Call, host: string): Promise<void> {
    this.leave(call);
    call.origin = host;
    // The interval lies between attempts, and this is no new one.
    this.#nextStart = 0;
    return this.enter(call);
  }

  hostChanged(host: string): void {
    this.#fairQueue.hostFreed(host);
  }

  /** Takes out all that waits and has not been admitted before. */
  takeUnsent(): Order[] {
    const unsent: Order[] = [];
    for (const waiting of this.#fairQueue.clear()) {
      if (waiting instanceof Call) this.#fairQueue.offerFirst(waiting);
      else unsent.push(this.#orderOf(waiting));
    }
    this.#shared.emptied();
    return unsent;
  }

  /** Cancels all flights. */
  cancel(reason: unknown): void {
    for (const call of this.#calls.toArray()) call.cancel(reason);
  }

  isPaced(now: number): boolean {
    return now < this.#nextStart;
  }

  mayStart(): boolean {
    return this.#events.mayStart();
  }

  eachHost(visit: (host: string, waiting: number) => void): void {
    this.#fairQueue.eachHost(visit);
  }

  close(): void {
    this.#shared.closed();
  }
}
