import { type Job, requireJob } from './job.ts';
import { type ChainOptions, splitOptions } from './trailing-options.ts';

/** One step of a {@link pipe}: a function of the previous result and the signal. */
export type Step<A, B> = (value: A, signal: AbortSignal) => B | PromiseLike<B>;

/**
 * Runs a job and then each step on the previous result, and resolves with the last result. The first error ends the
 * pipe: later steps never start, and the promise rejects with it.
 *
 * Options may follow the last step. When the signal aborts, the running step may stop or finish. The promise then
 * rejects with the signal's reason, unless that step was the last one and finished. For more than nine steps, make one
 * of them a pipe: `(value, signal) => pipe(() => value, ..., { signal })`.
 *
 * @throws TypeError if an argument is not a function; nothing starts then
 *
 * @example
 * ```ts
 * const title = await pipe(() => fetcher.fetch(url), toText, (text) => /<title>(.*?)</.exec(text)?.[1]);
 * ```
 */
export function pipe<A, B, C, D, E, F, G, H, I, J>(
  job: Job<A>,
  ab: Step<A, B>,
  bc: Step<B, C>,
  cd: Step<C, D>,
  de: Step<D, E>,
  ef: Step<E, F>,
  fg: Step<F, G>,
  gh: Step<G, H>,
  hi: Step<H, I>,
  ij: Step<I, J>,
  options?: ChainOptions,
): Promise<J>;
export function pipe<A, B, C, D, E, F, G, H, I>(
  job: Job<A>,
  ab: Step<A, B>,
  bc: Step<B, C>,
  cd: Step<C, D>,
  de: Step<D, E>,
  ef: Step<E, F>,
  fg: Step<F, G>,
  gh: Step<G, H>,
  hi: Step<H, I>,
  options?: ChainOptions,
): Promise<I>;
export function pipe<A, B, C, D, E, F, G, H>(
  job: Job<A>,
  ab: Step<A, B>,
  bc: Step<B, C>,
  cd: Step<C, D>,
  de: Step<D, E>,
  ef: Step<E, F>,
  fg: Step<F, G>,
  gh: Step<G, H>,
  options?: ChainOptions,
): Promise<H>;
export function pipe<A, B, C, D, E, F, G>(
  job: Job<A>,
  ab: Step<A, B>,
  bc: Step<B, C>,
  cd: Step<C, D>,
  de: Step<D, E>,
  ef: Step<E, F>,
  fg: Step<F, G>,
  options?: ChainOptions,
): Promise<G>;
export function pipe<A, B, C, D, E, F>(
  job: Job<A>,
  ab: Step<A, B>,
  bc: Step<B, C>,
  cd: Step<C, D>,
  de: Step<D, E>,
  ef: Step<E, F>,
  options?: ChainOptions,
): Promise<F>;
export function pipe<A, B, C, D, E>(
  job: Job<A>,
  ab: Step<A, B>,
  bc: Step<B, C>,
  cd: Step<C, D>,
  de: Step<D, E>,
  options?: ChainOptions,
): Promise<E>;
export function pipe<A, B, C, D>(
  job: Job<A>,
  ab: Step<A, B>,
  bc: Step<B, C>,
  cd: Step<C, D>,
  options?: ChainOptions,
): Promise<D>;
export function pipe<A, B, C>(job: Job<A>, ab: Step<A, B>, bc: Step<B, C>, options?: ChainOptions): Promise<C>;
export function pipe<A, B>(job: Job<A>, ab: Step<A, B>, options?: ChainOptions): Promise<B>;
export function pipe<A>(job: Job<A>, options?: ChainOptions): Promise<A>;
// The longest overload comes first, or an untyped inline step would be taken for the options of a shorter one.
export async function pipe(...values: readonly unknown[]): Promise<unknown> {
  const { jobs, options } = splitOptions(values);
  const { signal = new AbortController().signal } = options;
  const [job, ...steps] = jobs;
  requireJob('job', job);
  requireSteps(steps);
  signal.throwIfAborted();
  let value = await job(signal);
  for (const step of steps) {
    signal.throwIfAborted();
    value = await step(value, signal);
  }
  return value;
}

function requireSteps(steps: readonly unknown[]): asserts steps is readonly Step<unknown, unknown>[] {
  for (const [index, step] of steps.entries()) requireJob(`steps[${index}]`, step);
}
