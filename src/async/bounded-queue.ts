import { onAbort } from './on-abort.ts';
import { LinkedList } from '../collections/linked-list.ts';
import { nameError } from '../text/name-error.ts';

/** Options of {@link BoundedQueue.put} and {@link BoundedQueue.get}. */
export interface QueueWaitOptions {
  /** Ends the wait when it aborts: the promise rejects with its reason, and nothing is put or taken. */
  readonly signal?: AbortSignal | undefined;
}

interface Waiter<T> {
  resolve(value: T): void;
  reject(error: unknown): void;
}

type Line<T, More = object> = LinkedList<Waiter<T> & More>;

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
export class BoundedQueue<T> implements AsyncIterable<T, undefined> {
  /** Most items that the queue holds. A `put()` beyond that waits. */
  readonly maxSize: number;
  // There are items only while no get waits, and a put waits only while there are `maxSize` items.
  readonly #items = new LinkedList<T>();
  readonly #gets: Line<T> = new LinkedList();
  readonly #puts: Line<void, { readonly item: T }> = new LinkedList();
  #closed = false;

  /** @throws RangeError if `maxSize` is not an integer of at least 1 */
  constructor(maxSize: number) {
    if (!Number.isInteger(maxSize) || maxSize < 1) {
      throw new RangeError(`Cannot create queue as 'maxSize' must be an integer >= 1: current value is ${maxSize}`);
    }
    this.maxSize = maxSize;
  }

  /** Items in the queue, without those whose `put()` still waits. */
  get size(): number {
    return this.#items.size;
  }

  /** True once {@link close} was called. Items in the queue can still be taken. */
  get closed(): boolean {
    return this.#closed;
  }

  /**
   * Adds an item once there is room.
   *
   * @throws QueueClosedError if the queue is closed before there is room; the signal's reason if it aborts first
   */
  async put(item: T, { signal }: QueueWaitOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    if (this.#closed) throw new QueueClosedError('put');
    const get = this.#gets.shift();
    if (get !== undefined) get.value.resolve(item);
    else if (this.#items.size < this.maxSize) this.#items.push(item);
    else await waitIn(this.#puts, { item }, signal);
  }

  /**
   * Takes the oldest item once there is one.
   *
   * @throws QueueClosedError if the queue is closed and empty before there is an item; the signal's reason if it aborts
   *   first
   */
  async get({ signal }: QueueWaitOptions = {}): Promise<T> {
    signal?.throwIfAborted();
    const item = this.#items.shift();
    if (item !== undefined) {
      this.#admitPut();
      return item.value;
    }
    if (this.#closed) throw new QueueClosedError('get');
    return await waitIn(this.#gets, {}, signal);
  }

  /**
   * Closes the queue: no item can be added. Consumers get the items in the queue and then end; waiting puts reject.
   * Closing again does nothing.
   */
  close(): void {
    this.#closed = true;
    rejectAll(this.#puts, 'put');
    rejectAll(this.#gets, 'get');
  }

  // Written by hand: the `return()` of an async generator would wait for the item of a pending `next()`, and take it.
  [Symbol.asyncIterator](): AsyncIterator<T, undefined> {
    const returned = new AbortController();
    const end = { done: true, value: undefined } as const;
    return {
      next: async () => {
        try {
          return { done: false, value: await this.get({ signal: returned.signal }) };
        } catch (error) {
          if (returned.signal.aborted || error instanceof QueueClosedError) return end;
          throw error;
        }
      },
      return: async () => {
        returned.abort();
        return end;
      },
    };
  }

  /** Adds the item of the put that has waited longest, now that there is room. */
  #admitPut(): void {
    const put = this.#puts.shift();
    if (put === undefined) return;
    this.#items.push(put.value.item);
    put.value.resolve();
  }
}

/** The error of a {@link BoundedQueue} that is closed and takes, or has, no more items. */
export class QueueClosedError extends Error {
  constructor(what: 'put' | 'get') {
    super(what === 'put' ? 'Cannot put as the queue is closed' : 'Cannot get as the queue is closed and empty');
  }
}

nameError(QueueClosedError, 'QueueClosedError');

/** Waits in a line until the waiter is taken out and settled, or until the signal aborts. */
function waitIn<T, More extends object>(line: Line<T, More>, more: More, signal?: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const unlink = signal && onAbort(signal, cancel);
    const entry = line.push({
      ...more,
      resolve: (value) => {
        unlink?.();
        resolve(value);
      },
      reject: (error) => {
        unlink?.();
        reject(error);
      },
    });
    function cancel(): void {
      line.remove(entry);
      reject(signal?.reason);
    }
  });
}

function rejectAll(line: Line<never>, what: 'put' | 'get'): void {
  for (let entry = line.shift(); entry !== undefined; entry = line.shift()) {
    entry.value.reject(new QueueClosedError(what));
  }
}
