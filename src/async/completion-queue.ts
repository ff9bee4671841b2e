import { LinkedList } from '../collections/linked-list.ts';

/** The events of a {@link CompletionQueue}. */
interface CompletionQueueEvents {
  /** Called when a reader asks for a result, and when a result is no longer {@link CompletionQueue.inHand}. */
  readonly onRead: () => void;
  /** Called once, when the consumer leaves before the end. */
  readonly onReturn: () => void;
}

/** How a {@link CompletionQueue} counts its results. */
export interface ResultCounting<T> {
  /** The weight of a result, for `unreadWeight`. @default none */
  readonly weigh?: (value: T) => number;
  /** Keeps a result {@link CompletionQueue.inHand} for a moment. @default false */
  readonly holds?: boolean;
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
  readonly #holds: boolean;
  #unreadWeight = 0;
  #inHand = false;
  /** True if the end of this turn of the event loop will be noticed. */
  #awaitsTurn = false;
  #hasReturned = false;
  #isEnded = false;
  #error: { readonly reason: unknown } | undefined;

  constructor(events: CompletionQueueEvents, { weigh = () => 0, holds = false }: ResultCounting<T> = {}) {
    this.#events = events;
    this.#weigh = weigh;
    this.#holds = holds;
  }

  /** Number of unread results. */
  get unread(): number {
    return this.#unread.size;
  }

  /** The weight of all unread results. */
  get unreadWeight(): number {
    return this.#unreadWeight;
  }

  /**
   * True while a consumer may still be busy with a result that it just got, for example to write its record. Lasts
   * until it asks for the next result, or until the next turn of the event loop.
   */
  get inHand(): boolean {
    return this.#inHand;
  }

  /** True while a reader waits for a result. */
  get isAwaited(): boolean {
    return this.#readers.size > 0;
  }

  /** Gives a result to the next reader. Drops it if the consumer has left. */
  push(value: T): void {
    if (this.#hasReturned) return;
    const reader = this.#readers.shift();
    if (reader) this.#hand(reader.value, value);
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
      this.#inHand = false;
      const unread = this.#unread.shift();
      if (unread) {
        this.#unreadWeight -= this.#weigh(unread.value);
        this.#hand({ resolve, reject }, unread.value);
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

  #hand({ resolve }: Reader<T>, value: T): void {
    resolve({ done: false, value });
    if (!this.#holds) return;
    this.#inHand = true;
    // One for all results of a turn: most consumers have asked for the next one by then.
    if (this.#awaitsTurn) return;
    this.#awaitsTurn = true;
    setImmediate(this.#onTurn);
  }

  readonly #onTurn = (): void => {
    this.#awaitsTurn = false;
    if (!this.#inHand) return;
    this.#inHand = false;
    this.#events.onRead();
  };

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
