import { requireInterval, requireSignal } from '../check.ts';
import { requireJob, type Job, type JobResult } from './job.ts';
import { requireSource, Run, type Source, type Work } from './run.ts';

export interface SequentialOptions {
  /** The least time between two starts, in milliseconds. @default 0 */
  readonly intervalMs?: number | undefined;
  /** Aborted: the running job's signal is aborted, and the iterator throws the reason once it has settled. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs jobs one at a time, in their order, and yields their values. The next one starts when it is asked for. A job that
 * throws ends it: the iterator throws what the job threw.
 */
export function sequential<J extends Job<unknown>>(
  jobs: Source<J>,
  options?: SequentialOptions,
): AsyncIterableIterator<JobResult<J>> & AsyncDisposable;
export function sequential<T>(
  jobs: Source<Job<T>>,
  { intervalMs = 0, signal }: SequentialOptions = {},
): AsyncIterableIterator<T> & AsyncDisposable {
  requireSource('run jobs', 'jobs', jobs);
  requireSignal('run jobs', signal);
  requireInterval('run jobs', intervalMs);
  return new Run<Job<T>, T>(jobs, (run) => oneAtATime(run, intervalMs), { signal }).results;
}

function oneAtATime<T>(run: Run<Job<T>, T>, intervalMs: number): Work<Job<T>> {
  let running: AbortController | undefined;
  let timer: NodeJS.Timeout | undefined;
  let nextStart = 0;

  /** Whether it is time; if not, comes back when it is. */
  function isTime(): boolean {
    const waitMs = nextStart - performance.now();
    if (waitMs <= 0) return true;
    timer ??= setTimeout(() => {
      timer = undefined;
      run.pump();
    }, Math.ceil(waitMs));
    return false;
  }

  async function perform(job: Job<T>, controller: AbortController): Promise<void> {
    try {
      const value = await job(controller.signal);
      running = undefined;
      run.deliver(value);
      run.pump();
    } catch (reason) {
      running = undefined;
      run.fail(reason);
    }
  }

  return {
    wants: () => running === undefined && run.results.isAwaited && isTime(),
    accept(job, index) {
      requireJob(`jobs[${index}]`, job);
      running = new AbortController();
      nextStart = performance.now() + intervalMs;
      void perform(job, running);
    },
    start: () => undefined,
    cancel(reason) {
      clearTimeout(timer);
      running?.abort(reason);
    },
  };
}
