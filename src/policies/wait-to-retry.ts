import type { Call } from '../call/call.ts';
import { failed, type Outcome } from '../call/outcome.ts';
import { deadlineError } from './deadline.ts';

/**
 * Waits without a slot, and then for one of the request's own host. Gives an outcome if the request is stopped meanwhile,
 * or would not be done waiting before its deadline.
 */
export async function backOff(waitMs: number, call: Call): Promise<Outcome | undefined> {
  if (performance.now() + waitMs >= call.deadlineAt) {
    return failed(deadlineError(call.deadlineAt - call.startedAt));
  }
  // The slot is given back before the back-off, or a few failing hosts would hold every slot.
  call.slots.leave(call);
  call.origin = call.request.origin;
  try {
    await sleep(waitMs, call);
    await call.slots.enter(call);
    return undefined;
  } catch (reason) {
    return call.outcomeOfStop(reason);
  }
}

function sleep(ms: number, call: Call): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      call.end();
      resolve();
    }, ms);
    call.begin({
      stop(reason) {
        clearTimeout(timer);
        reject(reason);
      },
    });
  });
}
