import { Fifo } from '../collections/fifo.ts';
import type { Waiting } from './waiting.ts';

/**
 * The tickets that wait for one origin: retries first, in the order of their return, then the rest in the order of
 * arrival.
 */
export class OriginQueue {
  readonly origin: string;
  /**
   * Where the queue stands in its {@link FairQueue}: in the ring, in the heap of those that wait for a time, among those
   * whose requests fail unsent, or in none of them.
   */
  state: 'ready' | 'asleep' | 'rejected' | 'full' = 'ready';
  /** Milliseconds on the monotonic clock until which it is asleep. */
  asleepUntil: number = -Infinity;
  /** Its ring in {@link LongestFirst}; -1 while it is in none. */
  ring = -1;
  /** Its neighbours in that ring. */
  previous: OriginQueue | undefined;
  next: OriginQueue | undefined;
  readonly #waiting: Waiting;
  readonly #fresh = new Fifo<number>();
  // Most origins never have any.
  #retries: Fifo<number> | undefined;
  #removed = 0;

  constructor(origin: string, waiting: Waiting) {
    this.origin = origin;
    this.#waiting = waiting;
  }

  /** Tickets that wait, without the removed ones. */
  get length(): number {
    return this.#stored - this.#removed;
  }

  /** Adds a ticket at the end. */
  push(ticket: number): void {
    this.#fresh.push(ticket);
  }

  /** Adds a ticket behind the retries and before all others. */
  pushRetry(ticket: number): void {
    (this.#retries ??= new Fifo()).push(ticket);
  }

  /** Returns the next ticket, still in {@link Waiting}; undefined if none waits. */
  shift(): number | undefined {
    for (;;) {
      const ticket = this.#retries?.shift() ?? this.#fresh.shift();
      if (ticket === undefined || !this.#reclaim(ticket)) return ticket;
    }
  }

  /** Returns the ticket that {@link shift} would return. */
  first(): number | undefined {
    return this.#firstOf(this.#retries) ?? this.#firstOf(this.#fresh);
  }

  /** Removes a ticket that waits here. It is only marked, and passed over later: amortised constant time. */
  remove(ticket: number): void {
    this.#waiting.remove(ticket);
    this.#removed += 1;
    // A long pause passes over nothing, and the marked tickets would pile up.
    if (this.#removed * 2 > this.#stored) this.sweep();
  }

  /** Returns the tickets that wait, in order. */
  toArray(): number[] {
    this.sweep();
    return [...(this.#retries?.toArray() ?? []), ...this.#fresh.toArray()];
  }

  /** Frees the removed tickets that have not been passed over yet. */
  sweep(): void {
    if (this.#removed === 0) return;
    const stillWaits = (ticket: number): boolean => !this.#reclaim(ticket);
    this.#retries?.keep(stillWaits);
    this.#fresh.keep(stillWaits);
  }

  #firstOf(queue: Fifo<number> | undefined): number | undefined {
    let ticket = queue?.first;
    while (ticket !== undefined && this.#reclaim(ticket)) {
      queue!.shift();
      ticket = queue!.first;
    }
    return ticket;
  }

  get #stored(): number {
    return (this.#retries?.length ?? 0) + this.#fresh.length;
  }

  #reclaim(ticket: number): boolean {
    if (this.#removed === 0 || !this.#waiting.reclaim(ticket)) return false;
    this.#removed -= 1;
    return true;
  }
}
