import { Fifo } from '../collections/fifo.ts';
import { Heap } from '../collections/heap.ts';
import { HostQueue } from './host-queue.ts';
import type { Limits } from './limits.ts';

/**
 * What one run has waiting, and which of it may start now. Nothing here waits or reads a clock: times are arguments, in
 * milliseconds of one monotonic clock.
 *
 * Each host has a queue. Hosts that may start something stand in a ring and are served in turn, one start each. A host
 * at its limit leaves the ring, so it never holds up another: until a time if it waits for its rate or a pause, until
 * {@link hostFreed} if it has no slot. A stop over all hosts leaves the ring as it is.
 */
export class FairQueue<T extends object | number> {
  readonly #limits: Limits;
  readonly #hostOf: (item: T) => string;
  #places = new Map<string, HostSlot<T>>();
  #ready = new Fifo<HostSlot<T>>();
  #asleep = new Heap<HostSlot<T>>();
  #waiting = 0;
  #wakeAt = Infinity;

  /** Items may be objects that know their host, or numbers that stand for something. */
  constructor(limits: Limits, hostOf: (item: T) => string) {
    this.#limits = limits;
    this.#hostOf = hostOf;
  }

  /** How many wait. */
  get waiting(): number {
    return this.#waiting;
  }

  /**
   * After {@link next} gave nothing: when to ask again, in milliseconds; `Infinity` if only a release or an offer can
   * help. It may be farther off than a timer can go.
   */
  get wakeAt(): number {
    return this.#wakeAt;
  }

  /** Waits at the end of its host's queue. */
  offer(item: T): void {
    this.#placeOf(this.#hostOf(item)).queue.push(item);
    this.#waiting += 1;
  }

  /** Waits before all that was never started, after what was offered like this before it: a retry. */
  offerFirst(item: T): void {
    this.#placeOf(this.#hostOf(item)).queue.pushRetry(item);
    this.#waiting += 1;
  }

  /** One that may start now. It is counted in the limits: release it there once for each time it was given out. */
  next(now: number): T | undefined {
    this.#wake(now);
    const openAt = this.#limits.openAt();
    const item = openAt <= now ? this.#startReady(now) : undefined;
    if (item === undefined) this.#wakeAt = this.#ready.length > 0 ? openAt : Math.max(openAt, this.#asleep.earliest);
    return item;
  }

  /** To be called when a slot of the host was released, or its pause changed, by whichever run. */
  hostFreed(host: string): void {
    const place = this.#places.get(host);
    // One that is asleep waits for a time, which a release does not bring nearer; a longer pause shows when it wakes.
    if (place?.state === 'full') this.#makeReady(place);
  }

  /** Takes out one that waits. It must be waiting, and must not be offered again. */
  remove(item: T): void {
    const place = this.#places.get(this.#hostOf(item));
    if (place === undefined) return;
    place.queue.remove(item);
    this.#waiting -= 1;
    // A place that is empty now is dropped when its turn comes.
  }

  /** Takes out all that waits, host by host, each in its order. */
  clear(): T[] {
    const items = Array.from(this.#places.values(), ({ queue }) => queue.toArray()).flat();
    this.#places = new Map();
    this.#ready = new Fifo();
    this.#asleep = new Heap();
    this.#waiting = 0;
    return items;
  }

  /** Calls for each host of which something waits, and says how much. */
  eachHost(visit: (host: string, waiting: number) => void): void {
    for (const { queue } of this.#places.values()) if (queue.length > 0) visit(queue.host, queue.length);
  }

  #placeOf(host: string): HostSlot<T> {
    let place = this.#places.get(host);
    if (place === undefined) {
      place = { queue: new HostQueue(host), state: 'ready' };
      this.#places.set(host, place);
      this.#ready.push(place);
    }
    return place;
  }

  #wake(now: number): void {
    while (this.#asleep.earliest <= now) this.#makeReady(this.#asleep.pop() as HostSlot<T>);
  }

  #makeReady(place: HostSlot<T>): void {
    place.state = 'ready';
    this.#ready.push(place);
  }

  #startReady(now: number): T | undefined {
    for (let place = this.#ready.shift(); place !== undefined; place = this.#ready.shift()) {
      const openAt = this.#limits.hostOpenAt(place.queue.host);
      if (place.queue.length === 0) this.#places.delete(place.queue.host);
      else if (openAt > now) this.#layAside(place, openAt);
      else return this.#start(place, now);
    }
    return undefined;
  }

  #layAside(place: HostSlot<T>, openAt: number): void {
    if (openAt === Infinity) {
      place.state = 'full';
    } else {
      place.state = 'asleep';
      this.#asleep.push(openAt, place);
    }
  }

  #start(place: HostSlot<T>, now: number): T | undefined {
    const { queue } = place;
    const item = queue.shift();
    this.#waiting -= 1;
    this.#limits.start(queue.host, now);
    if (queue.length > 0) this.#ready.push(place);
    else this.#places.delete(queue.host);
    return item;
  }
}

/** A host with something waiting, and where it stands: in the ring, in the heap of those that wait for a time, or nowhere. */
interface HostSlot<T extends object | number> {
  readonly queue: HostQueue<T>;
  state: 'ready' | 'asleep' | 'full';
}
