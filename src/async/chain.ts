import { type Job, type JobResults, requireJob } from './job.ts';
import { type ChainOptions, splitOptions } from './trailing-options.ts';

/**
 * Runs jobs one after the other, and resolves with all their results. The first that fails ends the chain: the jobs
 * after it never start, and the promise rejects with its error.
 *
 * It nests by a function, since a chain that is called is already running: `chain(a, () => chain(b, c), d)` resolves
 * with `[1, [2.1, 2.2], 3]`. Options may stand last; the inner chain is then
 * `(signal) => chain(b, c, { signal })`.
 *
 * When the signal aborts, the job that runs may stop or finish; then the promise rejects with the signal's reason, unless
 * that job was the last and finished.
 *
 * @throws TypeError if one is not a function; none is started then
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
