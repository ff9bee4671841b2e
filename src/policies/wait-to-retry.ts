import type { Call } from '../call/call.ts';
import { failed, type Outcome } from '../call/outcome.ts';
import { deadlineError } from './deadline.ts';

const firstBackoffMs = 200;
const maxBackoffMs = 20_000;

/**
 * Returns the milliseconds to wait before a retry: uniform in [0, min(20 s, 200 ms * 2^retry)), so that requests that
 * failed together do not come back together.
 *
 * "Full jitter" of Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 *
 * @param retry counted from 0
 * @param random returns a number uniform in [0, 1)
 */
export function backoffMs(retry: number, random: () => number = Math.random): number {
  return random() * Math.min(maxBackoffMs, firstBackoffMs * 2 ** retry);
}

/**
 * Waits without a slot, and then for a slot of the request's own origin. Resolves with undefined, or with an outcome if
 * the call is stopped while it waits or could not be done before its deadline.
 */
export async function waitToRetry(waitMs: number, call: Call): Promise<Outcome | undefined> {
  if (call.queue.clock.now() + waitMs >= call.deadlineAt) {
    return failed(deadlineError(call.deadlineAt - call.startedAt));
  }
  // The slot is given back before the wait, or a few failing hosts would hold every slot.
  call.queue.release(call);
  call.origin = call.request.trail?.hop.origin ?? call.request.origin;
  try {
    await sleep(waitMs, call);
    await call.queue.acquire(call);
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
