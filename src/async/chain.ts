import { type Job, type JobResults, requireJob } from './job.ts';
import { type ChainOptions, splitOptions } from './trailing-options.ts';

/**
 * Runs jobs one after the other and resolves with all their results. The first error ends the chain: later jobs never
 * start, and the promise rejects with it.
 *
 * Options may follow the last job. To nest a chain, wrap it in a function, since a chain that is called is already
 * running; with a signal, the inner chain is `(signal) => chain(b, c, { signal })`.
 *
 * When the signal aborts, the running job may stop or finish. The promise then rejects with the signal's reason, unless
 * that job was the last one and finished.
 *
 * @throws TypeError if an argument is not a function; no job starts then
 *
 * @example
 * ```ts
 * const [first, [second, third], fourth] = await chain(a, () => chain(b, c), d);
 * ```
 */
export function chain<J extends readonly Job<unknown>[]>(...jobs: J): Promise<JobResults<J>>;
export function chain<J extends readonly Job<unknown>[]>(
  ...jobsAndOptions: [...jobs: J, options: ChainOptions | undefined]
): Promise<JobResults<J>>;
export async function chain(...values: readonly unknown[]): Promise<unknown[]> {
  const { jobs, options } = splitOptions(values);
  const { signal = new AbortController().signal } = options;
  requireJobs(jobs);
  const results: unknown[] = [];
  for (const job of jobs) {
    signal.throwIfAborted();
    results.push(await job(signal));
  }
  return results;
}

function requireJobs(jobs: readonly unknown[]): asserts jobs is readonly Job<unknown>[] {
  for (const [index, job] of jobs.entries()) requireJob(`jobs[${index}]`, job);
}
