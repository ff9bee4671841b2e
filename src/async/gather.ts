import type { Job, JobResult, JobResults } from './job.ts';
import { asCompleted } from './as-completed.ts';
import type { Source } from './run.ts';

export interface GatherOptions {
  /** Jobs that run at once. @default no limit */
  readonly concurrency?: number | undefined;
  /** Aborted: every job's signal is aborted, and the promise rejects with the reason once all have settled. */
  readonly signal?: AbortSignal | undefined;
}

/** What became of each job of a list, position by position. */
export type JobOutcomes<J extends readonly Job<unknown>[]> = {
  -readonly [K in keyof J]: PromiseSettledResult<JobResult<J[K]>>;
};

/**
 * Runs jobs at the same time and resolves with their values in input order (asyncio's `gather`). The first that throws
 * cancels the others; once they have settled the promise rejects with its error. With `returnExceptions` nothing is
 * cancelled, and there is a `PromiseSettledResult` for each.
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
    // Once aborted, what the jobs throw is only the echo.
    else throw signal?.aborted ? signal.reason : outcome.reason;
  }
  return results;
}
