import { backoffMs } from './backoff-delay.ts';
import type { Flight } from '../call/call.ts';
import type { Gate } from '../scheduling/scheduler.ts';
import type { FailureOutcome, Outcome } from '../call/outcome.ts';
import { idempotentMethods, type FetchRequest } from '../http/request.ts';
import { goOn, sending, type Policy, type Send } from '../call/send.ts';
import { backOff } from './wait-to-retry.ts';

/** How often a request is sent again before our own shortage becomes its failure: about a minute, with the waits between. */
const maxTries = 12;

/**
 * When our own machine runs short (of file descriptors, ports, memory), everything slows down, and no request pays for it:
 * it is sent again, which counts neither as an attempt nor as a retry.
 */
export const easeOff =
  (gate: Gate): Policy =>
  (send) =>
  (request, flight, done) =>
    send(request, flight, (outcome) => {
      if (isShortage(outcome)) {
        void goOn(sendOnceThereIsMore(outcome, send, request, flight, gate), flight, done);
        return;
      }
      gate.wentWell();
      done(outcome);
    });

async function sendOnceThereIsMore(
  first: Outcome,
  send: Send,
  request: FetchRequest,
  flight: Flight,
  gate: Gate,
): Promise<Outcome> {
  let outcome = first;
  for (let tries = 0; isShortage(outcome); tries += 1) {
    // A POST that was redirected, and found no way to where it leads, has been heard already.
    const maySendAgain = !flight.hasSpoken || idempotentMethods.has(request.method);
    if (tries === maxTries || !maySendAgain) return outcome;
    gate.ranShort(outcome.error.message);
    flight.attempts -= 1;
    const stopped = await backOff(backoffMs(tries), flight);
    if (stopped) return stopped;
    outcome = await sending(send, request, flight);
  }
  gate.wentWell();
  return outcome;
}

function isShortage(outcome: Outcome): outcome is FailureOutcome {
  return outcome.kind === 'failure' && outcome.error.code.startsWith('LOCAL_');
}
