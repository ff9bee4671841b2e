import type { Flight } from '../call/call.ts';
import { cancelledResult, failureResult, ReceivedResponse } from '../call/results.ts';
import type { Outcome } from '../call/outcome.ts';
import type { FetchResult } from '../http/result.ts';
import type { Policy, Send } from '../call/send.ts';

/** Sends a request for good: whatever happens, its order is told the one result there is for it. */
export type Load = (flight: Flight) => void;

/** Outermost: makes a result of the outcome, of a cancellation, and even of a fault of our own. */
export const settle =
  (send: Send, isExpected: (status: number) => boolean): Load =>
  (flight) => {
    flight.land = (outcome) => {
      if (flight.land === undefined) return;
      const result = resultOf(outcome, flight, isExpected);
      flight.land = undefined;
      // Whoever cancels one cancels others too: what waits for its slot is not to start in between.
      if (result.kind === 'cancelled') queueMicrotask(() => flight.order.done(result, flight));
      else flight.order.done(result, flight);
    };
    try {
      send(flight.request, flight, flight.land);
    } catch (cause) {
      flight.fail(cause);
    }
  };

/**
 * Innermost: a sending tells one outcome, whatever a transport we were given does. What it throws, and what is thrown on an
 * outcome's way back by a function we were given, is a failure of its own flight.
 */
export const guard: Policy = (send) => (request, flight, done) => {
  let hasTold = false;
  function tell(outcome: Outcome): void {
    if (hasTold) return;
    hasTold = true;
    try {
      done(outcome);
    } catch (cause) {
      flight.fail(cause);
    }
  }
  try {
    send(request, flight, tell);
  } catch (cause) {
    if (hasTold) throw cause;
    flight.over();
    tell(flight.outcomeOfFault(cause));
  }
};

function resultOf(outcome: Outcome, flight: Flight, isExpected: (status: number) => boolean): FetchResult {
  switch (outcome.kind) {
    case 'response':
      return new ReceivedResponse(flight, outcome, isExpected(outcome.status));
    case 'failure':
      return failureResult(flight, outcome);
    case 'cancelled':
      return cancelledResult(flight);
    default:
      return outcome satisfies never;
  }
}
