import type { Job } from '../../src/async/job.ts';

/** A job that runs until the test ends it, whatever its signal says. */
export interface HeldJob<T> {
  readonly job: Job<T>;
  /** The signal of the job; `undefined` until it starts. */
  readonly signal: AbortSignal | undefined;
  readonly starts: number;
  readonly fulfil: (value: T) => void;
  readonly reject: (reason?: unknown) => void;
}

export function heldJob<T = string>(): HeldJob<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  let signal: AbortSignal | undefined;
  let starts = 0;
  return {
    job: (given) => {
      signal = given;
      starts += 1;
      return promise;
    },
    get signal() {
      return signal;
    },
    get starts() {
      return starts;
    },
    fulfil: resolve,
    reject,
  };
}

export const heldJobs = (count: number): HeldJob<string>[] => Array.from({ length: count }, () => heldJob());
