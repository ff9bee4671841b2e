import { LinkedList } from '../collections/linked-list.ts';

interface Reader<T> {
  readonly resolve: (step: IteratorResult<T, undefined>) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * The consumer's end of a run: results in the order they came, each to one reader. Written by hand, since an async
 * generator's `return()` queues up behind a `next()` that is still waiting, and could then stop nothing.
 */
export class CompletionQueue<T> implements AsyncIterableIterator<T, undefined, undefined>, AsyncDisposable {
  readonly #unread = new LinkedList<T>();
  readonly #readers = new LinkedList<Reader<T>>();
  readonly #weigh: (value: T) => number;
  readonly #events: { readonly onRead: () => void; readonly onLeave: () => void };
  #unreadWeight = 0;
  #isLeft = false;
  #isEnded = false;
  #fault: { readonly reason: unknown } | undefined;

  /** `onRead` is called when a reader wants more, `onLeave` once, when it wants nothing more. */
  constructor(
    events: { readonly onRead: () => void; readonly onLeave: () => void },
    weigh: (value: T) => number = () => 0,
  ) {
    this.#events = events;
    this.#weigh = weigh;
  }

  /** How many results nobody has read yet. */
  get unread(): number {
    return this.#unread.size;
  }

  /** The weight of all results that nobody has read yet. */
  get unreadWeight(): number {
    return this.#unreadWeight;
  }

  /** Whether a reader waits for one. */
  get isAwaited(): boolean {
    return this.#readers.size > 0;
  }

  /** Hands a result to the next reader. After the consumer has left it is dropped. */
  push(value: T): void {
    if (this.#isLeft) return;
    const reader = this.#readers.shift();
    if (reader) reader.value.resolve({ done: false, value });
    else this.#keep(value);
  }

  /** Nothing more will come. With a fault, the reader after the last result gets its reason as a rejection, once. */
  end(fault?: { readonly reason: unknown }): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#fault = this.#isLeft ? undefined : fault;
    for (let reader = this.#readers.shift(); reader; reader = this.#readers.shift()) this.#serve(reader.value);
  }

  next(): Promise<IteratorResult<T, undefined>> {
    return new Promise((resolve, reject) => {
      const unread = this.#unread.shift();
      if (unread) {
        this.#unreadWeight -= this.#weigh(unread.value);
        resolve({ done: false, value: unread.value });
      } else if (this.#isEnded) this.#serve({ resolve, reject });
      else this.#readers.push({ resolve, reject });
      this.#events.onRead();
    });
  }

  /** Leaves: stops all work, and resolves once it has stopped. */
  return(): Promise<IteratorResult<T, undefined>> {
    this.#fault = undefined;
    while (this.#unread.shift());
    this.#unreadWeight = 0;
    return new Promise((resolve, reject) => {
      if (this.#isEnded) return resolve({ done: true, value: undefined });
      this.#readers.push({ resolve, reject });
      if (this.#isLeft) return;
      this.#isLeft = true;
      this.#events.onLeave();
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

  #serve(reader: Reader<T>): void {
    const fault = this.#fault;
    this.#fault = undefined;
    if (fault) reader.reject(fault.reason);
    else reader.resolve({ done: true, value: undefined });
  }
}
