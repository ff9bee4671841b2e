import type { Flight } from '../call/call.ts';
import { failed, type Outcome } from '../call/outcome.ts';
import { deadlineError } from './deadline.ts';

/**
 * Waits without a slot, and then for one of the request's own host. Gives an outcome if the request is stopped meanwhile,
 * or would not be done waiting before its deadline.
 */
export async function backOff(waitMs: number, flight: Flight): Promise<Outcome | undefined> {
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
    return flight.outcomeOfStop(reason);
  }
}

function sleep(ms: number, flight: Flight): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      flight.over();
      resolve();
    }, ms);
    flight.during({
      stop(reason) {
        clearTimeout(timer);
        reject(reason);
      },
    });
  });
}
