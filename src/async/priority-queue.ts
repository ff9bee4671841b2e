import { complaint } from '../check.ts';
import { StableHeap, type Compare } from '../collections/stable-heap.ts';
import { AsyncQueue } from './async-queue.ts';

/**
 * A {@link BoundedQueue} whose consumers get the smallest item first, and equal items in the order they were put. A
 * `put()` that waits for room takes part in the order only once it has room; the longest wait is admitted first.
 *
 * @example
 * ```ts
 * const queue = new PriorityQueue<{ url: string; priority: number }>(100, (a, b) => a.priority - b.priority);
 * await queue.put({ url: 'https://example.com/later', priority: 5 });
 * await queue.put({ url: 'https://example.com/first', priority: 1 });
 * (await queue.get()).url; // https://example.com/first
 * ```
 */
export class PriorityQueue<T> extends AsyncQueue<T> {
  /**
   * @param compare - the order, as for `Array.prototype.sort`: negative if the first item leaves before the second
   * @throws RangeError if `maxSize` is not an integer of at least 1; TypeError if `compare` is not a function
   */
  constructor(maxSize: number, compare: Compare<T>) {
    if (typeof compare !== 'function') throw new TypeError(complaint('create queue', 'compare', 'a function', compare));
    super(maxSize, new StableHeap(compare));
  }
}
