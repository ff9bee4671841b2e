import type { Call } from '../call/call.ts';
import { failed, type Outcome } from '../call/outcome.ts';
import { deadlineError } from './deadline.ts';

/** The waits before the retries of a request. */
export interface Backoff {
  /** Longest wait before the first retry, in milliseconds. It doubles before each further one. */
  readonly delayMs: number;
  /** Longest wait before any retry, in milliseconds. */
  readonly maxDelayMs: number;
}

/** The waits unless a user changes them. */
export const defaultBackoff: Backoff = { delayMs: 200, maxDelayMs: 20_000 };

/**
 * Returns the milliseconds to wait before a retry: uniform in [0, min(maxDelayMs, delayMs * 2^retry)), so that requests
 * that failed together do not come back together.
 *
 * "Full jitter" of Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 *
 * @param retry counted from 0
 * @param random returns a number uniform in [0, 1)
 */
export function backoffMs(retry: number, { delayMs, maxDelayMs }: Backoff, random: () => number = Math.random): number {
  // 0 times 2 to the power of a large number would be no number.
  return delayMs === 0 ? 0 : random() * Math.min(maxDelayMs, delayMs * 2 ** retry);
}

/**
 * Waits without a slot, and then for a slot of the request's own origin. Resolves with undefined, or with an outcome if
 * the call is stopped while it waits or could not be done before its deadline. `isLast` puts it behind all that waits
 * for the origin.
 */
export async function waitToRetry(waitMs: number, call: Call, isLast = false): Promise<Outcome | undefined> {
  if (call.queue.clock.now() + waitMs >= call.deadlineAt) {
    return failed(deadlineError(call.deadlineAt - call.startedAt));
  }
  // The slot is given back before the wait, or a few failing hosts would hold every slot.
  call.queue.release(call);
  call.target = call.request.trail?.hop ?? call.request;
  try {
    if (waitMs > 0) await sleep(waitMs, call);
    await call.queue.acquire(call, isLast);
    return undefined;
  } catch (reason) {
    return call.outcomeOfStop(reason);
  }
}

function sleep(ms: number, call: Call): Promise<void> {
  return new Promise((resolve, reject) => {
    const clearTimer = call.queue.clock.setTimer(() => {
      call.end();
      resolve();
    }, ms);
    call.begin({
      stop(reason) {
        clearTimer();
        reject(reason);
      },
    });
  });
}
