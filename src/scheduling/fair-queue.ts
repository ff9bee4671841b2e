import { Fifo } from '../collections/fifo.ts';
import { Heap } from '../collections/heap.ts';
import type { FetchError } from '../http/error.ts';
import type { Limits } from './limits.ts';
import { LongestFirst } from './longest-first.ts';
import { OriginQueue } from './origin-queue.ts';
import type { RobotsFiles } from './robots-files.ts';
import type { Waiting } from './waiting.ts';

/** A ticket whose request fails unsent, and its error. */
export interface Rejection {
  readonly ticket: number;
  readonly error: FetchError;
}

/**
 * Decides which waiting request of a run may start next (fair queuing; J. Nagle, RFC 970, 1985). It reads no clock:
 * times are arguments, in milliseconds of one monotonic clock.
 *
 * Each origin has a queue of tickets. Of the origins that may start a request the longest queue is served first, by
 * {@link LongestFirst}; equal ones take turns. An origin at its limit leaves the others alone: until a time if it waits
 * for its rate or a pause, until {@link originFreed} if it has no slot or its robots.txt is not known. A limit over all origins changes no turns.
 */
export class FairQueue {
  readonly #limits: Limits;
  readonly #tickets: Waiting;
  #queues = new Map<string, OriginQueue>();
  readonly #asksRobots: boolean;
  readonly #robots: RobotsFiles | undefined;
  #ready = new LongestFirst();
  /** A queue that was woken early is still in here, until its time comes. */
  #asleep = new Heap<OriginQueue>();
  /** Queues whose next request fails unsent, when the run has room for the result: its host is given up, or denies it. */
  #rejected = new Fifo<OriginQueue>();
  #waiting = 0;
  #wakeAt = Infinity;

  /** @param asksRobots false for requests that no robots.txt is asked about */
  constructor(limits: Limits, tickets: Waiting, asksRobots = true) {
    this.#limits = limits;
    this.#tickets = tickets;
    this.#asksRobots = asksRobots;
    this.#robots = asksRobots ? limits.robots : undefined;
  }

  /** Tickets that wait. */
  get waiting(): number {
    return this.#waiting;
  }

  /**
   * The time in milliseconds at which to ask again after {@link next} returned nothing; `Infinity` if only a release or
   * an offer can help. It may be further off than a timer can reach.
   */
  get wakeAt(): number {
    return this.#wakeAt;
  }

  /** Adds a ticket at the end of its origin's queue. */
  offer(ticket: number): void {
    const queue = this.#queueOf(this.#tickets.originOf(ticket));
    queue.push(ticket);
    this.#waiting += 1;
    this.#ready.grew(queue);
  }

  /** Adds a ticket behind the retries of its origin and before all that has never started. */
  offerFirst(ticket: number): void {
    const queue = this.#queueOf(this.#tickets.originOf(ticket));
    queue.pushRetry(ticket);
    this.#waiting += 1;
    this.#ready.grew(queue);
  }

  /**
   * Returns a ticket that may start at `now`, and counts the start in the limits: release it there once. The ticket is
   * still in {@link Waiting}, to be taken there.
   */
  next(now: number): number | undefined {
    this.#wake(now);
    const openAt = this.#limits.openAt();
    const ticket = openAt <= now ? this.#startReady(now) : undefined;
    if (ticket === undefined) this.#wakeAt = this.#ready.isEmpty ? Math.max(openAt, this.#asleep.earliest) : openAt;
    return ticket;
  }

  /** Returns a ticket that its host rejects at `now`, to be taken from {@link Waiting}. It counts in no limit. */
  nextRejected(now: number): Rejection | undefined {
    for (let queue = this.#rejected.shift(); queue !== undefined; queue = this.#rejected.shift()) {
      const error = queue.length === 0 ? undefined : this.#rejectionOf(queue, now);
      if (queue.length === 0) this.#delete(queue);
      else if (error === undefined) this.#makeReady(queue);
      else return { ticket: this.#reject(queue), error };
    }
    return undefined;
  }

  /** Notes that some run released a slot of the origin, or that more or less is known of it. */
  originFreed(origin: string, now: number): void {
    const queue = this.#queues.get(origin);
    if (queue?.state === 'full') this.#makeReady(queue);
    // An answer may have ended a hold, whose next request was to ask later; a longer pause shows when the queue wakes.
    else if (queue?.state === 'asleep' && this.#limits.originOpenAt(origin, now, queue.length) < queue.asleepUntil)
      this.#makeReady(queue);
  }

  /** True if requests may wait that their hosts reject. */
  get isRejecting(): boolean {
    return this.#rejected.length > 0;
  }

  /** Tells whether requests to an origin wait. */
  has(origin: string): boolean {
    return (this.#queues.get(origin)?.length ?? 0) > 0;
  }

  /** Removes a ticket that waits here. It is not to be taken from {@link Waiting}. */
  remove(ticket: number): void {
    const queue = this.#queues.get(this.#tickets.originOf(ticket));
    if (queue === undefined) return;
    queue.remove(ticket);
    this.#waiting -= 1;
    // An empty queue is deleted when its turn comes.
  }

  /** Removes every ticket and returns them, origin by origin, each in its order. They are still in {@link Waiting}. */
  clear(): number[] {
    const tickets = Array.from(this.#queues.values(), (queue) => queue.toArray()).flat();
    this.#queues = new Map();
    this.#ready = new LongestFirst();
    this.#asleep = new Heap();
    this.#rejected = new Fifo();
    this.#waiting = 0;
    return tickets;
  }

  /** Returns the number of tickets that wait for an origin. */
  waitingFor(origin: string): number {
    return this.#queues.get(origin)?.length ?? 0;
  }

  /** Calls `visit` for each origin with waiting requests, and passes their number. */
  eachOrigin(visit: (origin: string, waiting: number) => void): void {
    for (const queue of this.#queues.values()) if (queue.length > 0) visit(queue.origin, queue.length);
  }

  #queueOf(origin: string): OriginQueue {
    let queue = this.#queues.get(origin);
    if (queue === undefined) {
      queue = new OriginQueue(origin, this.#tickets);
      this.#queues.set(origin, queue);
      this.#ready.push(queue);
    }
    return queue;
  }

  #wake(now: number): void {
    for (let at = this.#asleep.earliest; at <= now; at = this.#asleep.earliest) {
      const queue = this.#asleep.pop() as OriginQueue;
      if (queue.state === 'asleep' && queue.asleepUntil === at) this.#makeReady(queue);
    }
  }

  #makeReady(queue: OriginQueue): void {
    queue.state = 'ready';
    this.#ready.push(queue);
  }

  #startReady(now: number): number | undefined {
    for (let queue = this.#ready.shift(); queue !== undefined; queue = this.#ready.shift()) {
      const openAt = this.#limits.originOpenAt(queue.origin, now, queue.length);
      if (queue.length === 0) this.#delete(queue);
      else if (this.#limits.hosts.rejects(queue.origin, now)) this.#setRejected(queue);
      else if (this.#robots?.isKnown(queue.origin, now) === false) this.#awaitRobots(queue, this.#robots);
      else if (this.#denialOf(queue) !== undefined) this.#setRejected(queue);
      else if (openAt > now) this.#setAside(queue, openAt);
      else return this.#start(queue, now);
    }
    return undefined;
  }

  #setAside(queue: OriginQueue, openAt: number): void {
    if (openAt === Infinity) {
      queue.state = 'full';
    } else {
      queue.state = 'asleep';
      queue.asleepUntil = openAt;
      this.#asleep.push(openAt, queue);
    }
  }

  /** Sets a queue aside until its robots.txt has been read: {@link originFreed}. */
  #awaitRobots(queue: OriginQueue, robots: RobotsFiles): void {
    queue.state = 'full';
    robots.want(queue.origin);
  }

  #rejectionOf(queue: OriginQueue, now: number): FetchError | undefined {
    const host = this.#limits.hosts.get(queue.origin);
    if (host?.rejects(now) === true) {
      // A robots.txt is none of the requests that somebody wanted.
      if (this.#asksRobots) host.countUnsent();
      return host.rejection(now);
    }
    return this.#robots?.isKnown(queue.origin, now) === true ? this.#denialOf(queue) : undefined;
  }

  /** Returns the error of the next request, if its robots.txt denies it. */
  #denialOf(queue: OriginQueue): FetchError | undefined {
    return this.#robots?.denial(queue.origin, this.#tickets.pathOf(queue.first()!));
  }

  #setRejected(queue: OriginQueue): void {
    queue.state = 'rejected';
    this.#rejected.push(queue);
  }

  #reject(queue: OriginQueue): number {
    const ticket = queue.shift()!;
    this.#waiting -= 1;
    if (queue.length > 0) this.#rejected.push(queue);
    else this.#delete(queue);
    return ticket;
  }

  #start(queue: OriginQueue, now: number): number | undefined {
    const ticket = queue.shift();
    this.#waiting -= 1;
    this.#limits.start(queue.origin, now);
    if (queue.length > 0) this.#ready.push(queue);
    else this.#delete(queue);
    return ticket;
  }

  #delete(queue: OriginQueue): void {
    queue.sweep();
    this.#queues.delete(queue.origin);
  }
}
