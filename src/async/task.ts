import { channel } from 'node:diagnostics_channel';
import { type Job, requireJob } from './job.ts';
import { onAbort } from './on-abort.ts';

const unhandled = channel('fetchmany:task:unhandled');

/** Where a task stands. Only `running` ever changes. */
export type TaskState = 'running' | 'fulfilled' | 'rejected' | 'cancelled';

/** What {@link createTask} can be told. */
export interface TaskOptions {
  /**
   * For people: logs and error messages.
   *
   * @default `task-1`, `task-2`, ...
   */
  readonly name?: string | undefined;
  /** Cancels the task when it aborts, with its reason. If it is aborted already, the job is never called. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Starts a job and returns it as a {@link Task}, which can be awaited, cancelled, asked and waited for.
 *
 * The job is called now: its part before the first `await` has run when `createTask` returns (asyncio only schedules
 * it). The task itself is still `running` then, even if the job threw.
 *
 * A failed task that nobody awaits does not crash the process. Subscribe to the channel `fetchmany:task:unhandled` of
 * `node:diagnostics_channel` to see it: the message is `{ task, error }`, and it is published once the event loop has
 * turned after the failure and nobody has awaited the task, asked for its result or exception, nor has a done callback
 * on it. A promise made of it by `then`, `catch` or `finally` is an ordinary one, and can crash the process.
 *
 * @throws TypeError if `job` is not a function
 */
export function createTask<T>(job: Job<T>, options: TaskOptions = {}): Task<T> {
  requireJob('job', job);
  return new Task(job, options);
}

type TaskStatus<T> = { readonly state: 'running' } | TaskOutcome<T>;

type TaskOutcome<T> =
  | { readonly state: 'fulfilled'; readonly value: T }
  | { readonly state: 'rejected' | 'cancelled'; readonly error: unknown };

/** A job that runs: the promise of its result, with a name, a state and a way to cancel it. See {@link createTask}. */
export class Task<T> extends Promise<T> {
  /** `then`, `catch` and `finally` make ordinary promises: there is no job behind those. */
  static override readonly [Symbol.species]: PromiseConstructor = Promise;

  readonly name: string;
  readonly #controller = new AbortController();
  #outcome: TaskStatus<T> = { state: 'running' };
  // `never`, so that a task of a number is a task of an unknown, as with promises.
  #callbacks: ((task: never) => void)[] = [];
  /** Whether somebody has taken the outcome, or will. */
  #retrieved = false;

  /** Use {@link createTask}. */
  constructor(job: Job<T>, { name = nextName(), signal }: TaskOptions) {
    let settle!: (outcome: TaskOutcome<T>) => void;
    super((resolve, reject) => {
      settle = (outcome) => (outcome.state === 'fulfilled' ? resolve(outcome.value) : reject(outcome.error));
    });
    this.name = name;
    // Or Node would end the process for a failure before anybody could ask for it.
    super.then(undefined, () => {});
    this.#start(job, signal, (outcome) => {
      this.#settle(outcome);
      settle(outcome);
    });
  }

  /**
   * `running` until the job has settled, also after {@link cancel}. Then `cancelled` if it was asked to stop and gave up
   * for that, which is to say that it rejected with the reason of its signal or with any `AbortError`; `rejected` if it
   * failed in another way; or `fulfilled`.
   */
  get state(): TaskState {
    return this.#outcome.state;
  }

  /**
   * Asks the job to stop, by aborting its signal. A request: the task settles when the job does, and a job that does not
   * heed its signal may still fulfil. Only the first reason counts.
   *
   * @param reason - what awaiting the cancelled task rejects with; by default a `DOMException` named `AbortError`
   * @returns whether the job still ran
   */
  cancel(reason?: unknown): boolean {
    if (this.state !== 'running') return false;
    this.#controller.abort(reason);
    return true;
  }

  /**
   * The value of a fulfilled task, without awaiting it.
   *
   * @throws InvalidStateError while it runs; what the job threw if it was rejected; the reason if it was cancelled
   */
  result(): T {
    const outcome = this.#retrieve('result');
    if (outcome.state === 'fulfilled') return outcome.value;
    throw outcome.error;
  }

  /**
   * What the job threw, or `undefined` if it fulfilled. (A job may throw `undefined` too: `state` tells them apart.)
   *
   * @throws InvalidStateError while it runs; the reason if it was cancelled
   */
  exception(): unknown {
    const outcome = this.#retrieve('exception');
    if (outcome.state === 'cancelled') throw outcome.error;
    return outcome.state === 'rejected' ? outcome.error : undefined;
  }

  /**
   * Calls `callback` with this task once it is done; never before `addDoneCallback` has returned, also if it is done
   * already. Callbacks are called in the order they were added. An error that one throws reaches neither the others nor
   * the task: it is an uncaught exception, like that of an event listener.
   */
  addDoneCallback(callback: (task: this) => void): void {
    if (this.state === 'running') this.#callbacks.push(callback);
    else this.#notify(callback);
  }

  /**
   * Takes back {@link addDoneCallback}, as often as `callback` was added. Of no effect once the task is done.
   *
   * @returns how many were removed
   */
  removeDoneCallback(callback: (task: this) => void): number {
    const before = this.#callbacks.length;
    this.#callbacks = this.#callbacks.filter((added) => added !== callback);
    return before - this.#callbacks.length;
  }

  // `await`, `catch`, `finally` and `Promise.all` come through here too, since our constructor is not `Promise` itself.
  // oxlint-disable-next-line unicorn/no-thenable -- a task is a promise
  override then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    // oxlint-disable-next-line typescript/no-explicit-any -- as every promise has it
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
    // An async function, so that a job that throws at once fails no sooner than one that rejects.
    const run = async (): Promise<T> => await job(signal);
    run().then(
      (value) => finish({ state: 'fulfilled', value }),
      (error: unknown) => finish(toFailure(error, signal)),
    );
  }

  #settle(outcome: TaskOutcome<T>): void {
    this.#outcome = outcome;
    for (const callback of this.#callbacks.splice(0)) this.#notify(callback);
    // An immediate, so that whoever awaits this task next, once a promise has told him to, is still in time.
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

/** A {@link Task} was asked for its result or exception while it ran. */
export class InvalidStateError extends Error {}

// On the prototype, as the built-in errors have it: an own `name` would show up in every print of an error.
Object.defineProperty(InvalidStateError.prototype, 'name', {
  value: 'InvalidStateError',
  configurable: true,
  writable: true,
});

/** Only giving up for the cancel is being cancelled: a job that fails while it stops has failed. */
function toFailure(error: unknown, signal: AbortSignal): TaskOutcome<never> {
  const gaveUp = signal.aborted && (error === signal.reason || isAbortError(error));
  return gaveUp ? { state: 'cancelled', error: signal.reason } : { state: 'rejected', error };
}

/** Node's own functions wrap the reason in an error of theirs, a `DOMException` or not, of this name. */
function isAbortError(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

let named = 0;

function nextName(): string {
  named += 1;
  return `task-${named}`;
}
