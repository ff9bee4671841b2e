import type { Call } from '../call/call.ts';
import { cancelledResult, failureResult, ReceivedResponse } from '../call/results.ts';
import type { Outcome } from '../call/outcome.ts';
import type { FetchResult } from '../http/result.ts';
import type { Policy, Send } from '../call/send.ts';

/** Sends a request for good: whatever happens, its order is told the one result there is for it. */
export type Dispatch = (call: Call) => void;

/** Outermost: makes a result of the outcome, of a cancellation, and even of a fault of our own. */
export const settle =
  (send: Send, isExpected: (status: number) => boolean): Dispatch =>
  (call) => {
    call.finish = (outcome) => {
      if (call.finish === undefined) return;
      const result = resultOf(outcome, call, isExpected);
      call.finish = undefined;
      // Whoever cancels one cancels others too: what waits for its slot is not to start in between.
      if (result.kind === 'cancelled') queueMicrotask(() => call.order.done(result, call));
      else call.order.done(result, call);
    };
    try {
      send(call.request, call, call.finish);
    } catch (cause) {
      call.fail(cause);
    }
  };

/**
 * Innermost: a sending tells one outcome, whatever a transport we were given does. What it throws, and what is thrown on an
 * outcome's way back by a function we were given, is a failure of its own flight.
 */
export const catchFaults: Policy = (send) => (request, call, done) => {
  let hasTold = false;
  function tell(outcome: Outcome): void {
    if (hasTold) return;
    hasTold = true;
    try {
      done(outcome);
    } catch (cause) {
      call.fail(cause);
    }
  }
  try {
    send(request, call, tell);
  } catch (cause) {
    if (hasTold) throw cause;
    call.end();
    tell(call.outcomeOfBug(cause));
  }
};

function resultOf(outcome: Outcome, call: Call, isExpected: (status: number) => boolean): FetchResult {
  switch (outcome.kind) {
    case 'response':
      return new ReceivedResponse(call, outcome, isExpected(outcome.status));
    case 'failure':
      return failureResult(call, outcome);
    case 'cancelled':
      return cancelledResult(call);
    default:
      return outcome satisfies never;
  }
}
