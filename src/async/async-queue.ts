import { LinkedList } from '../collections/linked-list.ts';
import { nameError } from '../text/name-error.ts';
import { waitIn, type TurnOptions, type WaitingLine } from './waiting-line.ts';

/** The items of a queue, in the order in which they leave it. */
export interface QueueItems<T> {
  readonly size: number;
  push(item: T): unknown;
  /** Removes the next item; it is wrapped, since it may be `undefined`. */
  shift(): { readonly value: T } | undefined;
}

/** A queue with a maximum size, which consumers may iterate. The order is that of its items. */
export abstract class AsyncQueue<T> implements AsyncIterable<T, undefined> {
  /** Most items that the queue holds. A `put()` beyond that waits. */
  readonly maxSize: number;
  // There are items only while no get waits, and a put waits only while there are `maxSize` items.
  readonly #items: QueueItems<T>;
  readonly #gets: WaitingLine<T> = new LinkedList();
  readonly #puts: WaitingLine<void, { readonly item: T }> = new LinkedList();
  #closed = false;

  protected constructor(maxSize: number, items: QueueItems<T>) {
    if (!Number.isInteger(maxSize) || maxSize < 1) {
      throw new RangeError(`Cannot create queue as 'maxSize' must be an integer >= 1: current value is ${maxSize}`);
    }
    this.maxSize = maxSize;
    this.#items = items;
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
  async put(item: T, { signal }: TurnOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    if (this.#closed) throw new QueueClosedError('put');
    const get = this.#gets.shift();
    if (get !== undefined) get.value.resolve(item);
    else if (this.#items.size < this.maxSize) this.#items.push(item);
    else await waitIn(this.#puts, { item }, signal);
  }

  /**
   * Takes the next item once there is one.
   *
   * @throws QueueClosedError if the queue is closed and empty before there is an item; the signal's reason if it aborts
   *   first
   */
  async get({ signal }: TurnOptions = {}): Promise<T> {
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

/** The error of a queue that is closed and takes, or has, no more items. */
export class QueueClosedError extends Error {
  constructor(what: 'put' | 'get') {
    super(what === 'put' ? 'Cannot put as the queue is closed' : 'Cannot get as the queue is closed and empty');
  }
}

nameError(QueueClosedError, 'QueueClosedError');

function rejectAll(line: WaitingLine<never>, what: 'put' | 'get'): void {
  for (let entry = line.shift(); entry !== undefined; entry = line.shift()) {
    entry.value.reject(new QueueClosedError(what));
  }
}
