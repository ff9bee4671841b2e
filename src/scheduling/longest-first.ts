import type { OriginQueue } from './origin-queue.ts';

/**
 * Queues that may start a request, the longest first: a host with most to do must not be left for the end, when its own
 * limit is all that counts (R. L. Graham, "Bounds on Multiprocessing Timing Anomalies", 1969). Queues whose lengths have
 * the same number of bits take turns, so every operation takes constant time.
 */
export class LongestFirst {
  readonly #rings: Ring[] = Array.from({ length: 32 }, () => new Ring());
  /** Bit n is set if ring n has a queue. */
  #filled = 0;

  /** True if there is no queue. */
  get isEmpty(): boolean {
    return this.#filled === 0;
  }

  /** Adds a queue behind those of its rank. */
  push(queue: OriginQueue): void {
    queue.ring = rankOf(queue);
    this.#rings[queue.ring]!.push(queue);
    this.#filled |= 1 << queue.ring;
  }

  /** Removes the queue whose turn it is; undefined if there is none. */
  shift(): OriginQueue | undefined {
    if (this.#filled === 0) return undefined;
    const queue = this.#rings[31 - Math.clz32(this.#filled)]!.first!;
    this.#remove(queue);
    return queue;
  }

  /** Moves a queue that has grown to the ring of its new length. Does nothing if it is in none. */
  grew(queue: OriginQueue): void {
    if (queue.ring < 0 || queue.ring === rankOf(queue)) return;
    this.#remove(queue);
    this.push(queue);
  }

  #remove(queue: OriginQueue): void {
    const ring = this.#rings[queue.ring]!;
    ring.remove(queue);
    if (ring.first === undefined) this.#filled &= ~(1 << queue.ring);
    queue.ring = -1;
  }
}

/** Returns the number of bits of a queue's length. */
function rankOf({ length }: OriginQueue): number {
  return Math.min(31, 32 - Math.clz32(length));
}

/** A linked list through the queues themselves: a turn makes no garbage. */
class Ring {
  first: OriginQueue | undefined;
  #last: OriginQueue | undefined;

  push(queue: OriginQueue): void {
    queue.previous = this.#last;
    if (this.#last === undefined) this.first = queue;
    else this.#last.next = queue;
    this.#last = queue;
  }

  remove(queue: OriginQueue): void {
    const { previous, next } = queue;
    if (previous === undefined) this.first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    queue.previous = undefined;
    queue.next = undefined;
  }
}
