import { complaint, requireMilliseconds, requireSignal, shown } from '../check.ts';
import { onAbort } from './on-abort.ts';
import { Task } from './task.ts';

/** The event that ends {@link wait}. It always ends once all tasks are done. */
export type ReturnWhen = 'FIRST_COMPLETED' | 'FIRST_EXCEPTION' | 'ALL_COMPLETED';

/** Options of {@link wait}. */
export interface WaitOptions {
  /**
   * Milliseconds to wait at most: up to 2,147,483,647, or `Infinity` for no limit.
   *
   * @default Infinity
   */
  readonly timeoutMs?: number | undefined;
  /**
   * `FIRST_COMPLETED`: the first task is done, however it ended. `FIRST_EXCEPTION`: the first task was rejected; a
   * cancelled one does not count. `ALL_COMPLETED`: all tasks are done.
   *
   * @default 'ALL_COMPLETED'
   */
  readonly returnWhen?: ReturnWhen | undefined;
  /** Ends the wait when it aborts, not the tasks: `wait` rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** The tasks at the moment {@link wait} ended. Each is in one of the two sets, in the order given. */
export interface WaitResult<K extends Task<unknown>> {
  /** Tasks that were fulfilled, rejected or cancelled. */
  readonly done: Set<K>;
  /** Tasks that still run. */
  readonly pending: Set<K>;
  /** True if `timeoutMs` was over before `returnWhen` was met. */
  readonly timedOut: boolean;
}

/**
 * Waits for tasks and resolves with the done and the pending ones. It cancels no task, throws the error of none, and
 * does not reject when the time is up.
 *
 * A rejected task in `done` counts as seen: it is not reported on `fetchmany:task:unhandled`.
 *
 * @throws RangeError if there are no tasks, or an option is out of range; TypeError if an item is not a task; the
 *   signal's reason if it aborts first
 *
 * @example
 * ```ts
 * const { done, pending } = await wait(tasks, { timeoutMs: 1000, returnWhen: 'FIRST_COMPLETED' });
 * for (const task of pending) task.cancel();
 * ```
 */
export function wait<K extends Task<unknown>>(tasks: Iterable<K>, options: WaitOptions = {}): Promise<WaitResult<K>> {
  return waitWith(tasks, options, (task) => task.state === 'rejected');
}

/**
 * {@link wait} with a caller's own rule for `FIRST_EXCEPTION`.
 *
 * @param isException - called once for each task that is done
 */
export async function waitWith<K extends Task<unknown>>(
  tasks: Iterable<K>,
  { timeoutMs = Infinity, returnWhen = 'ALL_COMPLETED', signal }: WaitOptions,
  isException: (task: K) => boolean,
): Promise<WaitResult<K>> {
  const all = requireTasks(tasks);
  requireMilliseconds('wait', 'timeoutMs', timeoutMs, 0);
  requireReturnWhen(returnWhen);
  requireSignal('wait', signal);
  signal?.throwIfAborted();

  const isEnough = returnWhen === 'FIRST_EXCEPTION' ? isException : () => returnWhen === 'FIRST_COMPLETED';
  const { promise, resolve, reject } = Promise.withResolvers<WaitResult<K>>();
  let running = all.size;
  const onDone = (task: K): void => {
    running -= 1;
    if (running === 0 || isEnough(task)) resolve(split(all, false));
  };
  for (const task of all) task.addDoneCallback(onDone);
  const timer = timeoutMs === Infinity ? undefined : setTimeout(() => resolve(split(all, true)), timeoutMs);
  const unlink = signal && onAbort(signal, () => reject(signal.reason));
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    unlink?.();
    for (const task of all) task.removeDoneCallback(onDone);
  }
}

/** Takes a snapshot at the moment the wait ends: a task that settles later counts as pending. */
function split<K extends Task<unknown>>(tasks: Iterable<K>, timedOut: boolean): WaitResult<K> {
  const done = new Set<K>();
  const pending = new Set<K>();
  for (const task of tasks) (task.state === 'running' ? pending : done).add(task);
  return { done, pending, timedOut };
}

function requireTasks<K extends Task<unknown>>(tasks: Iterable<K>): Set<K> {
  if (typeof tasks?.[Symbol.iterator] !== 'function') {
    throw new TypeError(complaint('wait', 'tasks', 'an iterable of tasks', tasks));
  }
  const all = new Set(tasks);
  if (all.size === 0) throw new RangeError("Cannot wait as 'tasks' must hold at least one task: it is empty");
  for (const task of all) {
    if (task instanceof Task) continue;
    throw new TypeError(`Cannot wait as 'tasks' must hold tasks made by createTask(): one of them is ${shown(task)}`);
  }
  return all;
}

function requireReturnWhen(returnWhen: ReturnWhen): void {
  if (returnWhens.has(returnWhen)) return;
  throw new RangeError(complaint('wait', 'returnWhen', `one of ${[...returnWhens].join(', ')}`, returnWhen));
}

const returnWhens: ReadonlySet<unknown> = new Set<ReturnWhen>(['FIRST_COMPLETED', 'FIRST_EXCEPTION', 'ALL_COMPLETED']);
