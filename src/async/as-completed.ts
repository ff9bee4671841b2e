import pLimit from 'p-limit';
import { requireConcurrency, requireSignal } from '../check.ts';
import { requireJob, type Job, type JobResult } from './job.ts';
import { requireSource, Run, type Source, type Work } from './run.ts';

/** What became of one job, and which one it was. */
export type Completion<T> = PromiseSettledResult<T> & { readonly index: number };

export interface AsCompletedOptions {
  /** Jobs that run at once; `Infinity` for no limit. @default 50 */
  readonly concurrency?: number | undefined;
  /** Aborted: every job's own signal is aborted, and the iterator throws the reason once all have settled. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs jobs, and yields what became of each in the order of completion (asyncio's `as_completed`). Jobs are pulled as
 * places free up; a result that nobody has read keeps its place. Leaving (`break`) aborts what runs and waits for it.
 *
 * @throws TypeError, RangeError for wrong arguments, at once; while iterating, whatever the source of the jobs throws
 */
export function asCompleted<J extends Job<unknown>>(
  jobs: Source<J>,
  options?: AsCompletedOptions,
): AsyncIterableIterator<Completion<JobResult<J>>> & AsyncDisposable;
export function asCompleted<T>(
  jobs: Source<Job<T>>,
  { concurrency = 50, signal }: AsCompletedOptions = {},
): AsyncIterableIterator<Completion<T>> & AsyncDisposable {
  requireSource('run jobs', 'jobs', jobs);
  requireConcurrency('run jobs', concurrency);
  requireSignal('run jobs', signal);
  return new Run<Job<T>, Completion<T>>(jobs, (run) => jobWork(run, concurrency), { signal }).results;
}

function jobWork<T>(run: Run<Job<T>, Completion<T>>, concurrency: number): Work<Job<T>> {
  const limit = pLimit(concurrency);
  const running = new Set<AbortController>();

  function finish(controller: AbortController, completion: Completion<T>): void {
    running.delete(controller);
    run.deliver(completion);
    run.pump();
  }

  return {
    // Readers that wait are no reason to take more than may run.
    wants: () => running.size + run.results.unread < concurrency,
    accept(job, index) {
      requireJob(`jobs[${index}]`, job);
      const controller = new AbortController();
      running.add(controller);
      limit(start, job, controller.signal).then(
        (value) => finish(controller, { status: 'fulfilled', value, index }),
        (reason: unknown) => finish(controller, { status: 'rejected', reason, index }),
      );
    },
    start: () => undefined,
    cancel(reason) {
      for (const controller of running) controller.abort(reason);
    },
  };
}

/** Called a moment after the job was accepted; one that has been cancelled since does not start. */
function start<T>(job: Job<T>, signal: AbortSignal): T | PromiseLike<T> {
  signal.throwIfAborted();
  return job(signal);
}
