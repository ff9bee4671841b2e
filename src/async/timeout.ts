import { requireMilliseconds, requireSignal } from '../check.ts';
import { systemClock, type Clock } from './clock.ts';
import { requireJob, type Job } from './job.ts';
import { createTask } from './task.ts';

/** Options of {@link waitFor}. */
export interface WaitForOptions {
  /** Aborts the job's signal when it aborts. The promise rejects with its reason once the job has stopped. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs a job and waits at most `timeoutMs` for it. When the time is up, the job's signal aborts; the promise rejects
 * once the job has stopped. A job that finishes nevertheless gives its value. To leave a job that ignores its signal,
 * use `wait([createTask(job)], { timeoutMs })`.
 *
 * @param timeoutMs - milliseconds from the start of the job: above 0, up to 2,147,483,647, or `Infinity` for no limit
 * @throws a `DOMException` named `TimeoutError` if the job was stopped for the time; the signal's reason if it was
 *   stopped for that; the error of the job; TypeError or RangeError for wrong arguments
 *
 * @example
 * ```ts
 * const page = await waitFor((signal) => load(url, signal), 1000);
 * ```
 */
export async function waitFor<T>(job: Job<T>, timeoutMs: number, { signal }: WaitForOptions = {}): Promise<T> {
  requireJob('job', job);
  requireMilliseconds('wait', 'timeoutMs', timeoutMs, 1);
  requireSignal('wait', signal);
  return await runWithin(job, timeoutMs, signal, systemClock);
}

/** {@link waitFor} with a clock. */
export async function runWithin<T>(
  job: Job<T>,
  timeoutMs: number,
  signal: AbortSignal | undefined,
  clock: Clock,
): Promise<T> {
  const task = createTask(job, { signal });
  const expire = (): void => void task.cancel(new DOMException(`Not done within ${timeoutMs} ms`, 'TimeoutError'));
  const clear = timeoutMs === Infinity ? undefined : clock.setTimer(expire, timeoutMs);
  try {
    return await task;
  } finally {
    clear?.();
  }
}

/**
 * Gives a job a time limit: the job returned runs the given one by {@link waitFor}. For lists of jobs.
 *
 * @throws TypeError or RangeError for wrong arguments
 *
 * @example
 * ```ts
 * const pages = await gather(urls.map((url) => timeout((signal) => load(url, signal), 1000)));
 * ```
 */
export function timeout<T>(job: Job<T>, timeoutMs: number): Job<T> {
  requireJob('job', job);
  requireMilliseconds('set timeout', 'timeoutMs', timeoutMs, 1);
  return (signal) => waitFor(job, timeoutMs, { signal });
}
