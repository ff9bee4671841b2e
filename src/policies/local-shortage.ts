import { backoffMs } from './backoff-delay.ts';
import { isLocalShortage } from '../http/error.ts';
import type { Call } from '../call/call.ts';
import type { Scheduler } from '../scheduling/scheduler.ts';
import type { FailureOutcome, Outcome } from '../call/outcome.ts';
import { idempotentMethods, type FetchRequest } from '../http/request.ts';
import { finishAsync, sendAsync, type Policy, type Send } from '../call/send.ts';
import { backOff } from './wait-to-retry.ts';

/** How often a request is sent again before our own shortage becomes its failure: about a minute, with the waits between. */
const maxTries = 12;

/**
 * When our own machine runs short (of file descriptors, ports, memory), everything slows down, and no request pays for it:
 * it is sent again, which counts neither as an attempt nor as a retry.
 */
export const retryOnLocalShortage =
  (scheduler: Scheduler): Policy =>
  (send) =>
  (request, call, done) =>
    send(request, call, (outcome) => {
      if (isShortage(outcome)) {
        void finishAsync(sendOnceThereIsMore(outcome, send, request, call, scheduler), call, done);
        return;
      }
      scheduler.succeeded();
      done(outcome);
    });

async function sendOnceThereIsMore(
  first: Outcome,
  send: Send,
  request: FetchRequest,
  call: Call,
  scheduler: Scheduler,
): Promise<Outcome> {
  let outcome = first;
  for (let tries = 0; isShortage(outcome); tries += 1) {
    // A POST that was redirected, and found no way to where it leads, has been heard already.
    const maySendAgain = !call.mayHaveReachedServer || idempotentMethods.has(request.method);
    if (tries === maxTries || !maySendAgain) return outcome;
    scheduler.decrease(outcome.error.message);
    call.attempts -= 1;
    const stopped = await backOff(backoffMs(tries), call);
    if (stopped) return stopped;
    outcome = await sendAsync(send, request, call);
  }
  scheduler.succeeded();
  return outcome;
}

function isShortage(outcome: Outcome): outcome is FailureOutcome {
  return outcome.kind === 'failure' && isLocalShortage(outcome.error.code);
}
