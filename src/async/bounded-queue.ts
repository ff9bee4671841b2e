import { onAbort } from './on-abort.ts';
import { LinkedList } from '../collections/linked-list.ts';

/** How to give up waiting on a {@link BoundedQueue}. */
export interface QueueWaitOptions {
  /** Stops waiting when it aborts: the promise rejects with its reason, and nothing was put or taken. */
  readonly signal?: AbortSignal | undefined;
}

interface Waiter<T> {
  resolve(value: T): void;
  reject(error: unknown): void;
}

type Line<T, More = object> = LinkedList<Waiter<T> & More>;

/**
 * Between producers and consumers: a producer that is ahead waits, and so does a consumer. Who waited longest is served
 * first, and every item goes to exactly one consumer. An item that is a promise is awaited on its way out.
 *
 * Iterating takes items until the queue is closed and empty. Several consumers may iterate one queue at once; one that
 * leaves its loop neither closes the queue nor takes an item with it.
 */
export class BoundedQueue<T> implements AsyncIterable<T, undefined> {
  /** How many items it holds at most; a put beyond that waits. */
  readonly maxSize: number;
  // Never both: items are there only while no get waits. And a put waits only while `maxSize` items are there.
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

  /** How many items it holds; those whose put still waits are not among them. */
  get size(): number {
    return this.#items.size;
  }

  /** Whether it takes no more items. Those it holds can still be taken. */
  get closed(): boolean {
    return this.#closed;
  }

  /**
   * Adds an item, as soon as there is room.
   *
   * @throws QueueClosedError if the queue is closed, or is while this waits; the signal's reason if it aborts before
   */
  async put(item: T, { signal }: QueueWaitOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    if (this.#closed) throw new QueueClosedError('put');
    const get = this.#gets.shift();
    if (get !== undefined) get.value.resolve(item);
    else if (this.#items.size < this.maxSize) this.#items.push(item);
    else await standIn(this.#puts, { item }, signal);
  }

  /**
   * Takes the oldest item, as soon as there is one.
   *
   * @throws QueueClosedError if the queue is closed and empty, or is while this waits; the signal's reason if it aborts
   *   before
   */
  async get({ signal }: QueueWaitOptions = {}): Promise<T> {
    signal?.throwIfAborted();
    const item = this.#items.shift();
    if (item !== undefined) {
      this.#admitPut();
      return item.value;
    }
    if (this.#closed) throw new QueueClosedError('get');
    return await standIn(this.#gets, {}, signal);
  }

  /** Takes no more items. Consumers get what it holds and then end; puts that wait reject. Closing again does nothing. */
  close(): void {
    this.#closed = true;
    rejectAll(this.#puts, 'put');
    rejectAll(this.#gets, 'get');
  }

  // By hand: `return()` of an async generator would wait for the item that a pending `next()` waits for, and take it.
  [Symbol.asyncIterator](): AsyncIterator<T, undefined> {
    const left = new AbortController();
    const end = { done: true, value: undefined } as const;
    return {
      next: async () => {
        try {
          return { done: false, value: await this.get({ signal: left.signal }) };
        } catch (error) {
          if (left.signal.aborted || error instanceof QueueClosedError) return end;
          throw error;
        }
      },
      return: async () => {
        left.abort();
        return end;
      },
    };
  }

  /** There is room: the put that waited longest has its turn. */
  #admitPut(): void {
    const put = this.#puts.shift();
    if (put === undefined) return;
    this.#items.push(put.value.item);
    put.value.resolve();
  }
}

/** A {@link BoundedQueue} was closed: it takes no more items, and has no more. */
export class QueueClosedError extends Error {
  constructor(what: 'put' | 'get') {
    super(what === 'put' ? 'Cannot put as the queue is closed' : 'Cannot get as the queue is closed and empty');
  }
}

// On the prototype, as the built-in errors have it: an own `name` would show up in every print of an error.
Object.defineProperty(QueueClosedError.prototype, 'name', {
  value: 'QueueClosedError',
  configurable: true,
  writable: true,
});

/** Waits until whoever takes it out of the line resolves or rejects it. It steps out itself when the signal aborts. */
function standIn<T, More extends object>(line: Line<T, More>, more: More, signal?: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const unlink = signal && onAbort(signal, stepOut);
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
    function stepOut(): void {
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
