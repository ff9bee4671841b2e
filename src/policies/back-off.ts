import type { Flight } from '../flight.ts';
import { failed, type FailureOutcome } from '../send.ts';
import { deadlineError } from './deadline.ts';

/**
 * Waits without a slot, and then for one of the request's own host. Gives a failure if the request is stopped meanwhile, or
 * would not be done waiting before its deadline.
 */
export async function backOff(waitMs: number, flight: Flight): Promise<FailureOutcome | undefined> {
  if (performance.now() + waitMs >= flight.deadlineAt) {
    return failed(deadlineError(flight.deadlineAt - flight.startedAt));
  }
  // The slot is given back before the back-off, or a few failing hosts would hold every slot.
  flight.slots.leave(flight);
  flight.host = flight.request.host;
  try {
    await sleep(waitMs, flight);
    await flight.slots.enter(flight);
    return undefined;
  } catch (reason) {
    const error = flight.failureBy(reason);
    if (error) return failed(error);
    throw reason;
  }
}

function sleep(ms: number, flight: Flight): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      flight.over();
      resolve();
    }, ms);
    flight.during((reason) => {
      clearTimeout(timer);
      reject(reason);
    });
  });
}
