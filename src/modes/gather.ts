import type { Job, JobResults } from '../job.ts';
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
  -readonly [K in keyof J]: PromiseSettledResult<Awaited<ReturnType<J[K]>>>;
};

/**
 * Runs jobs at the same time and resolves with their values in input order (asyncio's `gather`). The first that throws
 * cancels the others; once they have settled the promise rejects with its error. With `returnExceptions` nothing is
 * cancelled, and there is a `PromiseSettledResult` for each.
 */
export function gather<const J extends readonly Job<unknown>[]>(
  jobs: J,
  options?: GatherOptions & { readonly returnExceptions?: false },
): Promise<JobResults<J>>;
export function gather<const J extends readonly Job<unknown>[]>(
  jobs: J,
  options: GatherOptions & { readonly returnExceptions: true },
): Promise<JobOutcomes<J>>;
export function gather<T>(
  jobs: Source<Job<T>>,
  options?: GatherOptions & { readonly returnExceptions?: false },
): Promise<T[]>;
export function gather<T>(
  jobs: Source<Job<T>>,
  options: GatherOptions & { readonly returnExceptions: true },
): Promise<PromiseSettledResult<T>[]>;
export async function gather<T>(
  jobs: Source<Job<T>>,
  { concurrency = Infinity, signal, returnExceptions = false }: GatherOptions & { returnExceptions?: boolean } = {},
): Promise<unknown[]> {
  const results: unknown[] = [];
  const options = signal ? { concurrency, signal } : { concurrency };
  for await (const { index, ...outcome } of asCompleted(jobs, options)) {
    // Once aborted, what the jobs throw is only the echo; the reason itself ends the loop.
    if (outcome.status === 'rejected' && !returnExceptions && !signal?.aborted) throw outcome.reason;
    results[index] = returnExceptions || outcome.status === 'rejected' ? outcome : outcome.value;
  }
  return results;
}
