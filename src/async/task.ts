import { channel } from 'node:diagnostics_channel';
import { nameError } from '../text/name-error.ts';
import { type Job, requireJob } from './job.ts';
import { onAbort } from './on-abort.ts';

const unhandled = channel('fetchmany:task:unhandled');

/** The state of a task. Only `running` ever changes. */
export type TaskState = 'running' | 'fulfilled' | 'rejected' | 'cancelled';

/** Options of {@link createTask}. */
export interface TaskOptions {
  /**
   * A name for logs and error messages.
   *
   * @default `task-1`, `task-2`, ...
   */
  readonly name?: string | undefined;
  /** Cancels the task with its reason when it aborts. If it has aborted already, the job is never called. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Starts a job and returns it as a {@link Task}: a promise with a state, which can be cancelled and waited for.
 *
 * The job is called at once: its part before the first `await` has run when `createTask` returns (asyncio only
 * schedules it). The task itself is still `running` then, even if the job threw.
 *
 * A failed task that nobody awaits does not crash the process. It is published on the channel
 * `fetchmany:task:unhandled` of `node:diagnostics_channel`, as `{ task, error }`, one turn of the event loop after the
 * failure, unless somebody has awaited the task, asked for its result or exception, or added a done callback. A promise
 * made from the task by `then`, `catch` or `finally` is an ordinary one and can crash the process.
 *
 * @throws TypeError if `job` is not a function
 *
 * @example
 * ```ts
 * const task = createTask((signal) => download(url, signal), { name: 'download' });
 * setTimeout(() => task.cancel(), 1000);
 * await task.catch(() => undefined);
 * console.log(task.state);
 * ```
 */
export function createTask<T>(job: Job<T>, options: TaskOptions = {}): Task<T> {
  requireJob('job', job);
  return new Task(job, options);
}

type TaskStatus<T> = { readonly state: 'running' } | TaskOutcome<T>;

type TaskOutcome<T> =
  | { readonly state: 'fulfilled'; readonly value: T }
  | { readonly state: 'rejected' | 'cancelled'; readonly error: unknown };

/** A promise of the result of a job, with a name, a state and a way to cancel it. Made by {@link createTask}. */
export class Task<T> extends Promise<T> {
  /** `then`, `catch` and `finally` make ordinary promises, which have no job behind them. */
  static override readonly [Symbol.species]: PromiseConstructor = Promise;

  /** The name from the options, or `task-1`, `task-2`, ... */
  readonly name: string;
  readonly #controller = new AbortController();
  #outcome: TaskStatus<T> = { state: 'running' };
  // `never` keeps tasks covariant: a `Task<number>` is a `Task<unknown>`, as with promises.
  #callbacks: ((task: never) => void)[] = [];
  /** True once somebody has taken the outcome, or is going to. */
  #retrieved = false;

  /** Use {@link createTask}. */
  constructor(job: Job<T>, { name = nextName(), signal }: TaskOptions) {
    let settle!: (outcome: TaskOutcome<T>) => void;
    super((resolve, reject) => {
      settle = (outcome) => (outcome.state === 'fulfilled' ? resolve(outcome.value) : reject(outcome.error));
    });
    this.name = name;
    // Without a handler Node would end the process for a failure before anybody could ask for it.
    super.then(undefined, () => {});
    this.#start(job, signal, (outcome) => {
      this.#settle(outcome);
      settle(outcome);
    });
  }

  /**
   * `running` until the job has settled, also after {@link cancel}; then `fulfilled`, `rejected` or `cancelled`. A task
   * is `cancelled` if it was asked to stop and then rejected with the reason of its signal, or with any `AbortError`.
   */
  get state(): TaskState {
    return this.#outcome.state;
  }

  /**
   * Asks the job to stop by aborting its signal. The task settles when the job does; a job that ignores its signal may
   * still fulfil. Only the first reason counts.
   *
   * @param reason - the rejection of the cancelled task; by default a `DOMException` named `AbortError`
   * @returns true if the job was still running
   */
  cancel(reason?: unknown): boolean {
    if (this.state !== 'running') return false;
    this.#controller.abort(reason);
    return true;
  }

  /**
   * Returns the value of a fulfilled task, without awaiting it.
   *
   * @throws InvalidStateError while the task runs; the error of the job if it was rejected; the reason if it was
   *   cancelled
   */
  result(): T {
    const outcome = this.#retrieve('result');
    if (outcome.state === 'fulfilled') return outcome.value;
    throw outcome.error;
  }

  /**
   * Returns the error of the job, or `undefined` if it fulfilled. (A job may throw `undefined` too: see `state`.)
   *
   * @throws InvalidStateError while the task runs; the reason if it was cancelled
   */
  exception(): unknown {
    const outcome = this.#retrieve('exception');
    if (outcome.state === 'cancelled') throw outcome.error;
    return outcome.state === 'rejected' ? outcome.error : undefined;
  }

  /**
   * Calls `callback` with this task once it is done, but never before `addDoneCallback` has returned. Callbacks are
   * called in the order they were added. An exception of one reaches neither the others nor the task: it is uncaught,
   * like that of an event listener.
   */
  addDoneCallback(callback: (task: this) => void): void {
    if (this.state === 'running') this.#callbacks.push(callback);
    else this.#notify(callback);
  }

  /**
   * Removes a callback, as many times as it was added. Has no effect once the task is done.
   *
   * @returns the number of callbacks removed
   */
  removeDoneCallback(callback: (task: this) => void): number {
    const before = this.#callbacks.length;
    this.#callbacks = this.#callbacks.filter((added) => added !== callback);
    return before - this.#callbacks.length;
  }

  // `await`, `catch`, `finally` and `Promise.all` call this too, since our constructor is not `Promise` itself.
  // oxlint-disable-next-line unicorn/no-thenable -- a task is a promise
  override then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    // oxlint-disable-next-line typescript/no-explicit-any -- the type of every promise
    onRejected?: ((reason: any) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#retrieved = true;
    return super.then(onFulfilled, onRejected);
  }

  #start(job: Job<T>, outer: AbortSignal | undefined, settle: (outcome: TaskOutcome<T>) => void): void {
    if (outer?.aborted) {
      settle({ state: 'cancelled', error: outer.reason });
      return;
    }
    const { signal } = this.#controller;
    const unlink = outer && onAbort(outer, () => this.#controller.abort(outer.reason));
    const finish = (outcome: TaskOutcome<T>): void => {
      unlink?.();
      settle(outcome);
    };
    // An async function: a job that throws at once then fails no sooner than one that rejects.
    const run = async (): Promise<T> => await job(signal);
    run().then(
      (value) => finish({ state: 'fulfilled', value }),
      (error: unknown) => finish(toFailure(error, signal)),
    );
  }

  #settle(outcome: TaskOutcome<T>): void {
    this.#outcome = outcome;
    for (const callback of this.#callbacks.splice(0)) this.#notify(callback);
    // An immediate, so that code that awaits this task after another promise is still in time.
    if (outcome.state === 'rejected' && !this.#retrieved) setImmediate(() => this.#reportUnhandled(outcome.error));
  }

  #notify(callback: (task: never) => void): void {
    this.#retrieved = true;
    queueMicrotask(() => callback(this as never));
  }

  #reportUnhandled(error: unknown): void {
    if (!this.#retrieved) unhandled.publish({ task: this, error });
  }

  #retrieve(asked: string): TaskOutcome<T> {
    if (this.#outcome.state === 'running') {
      throw new InvalidStateError(`Cannot get the ${asked} of task '${this.name}' as it must be done: it is running`);
    }
    this.#retrieved = true;
    return this.#outcome;
  }
}

/** The error of a {@link Task} that was asked for its result or exception while it ran. */
export class InvalidStateError extends Error {}

nameError(InvalidStateError, 'InvalidStateError');

/** Makes the outcome of a job that failed. It is cancelled only if the cancellation made it fail. */
function toFailure(error: unknown, signal: AbortSignal): TaskOutcome<never> {
  const wasCancelled = signal.aborted && (error === signal.reason || isAbortError(error));
  return wasCancelled ? { state: 'cancelled', error: signal.reason } : { state: 'rejected', error };
}

/** Recognises the errors in which Node's own functions wrap the reason; not all of them are a `DOMException`. */
function isAbortError(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

let lastNumber = 0;

function nextName(): string {
  lastNumber += 1;
  return `task-${lastNumber}`;
}
