import { requireSignal } from '../check.ts';
import { requireJob, type Job } from './job.ts';
import { onAbort } from './on-abort.ts';
import { createTask, InvalidStateError, type Task } from './task.ts';

/** Options of {@link TaskGroup.run}. */
export interface TaskGroupOptions {
  /** Cancels the whole group when it aborts. `run` rejects with its reason once all tasks have settled. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Tasks that live and end together (asyncio's `TaskGroup`): no task outlives its group, and the first failure cancels
 * the others.
 *
 * @example
 * ```ts
 * const [user, posts] = await TaskGroup.run(async (group) => {
 *   const user = group.createTask((signal) => loadUser(signal));
 *   const posts = group.createTask((signal) => loadPosts(signal));
 *   return [await user, await posts];
 * });
 * ```
 */
export class TaskGroup {
  readonly #controller = new AbortController();
  readonly #running = new Set<Task<unknown>>();
  /** A set, since a body that awaits a failed task throws the same error. */
  readonly #errors = new Set<unknown>();
  #isOver = false;

  /** Use {@link TaskGroup.run}. */
  private constructor() {}

  /**
   * Runs `body`, which starts tasks in the group, and waits until it and all of them have settled. Resolves with the
   * value of `body`.
   *
   * If `body` or a task fails, the signals of the others abort. A task that is cancelled by `task.cancel()` is no
   * failure.
   *
   * @param body - gets the group, and the signal that aborts when the group is cancelled
   * @throws AggregateError with the errors in order, if anything failed, even if it is one error; the reason of the
   *   signal if it aborted; TypeError for wrong arguments
   */
  static async run<T>(
    body: (group: TaskGroup, signal: AbortSignal) => T | PromiseLike<T>,
    { signal }: TaskGroupOptions = {},
  ): Promise<T> {
    requireJob('body', body);
    requireSignal('run task group', signal);
    signal?.throwIfAborted();
    const group = new TaskGroup();
    const unlink = signal && onAbort(signal, () => group.#controller.abort(signal.reason));
    try {
      const main = group.createTask((inner) => body(group, inner), { name: 'body' });
      await group.#settle();
      signal?.throwIfAborted();
      if (group.#errors.size > 0) throw failureOf([...group.#errors]);
      return main.result();
    } finally {
      unlink?.();
    }
  }

  /**
   * Starts a job as a task of this group, at once. Tasks may start further ones.
   *
   * @throws InvalidStateError if the group is over; TypeError if `job` is not a function
   */
  createTask<T>(job: Job<T>, { name }: { readonly name?: string | undefined } = {}): Task<T> {
    if (this.#isOver) throw new InvalidStateError('Cannot create task as its group is over');
    const task = createTask(job, { name, signal: this.#controller.signal });
    this.#running.add(task);
    task.addDoneCallback(() => this.#take(task));
    return task;
  }

  #take(task: Task<unknown>): void {
    this.#running.delete(task);
    if (task.state !== 'rejected') return;
    const error = task.exception();
    this.#errors.add(error);
    this.#controller.abort(error);
  }

  async #settle(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
    this.#isOver = true;
  }
}

function failureOf(errors: readonly unknown[]): AggregateError {
  const [first] = errors;
  const message = first instanceof Error ? first.message : String(first);
  const words = errors.length === 1 ? 'A task failed' : `${errors.length} tasks failed, the first with`;
  return new AggregateError(errors, `${words}: ${message}`, { cause: first });
}
