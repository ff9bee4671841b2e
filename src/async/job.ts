import { shown } from '../check.ts';

/**
 * Work that has not started yet: a function, so that whoever is given it decides when it starts. Its signal says when
 * the result is no longer wanted. A promise is not a job, since it is already running.
 */
export type Job<T> = (signal: AbortSignal) => T | PromiseLike<T>;

/** What a job resolves with; of a union of jobs, the union of it. */
export type JobResult<J extends Job<unknown>> = Awaited<ReturnType<J>>;

/** What a list of jobs resolves with, position by position. */
export type JobResults<J extends readonly Job<unknown>[]> = { -readonly [K in keyof J]: JobResult<J[K]> };

/**
 * Checks that `value` is a function, where the types could not.
 *
 * @param name - what the caller calls it, such as `jobs[2]`
 * @throws TypeError if it is not a function
 */
export function requireJob(name: string, value: unknown): asserts value is Job<unknown> {
  if (typeof value === 'function') return;
  throw new TypeError(
    `Cannot start '${name}' as a job must be a function, since a promise is already running: ` +
      `current value is ${shown(value)}`,
  );
}
