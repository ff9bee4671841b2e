import { complaint } from '../check.ts';
import { onAbort } from './on-abort.ts';
import { CompletionQueue, type ResultCounting } from './completion-queue.ts';

/** The input of a run. Values are pulled as they are wanted; the iterator is closed (`return()`) when no more are. */
export type Source<V> = Iterable<V> | AsyncIterable<V>;

/** Turns the values of a source into results. */
export interface Work<V> {
  /** Tells whether to read one more value now. */
  wants(): boolean;
  /**
   * Accepts one value. Each must be delivered once, sooner or later, also after `cancel`. Throws for an invalid value.
   */
  accept(value: V, index: number): void;
  /** Starts everything that may start now. */
  start(): void;
  /** Drops the values that wait and have never started, and returns their number. Absent where nothing ever waits. */
  stop?(): number;
  /** Cancels everything that waits or runs. */
  cancel(reason: unknown): void;
}

/** Signals that end a run from outside. */
export interface RunSignals {
  /** Cancels everything when it aborts. */
  readonly signal?: AbortSignal | undefined;
  /** Stops the run when it aborts: nothing new starts, and what runs may finish. */
  readonly stop?: AbortSignal | undefined;
}

/** Values read synchronously before the event loop gets a turn, so that started requests reach the wire. */
const maxReadBatch = 256;

/**
 * Runs every mode: reads a source whenever its work has room, and delivers the results in the order of completion. It
 * begins with the first `next()`. It ends once everything is delivered, whatever ended it: the end of the source, an
 * abort, an error of the source, or a consumer that left.
 */
export class Run<V, T> {
  readonly results: CompletionQueue<T>;
  /** Resolves once nothing runs or waits. */
  readonly ended: Promise<void>;
  readonly #source: Source<V>;
  readonly #work: Work<V>;
  readonly #signals: RunSignals;
  #iterator: Iterator<V> | AsyncIterator<V> | undefined;
  #isOpen = false;
  #isReading = false;
  #isPulling = false;
  #isExhausted = false;
  #isCancelled = false;
  #error: { readonly reason: unknown } | undefined;
  #taken = 0;
  #delivered = 0;
  #unlisten: (() => void)[] = [];
  #resolveEnded: () => void = () => undefined;

  constructor(
    source: Source<V>,
    work: (run: Run<V, T>) => Work<V>,
    signals: RunSignals = {},
    counting?: ResultCounting<T>,
  ) {
    this.#source = source;
    this.#signals = signals;
    this.results = new CompletionQueue<T>({ onRead: () => this.pump(), onReturn: () => this.#cancel() }, counting);
    this.ended = new Promise((resolve) => (this.#resolveEnded = resolve));
    this.#work = work(this);
  }

  /** Values that were read and not delivered yet. */
  get outstanding(): number {
    return this.#taken - this.#delivered;
  }

  /** Delivers the result of one value. */
  deliver(result: T): void {
    this.#delivered += 1;
    this.results.push(result);
    this.#endIfDone();
  }

  /** Counts one value as delivered, and aborts the run with its error. */
  fail(reason: unknown): void {
    this.#delivered += 1;
    this.abort(reason);
    this.#endIfDone();
  }

  /** Starts and reads as much as is possible now. Call it whenever there may be room. */
  pump(): void {
    if (this.#isCancelled) return;
    if (!this.#isOpen) this.#open();
    this.#work.start();
    if (!this.#isReading) this.#read();
  }

  /**
   * Cancels everything. The consumer gets a result for each value that was read, and then the reason as a rejection.
   */
  abort(reason: unknown): void {
    this.#cancel({ reason });
  }

  #open(): void {
    this.#isOpen = true;
    const { signal, stop } = this.#signals;
    if (signal?.aborted) return this.abort(signal.reason);
    if (stop?.aborted) return this.#stop();
    if (signal) this.#unlisten.push(onAbort(signal, () => this.abort(signal.reason)));
    if (stop) this.#unlisten.push(onAbort(stop, () => this.#stop()));
    try {
      this.#iterator = iteratorOf(this.#source);
    } catch (reason) {
      this.abort(reason);
    }
  }

  /** Reads values as long as they are wanted. A value that comes as a promise is awaited. */
  #read(): void {
    this.#isReading = true;
    try {
      while (this.#iterator && this.#work.wants()) {
        const step = this.#pull(this.#iterator);
        if ('then' in step) return this.#await(step);
        this.#take(step);
        if (this.#taken % maxReadBatch === 0) return this.#yield();
      }
    } catch (reason) {
      this.#failSource(reason);
    }
    this.#isReading = false;
  }

  #await(step: Promise<IteratorResult<V>>): void {
    const readOn = (value: IteratorResult<V>): void => {
      this.#take(value);
      if (this.#taken % maxReadBatch === 0) this.#yield();
      else this.#read();
    };
    // A hand-written source may return an object with then() that is not a promise.
    Promise.resolve(step)
      .then(readOn)
      .catch((reason: unknown) => {
        this.#failSource(reason);
        this.#isReading = false;
      });
  }

  /** Reads on after a turn of the event loop: reading ahead must not keep started requests from the wire. */
  #yield(): void {
    setImmediate(() => this.#read());
  }

  #take({ done, value }: IteratorResult<V>): void {
    if (this.#isCancelled || this.#isExhausted) return;
    if (done) return this.#exhaust();
    this.#accept(value);
    this.#work.start();
  }

  /** Ends the run with an error of its source. A source that threw is not closed. */
  #failSource(reason: unknown): void {
    this.#iterator = undefined;
    // An error after the source was closed no longer matters.
    if (!this.#isExhausted) this.abort(reason);
  }

  /** Asks the source for its next value. If that ends the run, the source can be closed only afterwards. */
  #pull(iterator: Iterator<V> | AsyncIterator<V>): IteratorResult<V> | Promise<IteratorResult<V>> {
    this.#isPulling = true;
    try {
      return iterator.next();
    } finally {
      this.#isPulling = false;
      if (this.#isCancelled || this.#isExhausted) this.#closeSource();
    }
  }

  /** Counts a value before the work accepts it: a job may end the run while it starts, and the run must wait for it. */
  #accept(value: V): void {
    const index = this.#taken;
    this.#taken += 1;
    try {
      this.#work.accept(value, index);
    } catch (reason) {
      this.fail(reason);
    }
  }

  #exhaust(): void {
    this.#iterator = undefined;
    this.#isExhausted = true;
    this.#endIfDone();
  }

  /** Starts nothing new. The run ends once what runs has finished. */
  #stop(): void {
    if (this.#isCancelled) return;
    this.#isExhausted = true;
    this.#closeSource();
    this.#taken -= this.#work.stop?.() ?? 0;
    this.#endIfDone();
  }

  /** Cancels everything; with an error, the consumer gets its reason at the end. */
  #cancel(error?: { readonly reason: unknown }): void {
    if (this.#isCancelled) return;
    this.#isCancelled = true;
    this.#error = error;
    this.#closeSource();
    this.#work.cancel(error ? error.reason : new DOMException('The results are no longer wanted', 'AbortError'));
    this.#endIfDone();
  }

  /** Closes the source and does not wait for it: it may itself wait for ever. */
  #closeSource(): void {
    if (this.#isPulling) return;
    const iterator = this.#iterator;
    this.#iterator = undefined;
    try {
      const closing = iterator?.return?.() as PromiseLike<unknown> | undefined;
      closing?.then?.(undefined, () => undefined);
    } catch {
      // A source that cannot be closed changes nothing about the results.
    }
  }

  #endIfDone(): void {
    if (this.outstanding > 0 || !(this.#isExhausted || this.#isCancelled)) return;
    for (const unlisten of this.#unlisten.splice(0)) unlisten();
    this.results.end(this.#error);
    this.#resolveEnded();
  }
}

/** Returns the async iterator of a source, or else its sync one. */
export function iteratorOf<V>(source: Source<V>): AsyncIterator<V> | Iterator<V> {
  const either = source as Iterable<V> & AsyncIterable<V>;
  return either[Symbol.asyncIterator]?.() ?? either[Symbol.iterator]();
}

/** Throws a `TypeError` unless `source` is iterable. A string is refused, though it could be read letter by letter. */
export function requireSource(task: string, name: string, source: unknown): void {
  const isIterable =
    typeof source === 'object' && source !== null && (Symbol.iterator in source || Symbol.asyncIterator in source);
  if (!isIterable) throw new TypeError(complaint(task, name, 'an iterable or an async iterable', source));
}
