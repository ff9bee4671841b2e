import { complaint } from '../check.ts';
import { onAbort } from './on-abort.ts';
import { CompletionQueue } from './completion-queue.ts';

/** Where work comes from. It is pulled as it is wanted, and closed when it is wanted no more. */
export type Source<V> = Iterable<V> | AsyncIterable<V>;

/** How the values of a source become results. */
export interface Work<V> {
  /** Whether one more value is wanted now. */
  wants(): boolean;
  /** Takes one value. Each must be delivered once, sooner or later, also after `cancel`. Throws for what is none. */
  accept(value: V, index: number): void;
  /** Starts what may start. */
  start(): void;
  /** Gives up what waits and was never started, and says how many that were. Absent where nothing ever waits. */
  takeBack?(): number;
  /** Stops what waits and what runs. */
  cancel(reason: unknown): void;
}

/** What ends a run from outside. */
export interface RunSignals {
  /** Aborted: everything is cancelled. */
  readonly signal?: AbortSignal | undefined;
  /** Aborted: nothing more starts. */
  readonly stop?: AbortSignal | undefined;
}

/** So many values are read at a stretch, before what they started gets its turn. */
const breath = 256;

/**
 * The one engine: reads a source as far as its work wants, and hands the results over in the order they come.
 * It starts with the first `next()`. It ends once everything has been delivered, whatever ended it: the end of the
 * source, an abort, a fault of the source, or a consumer that left.
 */
export class Run<V, T> {
  readonly results: CompletionQueue<T>;
  /** Resolves when nothing is under way any more. */
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
  #fault: { readonly reason: unknown } | undefined;
  #taken = 0;
  #delivered = 0;
  #unlisten: (() => void)[] = [];
  #finish: () => void = () => undefined;

  constructor(
    source: Source<V>,
    work: (run: Run<V, T>) => Work<V>,
    signals: RunSignals = {},
    weigh?: (result: T) => number,
  ) {
    this.#source = source;
    this.#signals = signals;
    this.results = new CompletionQueue<T>({ onRead: () => this.pump(), onLeave: () => this.#stop() }, weigh);
    this.ended = new Promise((resolve) => (this.#finish = resolve));
    this.#work = work(this);
  }

  /** How many values have been taken and not been delivered yet. */
  get outstanding(): number {
    return this.#taken - this.#delivered;
  }

  /** Hands over what became of one value. */
  deliver(result: T): void {
    this.#delivered += 1;
    this.results.push(result);
    this.#endIfDone();
  }

  /** One value came to a fault that ends the run. */
  fail(reason: unknown): void {
    this.#delivered += 1;
    this.abort(reason);
    this.#endIfDone();
  }

  /** Reads and starts as much as may be now: to be called whenever there may be room. */
  pump(): void {
    if (this.#isCancelled) return;
    if (!this.#isOpen) this.#open();
    this.#work.start();
    if (!this.#isReading) this.#read();
  }

  /** Stops everything; the consumer still gets the results of all that was taken, and then the reason. */
  abort(reason: unknown): void {
    this.#stop({ reason });
  }

  #open(): void {
    this.#isOpen = true;
    const { signal, stop } = this.#signals;
    if (signal?.aborted) return this.abort(signal.reason);
    if (stop?.aborted) return this.#windDown();
    if (signal) this.#unlisten.push(onAbort(signal, () => this.abort(signal.reason)));
    if (stop) this.#unlisten.push(onAbort(stop, () => this.#windDown()));
    try {
      const source = this.#source as Iterable<V> & AsyncIterable<V>;
      this.#iterator = source[Symbol.asyncIterator]?.() ?? source[Symbol.iterator]();
    } catch (reason) {
      this.abort(reason);
    }
  }

  /** Takes values as long as they are wanted and come at once; one that takes its time is waited for. */
  #read(): void {
    this.#isReading = true;
    try {
      while (this.#iterator && this.#work.wants()) {
        const step = this.#pull(this.#iterator);
        if ('then' in step) return this.#await(step);
        this.#take(step);
        if (this.#taken % breath === 0) return this.#breathe();
      }
    } catch (reason) {
      this.#break(reason);
    }
    this.#isReading = false;
  }

  #await(step: Promise<IteratorResult<V>>): void {
    const readOn = (value: IteratorResult<V>): void => {
      this.#take(value);
      if (this.#taken % breath === 0) this.#breathe();
      else this.#read();
    };
    // A source by hand may give no promise, but something that has a then().
    Promise.resolve(step)
      .then(readOn)
      .catch((reason: unknown) => {
        this.#break(reason);
        this.#isReading = false;
      });
  }

  /** Reading ahead must not keep from the wire what has been started. */
  #breathe(): void {
    setImmediate(() => this.#read());
  }

  #take({ done, value }: IteratorResult<V>): void {
    if (this.#isCancelled || this.#isExhausted) return;
    if (done) return this.#exhaust();
    this.#accept(value);
    this.#work.start();
  }

  /** A source that has thrown is over, and is not closed. */
  #break(reason: unknown): void {
    this.#iterator = undefined;
    // Whatever a source says once it has been let go is of no interest.
    if (!this.#isExhausted) this.abort(reason);
  }

  /** Asks the source for its next value. If the source ends the run meanwhile, it can be closed only afterwards. */
  #pull(iterator: Iterator<V> | AsyncIterator<V>): IteratorResult<V> | Promise<IteratorResult<V>> {
    this.#isPulling = true;
    try {
      return iterator.next();
    } finally {
      this.#isPulling = false;
      if (this.#isCancelled || this.#isExhausted) this.#closeSource();
    }
  }

  /** Counted before it is handed on: while it is being started, a job may end the run, which then waits for it. */
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

  /** Nothing more starts. What runs goes on, and the run ends with the last of it. */
  #windDown(): void {
    if (this.#isCancelled) return;
    this.#isExhausted = true;
    this.#closeSource();
    this.#taken -= this.#work.takeBack?.() ?? 0;
    this.#endIfDone();
  }

  #stop(fault?: { readonly reason: unknown }): void {
    if (this.#isCancelled) return;
    this.#isCancelled = true;
    this.#fault = fault;
    this.#closeSource();
    this.#work.cancel(fault ? fault.reason : new DOMException('The results are no longer wanted', 'AbortError'));
    this.#endIfDone();
  }

  /** Tells the source to let go, and does not wait for it: it may itself be waiting, for ever. */
  #closeSource(): void {
    if (this.#isPulling) return;
    const iterator = this.#iterator;
    this.#iterator = undefined;
    try {
      const closing = iterator?.return?.() as PromiseLike<unknown> | undefined;
      closing?.then?.(undefined, () => undefined);
    } catch {
      // A source that cannot even be closed changes nothing for the results.
    }
  }

  #endIfDone(): void {
    if (this.outstanding > 0 || !(this.#isExhausted || this.#isCancelled)) return;
    for (const unlisten of this.#unlisten.splice(0)) unlisten();
    this.results.end(this.#fault);
    this.#finish();
  }
}

/** Checks that something is a source of values. A text is none, though it could be read letter by letter. */
export function requireSource(task: string, name: string, source: unknown): void {
  const isIterable =
    typeof source === 'object' && source !== null && (Symbol.iterator in source || Symbol.asyncIterator in source);
  if (!isIterable) throw new TypeError(complaint(task, name, 'an iterable or an async iterable', source));
}
