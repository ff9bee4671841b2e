import { shown } from '../check.ts';

/**
 * Work that has not started: a function of a signal. The signal aborts when the result is no longer wanted. A promise
 * is not a job, since it is already running.
 *
 * @example
 * ```ts
 * const job: Job<string> = async (signal) => (await fetch('https://example.com/', { signal })).text();
 * ```
 */
export type Job<T> = (signal: AbortSignal) => T | PromiseLike<T>;

/** The type a job resolves with; for a union of jobs, the union of their types. */
export type JobResult<J extends Job<unknown>> = Awaited<ReturnType<J>>;

/** The types a tuple or list of jobs resolves with, position by position. */
export type JobResults<J extends readonly Job<unknown>[]> = { -readonly [K in keyof J]: JobResult<J[K]> };

/**
 * Checks that `value` is a function, for callers without types.
 *
 * @param name - the name of the value in the message, such as `jobs[2]`
 * @throws TypeError if it is not a function
 */
export function requireJob(name: string, value: unknown): asserts value is Job<unknown> {
  if (typeof value === 'function') return;
  throw new TypeError(
    `Cannot start '${name}' as a job must be a function, since a promise is already running: ` +
      `current value is ${shown(value)}`,
  );
}
