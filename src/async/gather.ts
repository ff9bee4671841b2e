import type { Job, JobResult, JobResults } from './job.ts';
import { asCompleted } from './as-completed.ts';
import type { Source } from './run.ts';

/** Options of {@link gather} for jobs. */
export interface GatherOptions {
  /** Jobs that run at once. @default Infinity */
  readonly concurrency?: number | undefined;
  /** Aborts the signal of every job when it aborts. The promise rejects with its reason once all jobs have settled. */
  readonly signal?: AbortSignal | undefined;
}

/** The outcomes of a tuple or list of jobs, position by position. */
export type JobOutcomes<J extends readonly Job<unknown>[]> = {
  -readonly [K in keyof J]: PromiseSettledResult<JobResult<J[K]>>;
};

/**
 * Runs jobs concurrently and resolves with their values in input order (asyncio's `gather`). The first error cancels
 * the other jobs; the promise rejects with it once they have settled. With `returnExceptions: true` nothing is
 * cancelled, and the promise resolves with a `PromiseSettledResult` for each job.
 *
 * @throws TypeError or RangeError for wrong arguments, the error of the source, the first error of a job, or the reason
 *   of the signal; all as a rejection
 *
 * @example
 * ```ts
 * const [user, posts] = await gather([() => loadUser(1), (signal) => loadPosts(1, signal)]);
 * ```
 */
export function gather<const J extends readonly Job<unknown>[]>(
  jobs: J,
  options?: GatherOptions & { readonly returnExceptions?: false | undefined },
): Promise<JobResults<J>>;
export function gather<const J extends readonly Job<unknown>[]>(
  jobs: J,
  options: GatherOptions & { readonly returnExceptions: true },
): Promise<JobOutcomes<J>>;
export function gather<J extends Job<unknown>>(
  jobs: Source<J>,
  options?: GatherOptions & { readonly returnExceptions?: false | undefined },
): Promise<JobResult<J>[]>;
export function gather<J extends Job<unknown>>(
  jobs: Source<J>,
  options: GatherOptions & { readonly returnExceptions: true },
): Promise<PromiseSettledResult<JobResult<J>>[]>;
export async function gather(
  jobs: Source<Job<unknown>>,
  {
    concurrency = Infinity,
    signal,
    returnExceptions = false,
  }: GatherOptions & { returnExceptions?: boolean | undefined } = {},
): Promise<unknown[]> {
  const results: unknown[] = [];
  for await (const { index, ...outcome } of asCompleted(jobs, { concurrency, signal })) {
    if (returnExceptions) results[index] = outcome;
    else if (outcome.status === 'fulfilled') results[index] = outcome.value;
    // After an abort, the errors of the jobs only echo it.
    else throw signal?.aborted ? signal.reason : outcome.reason;
  }
  return results;
}
