import { Call, type CallQueue } from '../call/call.ts';
import type { Guard } from '../call/guard.ts';
import { LinkedList } from '../collections/linked-list.ts';
import type { Clock } from '../async/clock.ts';
import type { FetchError } from '../http/error.ts';
import { canonicalGet } from '../http/canonical-get.ts';
import type { FetchRequest } from '../http/request.ts';
import { FairQueue } from './fair-queue.ts';
import type { Scheduler, ScheduledQueue } from './scheduler.ts';
import { Waiting } from './waiting.ts';

/** The rules of one run, and where its calls go. */
export interface RunQueueOptions {
  /** Headers of a request that waits as the text of its URL: name, value, name, value, ... */
  readonly headers: readonly string[];
  /** Least milliseconds between two starts, further attempts included. */
  readonly intervalMs: number;
  /** Tells whether the run has room for one more call in flight. */
  readonly mayStart: () => boolean;
  /** Decides what may be sent. @default everything */
  readonly guard?: Guard | undefined;
  /** False for requests that no robots.txt is asked about. @default true */
  readonly asksRobots?: boolean;
  /** Sends a call that has its first slot. */
  readonly dispatch: (call: Call) => void;
  /** Fails a call that has never started: its host is given up, or denies it. */
  readonly reject: (call: Call, error: FetchError) => void;
}

/** The requests of one run that wait for a slot, and its calls that have started. */
export class RunQueue implements CallQueue, ScheduledQueue {
  readonly clock: Clock;
  readonly guard: Guard | undefined;
  readonly #options: RunQueueOptions;
  readonly #scheduler: Scheduler;
  readonly #tickets = new Waiting();
  readonly #fairQueue: FairQueue;
  readonly #calls = new LinkedList<Call>();
  #active = 0;
  #nextStart = 0;
  #isStarting = false;
  readonly #rejected = new Set<Call>();
  #hasJustRejected = false;

  constructor(scheduler: Scheduler, options: RunQueueOptions) {
    this.clock = scheduler.clock;
    this.guard = options.guard;
    this.#options = options;
    this.#scheduler = scheduler;
    this.#fairQueue = new FairQueue(scheduler.limits, this.#tickets, options.asksRobots);
    scheduler.add(this);
  }

  /** Requests that wait for a slot. */
  get waiting(): number {
    return this.#fairQueue.waiting;
  }

  /** Calls that hold a slot, and those that were refused one and have no result yet. */
  get active(): number {
    return this.#active + this.#rejected.size;
  }

  /** Adds a request, or the text of a canonical URL, at the end of its origin's queue. */
  offer(item: string | FetchRequest, origin: string, index: number): void {
    this.#fairQueue.offer(this.#tickets.add(item, origin, index, this.clock.now()));
  }

  /**
   * Adds a call that has not started at the end of its origin's queue. `onCancel` is called if it is cancelled before
   * it starts.
   */
  offerCall(call: Call, onCancel: (reason: unknown) => void): void {
    const ticket = this.#tickets.add(call, call.origin, call.index, call.queuedAt);
    this.#fairQueue.offer(ticket);
    call.begin({
      stop: (reason) => {
        this.#remove(ticket);
        onCancel(reason);
      },
    });
  }

  /** Starts every request that may start now. */
  start(): void {
    // A call may finish at once and ask for the next one: this loop will find it.
    if (this.#isStarting) return;
    this.#isStarting = true;
    try {
      while (this.#startNext());
    } finally {
      this.#isStarting = false;
    }
  }

  /** Gives back the slot of a call, if it holds one. */
  release(call: Call): void {
    if (!call.holdsSlot) return;
    call.holdsSlot = false;
    this.#active -= 1;
    this.#scheduler.release(call.origin, call.isAnswered);
  }

  /**
   * Resolves once the call holds a slot of its origin again; rejects with the reason if it is interrupted or cancelled
   * first, or with an error if its host rejects it. `isLast` puts it behind all that waits for the origin.
   */
  acquire(call: Call, isLast = false): Promise<void> {
    return new Promise((resolve, reject) => {
      const now = this.clock.now();
      call.enterQueue(now);
      call.onSlot = (error) => {
        call.onSlot = undefined;
        call.end();
        if (error === undefined) resolve();
        else reject(error);
      };
      const ticket = this.#tickets.add(call, call.origin, call.index, now);
      if (isLast) this.#fairQueue.offer(ticket);
      else this.#fairQueue.offerFirst(ticket);
      call.begin({
        stop: (reason) => {
          call.onSlot = undefined;
          this.#remove(ticket);
          reject(reason);
        },
      });
      this.start();
    });
  }

  /**
   * Exchanges the slot of a call for one of the target's origin in the middle of an attempt; settles as
   * {@link acquire} does.
   */
  move(call: Call, target: FetchRequest): Promise<void> {
    this.release(call);
    call.target = target;
    // The interval lies between attempts, and this is not a new one.
    this.#nextStart = 0;
    return this.acquire(call);
  }

  /** Forgets a call that has its result, and gives back its slot. */
  end(call: Call): void {
    this.#rejected.delete(call);
    if (call.startedEntry) this.#calls.remove(call.startedEntry);
    this.release(call);
  }

  /** Removes every request that has never started, and returns them as calls, in order within each origin. */
  removeUnstarted(): Call[] {
    const unstarted: Call[] = [];
    for (const ticket of this.#fairQueue.clear()) {
      const item = this.#tickets.itemOf(ticket);
      if (item instanceof Call && item.hasStarted) this.#fairQueue.offerFirst(ticket);
      else unstarted.push(this.#take(ticket));
    }
    this.#scheduler.clearTimerIfIdle();
    return unstarted;
  }

  /** Cancels every call that has started. */
  cancel(reason: unknown): void {
    for (const call of this.#calls.toArray()) call.cancel(reason);
  }

  oldest(max: number): Call[] {
    const oldest: Call[] = [];
    // Calls are listed in the order of their starts.
    for (let entry = this.#calls.first; entry !== undefined && oldest.length < max; entry = entry.next) {
      oldest.push(entry.value);
    }
    return oldest;
  }

  waitingFor(origin: string): number {
    return this.#fairQueue.waitingFor(origin);
  }

  originFreed(origin: string, now: number): void {
    this.#fairQueue.originFreed(origin, now);
  }

  has(origin: string): boolean {
    return this.#options.asksRobots !== false && this.#fairQueue.has(origin);
  }

  isPaced(now: number): boolean {
    return now < this.#nextStart;
  }

  mayStart(): boolean {
    return this.#options.mayStart();
  }

  eachOrigin(visit: (origin: string, waiting: number) => void): void {
    this.#fairQueue.eachOrigin(visit);
  }

  /** Leaves the scheduler. Nothing may wait any more. */
  close(): void {
    this.#scheduler.remove(this);
  }

  /** Starts one request. Returns false if none may start now. */
  #startNext(): boolean {
    if (this.#fairQueue.waiting === 0 || !this.#options.mayStart()) return false;
    if (this.guard?.isOpen() === false) return false;
    const now = this.clock.now();
    // They take turns: neither a host that is down nor a busy one holds up the other.
    if (!this.#hasJustRejected && this.#rejectNext(now)) return true;
    this.#hasJustRejected = false;
    const ticket = now < this.#nextStart ? undefined : this.#fairQueue.next(now);
    if (ticket === undefined) {
      // A queue that rejects no more is ready, and looked at once more.
      const mayBeReady = this.#fairQueue.isRejecting;
      if (this.#rejectNext(now) || mayBeReady) return true;
      this.#scheduler.wakeAt(now < this.#nextStart ? this.#nextStart : this.#fairQueue.wakeAt);
      return false;
    }
    this.#active += 1;
    this.#nextStart = now + this.#options.intervalMs;
    this.#begin(this.#take(ticket), now);
    return true;
  }

  /** Fails one request that its host rejects. Returns false if there is none. */
  #rejectNext(now: number): boolean {
    const rejection = this.#fairQueue.nextRejected(now);
    if (rejection === undefined) return false;
    this.#hasJustRejected = true;
    const { ticket, error } = rejection;
    const call = this.#take(ticket);
    this.#scheduler.clearTimerIfIdle();
    if (call.hasStarted) {
      call.stopQueueing(now);
      this.#rejected.add(call);
      call.onSlot?.(error);
    } else {
      call.end();
      this.#options.reject(call, error);
    }
    return true;
  }

  #begin(call: Call, now: number): void {
    if (call.hasStarted) {
      call.leaveQueue(now);
      call.onSlot?.();
      return;
    }
    call.end();
    call.start(now);
    call.startedEntry = this.#calls.push(call);
    this.#options.dispatch(call);
  }

  #take(ticket: number): Call {
    const { item, origin, index, since } = this.#tickets.take(ticket);
    if (item instanceof Call) return item;
    const request = typeof item === 'string' ? canonicalGet(item, origin, this.#options.headers) : item;
    return new Call(request, index, since, this);
  }

  #remove(ticket: number): void {
    this.#fairQueue.remove(ticket);
    this.#scheduler.clearTimerIfIdle();
  }
}
