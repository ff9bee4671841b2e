import { LinkedList } from '../collections/linked-list.ts';

/** The events of a {@link CompletionQueue}. */
interface CompletionQueueEvents {
  /** Called when a reader asks for a result. */
  readonly onRead: () => void;
  /** Called once, when the consumer leaves before the end. */
  readonly onReturn: () => void;
}

/** A pending `next()` or `return()`. */
interface Reader<T> {
  readonly resolve: (step: IteratorResult<T, undefined>) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * The consumer's end of a run: results in the order of completion, each for one reader. Written by hand, since the
 * `return()` of an async generator queues up behind a pending `next()` and could then cancel nothing.
 */
export class CompletionQueue<T> implements AsyncIterableIterator<T, undefined, undefined>, AsyncDisposable {
  readonly #unread = new LinkedList<T>();
  readonly #readers = new LinkedList<Reader<T>>();
  readonly #events: CompletionQueueEvents;
  readonly #weigh: (value: T) => number;
  #unreadWeight = 0;
  #hasReturned = false;
  #isEnded = false;
  #error: { readonly reason: unknown } | undefined;

  /** @param weigh the weight of a result, for {@link unreadWeight} */
  constructor(events: CompletionQueueEvents, weigh: (value: T) => number = () => 0) {
    this.#events = events;
    this.#weigh = weigh;
  }

  /** Number of unread results. */
  get unread(): number {
    return this.#unread.size;
  }

  /** The weight of all unread results. */
  get unreadWeight(): number {
    return this.#unreadWeight;
  }

  /** True while a reader waits for a result. */
  get isAwaited(): boolean {
    return this.#readers.size > 0;
  }

  /** Gives a result to the next reader. Drops it if the consumer has left. */
  push(value: T): void {
    if (this.#hasReturned) return;
    const reader = this.#readers.shift();
    if (reader) reader.value.resolve({ done: false, value });
    else this.#keep(value);
  }

  /** Ends the queue. With an error, the reader after the last result gets its reason as a rejection, once. */
  end(error?: { readonly reason: unknown }): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#error = this.#hasReturned ? undefined : error;
    for (let reader = this.#readers.shift(); reader; reader = this.#readers.shift()) this.#finish(reader.value);
  }

  next(): Promise<IteratorResult<T, undefined>> {
    return new Promise((resolve, reject) => {
      const unread = this.#unread.shift();
      if (unread) {
        this.#unreadWeight -= this.#weigh(unread.value);
        resolve({ done: false, value: unread.value });
      } else if (this.#isEnded) this.#finish({ resolve, reject });
      else this.#readers.push({ resolve, reject });
      this.#events.onRead();
    });
  }

  /** Leaves the queue: cancels all work, and resolves once it has ended. */
  return(): Promise<IteratorResult<T, undefined>> {
    this.#error = undefined;
    while (this.#unread.shift());
    this.#unreadWeight = 0;
    return new Promise((resolve, reject) => {
      if (this.#isEnded) return resolve({ done: true, value: undefined });
      this.#readers.push({ resolve, reject });
      if (this.#hasReturned) return;
      this.#hasReturned = true;
      this.#events.onReturn();
    });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  #keep(value: T): void {
    this.#unread.push(value);
    this.#unreadWeight += this.#weigh(value);
  }

  #finish(reader: Reader<T>): void {
    const error = this.#error;
    this.#error = undefined;
    if (error) reader.reject(error.reason);
    else reader.resolve({ done: true, value: undefined });
  }
}
