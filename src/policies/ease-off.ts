import { backoffMs } from '../backoff.ts';
import type { Gate } from '../gate.ts';
import { idempotentMethods } from '../request.ts';
import type { Outcome, Policy } from '../send.ts';
import { backOff } from './back-off.ts';

/** How often a request is sent again before our own shortage becomes its failure: about a minute, with the waits between. */
const maxTries = 12;

/**
 * When our own machine runs short (of file descriptors, ports, memory), everything slows down, and no request pays for it:
 * it is sent again, which counts neither as an attempt nor as a retry.
 */
export const easeOff =
  (gate: Gate): Policy =>
  (send) =>
  async (request, flight) => {
    for (let tries = 0; ; tries += 1) {
      const outcome = await send(request, flight);
      if (!isShortage(outcome)) {
        gate.wentWell();
        return outcome;
      }
      // A POST that was redirected, and found no way to where it leads, has been heard already.
      const maySendAgain = !flight.hasSpoken || idempotentMethods.has(request.method);
      if (tries === maxTries || !maySendAgain) return outcome;
      gate.ranShort(outcome.error.message);
      flight.attempts -= 1;
      const stopped = await backOff(backoffMs(tries), flight);
      if (stopped) return stopped;
    }
  };

function isShortage(outcome: Outcome): outcome is Extract<Outcome, { kind: 'failure' }> {
  return outcome.kind === 'failure' && outcome.error.code.startsWith('LOCAL_');
}
