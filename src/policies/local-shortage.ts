import { isLocalShortage } from '../http/error.ts';
import type { Call } from '../call/call.ts';
import type { FailureOutcome, Outcome } from '../call/outcome.ts';
import { onOutcome, sendAsync, type Policy } from '../call/send.ts';
import { idempotentMethods, type FetchRequest } from '../http/request.ts';
import type { Scheduler } from '../scheduling/scheduler.ts';
import { backoffMs, defaultBackoff, waitToRetry } from './wait-to-retry.ts';

/**
 * Times that a request is sent again before our own shortage becomes its failure: about a minute, with the waits
 * between.
 */
const maxTries = 12;

/**
 * Slows the whole fetcher down when our own machine runs short of file descriptors, ports or memory. The request is
 * sent again, and that counts neither as an attempt nor as a retry.
 */
export const retryOnLocalShortage = (scheduler: Scheduler): Policy =>
  onOutcome((outcome, request, call, send) => {
    if (isShortage(outcome)) return sendAgain(outcome, request, call, scheduler, () => sendAsync(send, request, call));
    scheduler.succeeded();
    return outcome;
  });

async function sendAgain(
  first: FailureOutcome,
  request: FetchRequest,
  call: Call,
  scheduler: Scheduler,
  send: () => Promise<Outcome>,
): Promise<Outcome> {
  let outcome: Outcome = first;
  for (let tries = 0; isShortage(outcome); tries += 1) {
    // A redirected POST that could not reach its target has already reached the first server.
    const maySendAgain = !call.mayHaveReachedServer || idempotentMethods.has(request.method);
    if (tries === maxTries || !maySendAgain) return outcome;
    scheduler.decrease(outcome.error.message);
    call.attempts -= 1;
    const stopped = await waitToRetry(backoffMs(tries, defaultBackoff), call);
    if (stopped) return stopped;
    outcome = await send();
  }
  scheduler.succeeded();
  return outcome;
}

function isShortage(outcome: Outcome): outcome is FailureOutcome {
  return outcome.kind === 'failure' && isLocalShortage(outcome.error.code);
}
