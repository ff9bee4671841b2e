import { LinkedList } from '../collections/linked-list.ts';
import { AsyncQueue } from './async-queue.ts';

/**
 * A first-in, first-out queue with a maximum size, between producers and consumers. `put()` waits while the queue is
 * full and `get()` while it is empty. The longest wait is served first, and every item goes to exactly one consumer. An
 * item that is a promise is awaited on its way out.
 *
 * Iterating takes items until the queue is closed and empty. Several consumers may iterate one queue; one that leaves
 * its loop neither closes the queue nor takes an item with it.
 *
 * @example
 * ```ts
 * const queue = new BoundedQueue<string>(10);
 * const consumer = (async () => {
 *   for await (const line of queue) console.log(line);
 * })();
 * for (const line of ['a', 'b']) await queue.put(line);
 * queue.close();
 * await consumer;
 * ```
 */
export class BoundedQueue<T> extends AsyncQueue<T> {
  /** @throws RangeError if `maxSize` is not an integer of at least 1 */
  constructor(maxSize: number) {
    super(maxSize, new LinkedList());
  }
}
