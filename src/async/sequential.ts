import { requireInterval, requireSignal } from '../check.ts';
import { systemClock } from './clock.ts';
import { requireJob, type Job, type JobResult } from './job.ts';
import { requireSource, Run, type Source, type Work } from './run.ts';

/** Options of {@link sequential} for jobs. */
export interface SequentialOptions {
  /** Least milliseconds between two starts. @default 0 */
  readonly intervalMs?: number | undefined;
  /** Aborts the signal of the running job when it aborts. The iterator throws its reason once the job has settled. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs jobs one at a time, in input order, and yields their values. Each job starts when its value is asked for.
 *
 * @throws TypeError or RangeError at once for wrong arguments; while iterating, the error of the source, or of the
 *   first job that fails: no further job starts then
 *
 * @example
 * ```ts
 * for await (const value of sequential(jobs, { intervalMs: 500 })) console.log(value);
 * ```
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
  return new Run<Job<T>, T>(jobs, (run) => new SequentialJobs(run, intervalMs), { signal }).results;
}

/** Jobs as work for the engine, one at a time. */
class SequentialJobs<T> implements Work<Job<T>> {
  readonly #run: Run<Job<T>, T>;
  readonly #intervalMs: number;
  #running: AbortController | undefined;
  #clearTimer: (() => void) | undefined;
  #nextStart = 0;

  constructor(run: Run<Job<T>, T>, intervalMs: number) {
    this.#run = run;
    this.#intervalMs = intervalMs;
  }

  wants(): boolean {
    return this.#running === undefined && this.#run.results.isAwaited && this.#isDue();
  }

  accept(job: Job<T>, index: number): void {
    requireJob(`jobs[${index}]`, job);
    this.#running = new AbortController();
    this.#nextStart = systemClock.now() + this.#intervalMs;
    void this.#perform(job, this.#running);
  }

  /** Does nothing: an accepted job starts by itself. */
  start(): void {}

  cancel(reason: unknown): void {
    this.#clearTimer?.();
    this.#running?.abort(reason);
  }

  /** Tells whether the next job may start; sets a timer for that moment if not. */
  #isDue(): boolean {
    const waitMs = this.#nextStart - systemClock.now();
    if (waitMs <= 0) return true;
    this.#clearTimer ??= systemClock.setTimer(() => {
      this.#clearTimer = undefined;
      this.#run.pump();
    }, Math.ceil(waitMs));
    return false;
  }

  async #perform(job: Job<T>, controller: AbortController): Promise<void> {
    try {
      const value = await job(controller.signal);
      this.#running = undefined;
      this.#run.deliver(value);
      this.#run.pump();
    } catch (reason) {
      this.#running = undefined;
      this.#run.fail(reason);
    }
  }
}
