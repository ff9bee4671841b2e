import pLimit from 'p-limit';
import { requireConcurrency, requireSignal } from '../check.ts';
import { requireJob, type Job, type JobResult } from './job.ts';
import { requireSource, Run, type Source, type Work } from './run.ts';

/** The outcome of one job, as in `Promise.allSettled()`, and the position of the job in the input, from 0. */
export type Completion<T> = PromiseSettledResult<T> & { readonly index: number };

/** Options of {@link asCompleted} for jobs. */
export interface AsCompletedOptions {
  /** Jobs that run at once; `Infinity` for no limit. @default 50 */
  readonly concurrency?: number | undefined;
  /** Aborts the signal of every job when it aborts. The iterator throws its reason once all jobs have settled. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs jobs concurrently and yields their outcomes in the order of completion (asyncio's `as_completed`). A job is read
 * from the source when it may start; an unread outcome keeps its place. Leaving the loop (`break`) aborts the jobs that
 * run and waits for them.
 *
 * @throws TypeError or RangeError at once for wrong arguments; while iterating, the error of the source
 *
 * @example
 * ```ts
 * for await (const { index, status } of asCompleted(jobs, { concurrency: 10 })) console.log(index, status);
 * ```
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
  return new Run<Job<T>, Completion<T>>(jobs, (run) => new ConcurrentJobs(run, concurrency), { signal }).results;
}

/** Jobs as work for the engine, `concurrency` at once. */
class ConcurrentJobs<T> implements Work<Job<T>> {
  readonly #run: Run<Job<T>, Completion<T>>;
  readonly #concurrency: number;
  readonly #limit: ReturnType<typeof pLimit>;
  readonly #running = new Set<AbortController>();

  constructor(run: Run<Job<T>, Completion<T>>, concurrency: number) {
    this.#run = run;
    this.#concurrency = concurrency;
    this.#limit = pLimit(concurrency);
  }

  wants(): boolean {
    // However many readers wait, no more than `concurrency` jobs run.
    return this.#running.size + this.#run.results.unread < this.#concurrency;
  }

  accept(job: Job<T>, index: number): void {
    requireJob(`jobs[${index}]`, job);
    const controller = new AbortController();
    this.#running.add(controller);
    this.#limit(start, job, controller.signal).then(
      (value) => this.#finish(controller, { status: 'fulfilled', value, index }),
      (reason: unknown) => this.#finish(controller, { status: 'rejected', reason, index }),
    );
  }

  /** Does nothing: an accepted job starts by itself. */
  start(): void {}

  cancel(reason: unknown): void {
    for (const controller of this.#running) controller.abort(reason);
  }

  #finish(controller: AbortController, completion: Completion<T>): void {
    this.#running.delete(controller);
    this.#run.deliver(completion);
    this.#run.pump();
  }
}

/** Called a moment after the job was accepted. A job that was cancelled in between does not start. */
function start<T>(job: Job<T>, signal: AbortSignal): T | PromiseLike<T> {
  signal.throwIfAborted();
  return job(signal);
}
