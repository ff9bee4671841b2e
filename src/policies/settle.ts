import { FetchError } from '../error.ts';
import type { Flight } from '../flight.ts';
import { cancelledResult, failureResult, ReceivedResponse } from '../makers.ts';
import type { FetchResult } from '../result.ts';
import { failed, type Send } from '../send.ts';

/** Sends a request for good: whatever happens, it resolves with the one result there is for it. */
export type Load = (flight: Flight) => Promise<FetchResult>;

/** Outermost: makes a result of the outcome, of a cancellation, and even of a fault of our own. */
export const settle =
  (send: Send, isExpected: (status: number) => boolean): Load =>
  async (flight) => {
    try {
      const outcome = await send(flight.request, flight);
      if (outcome.kind === 'failure') return failureResult(flight, outcome);
      return new ReceivedResponse(flight, outcome, isExpected(outcome.status));
    } catch (cause) {
      if (flight.isCancelled) return cancelledResult(flight);
      const message = 'A fault in fetchmany, or in a function it was given';
      return failureResult(flight, failed(new FetchError('INTERNAL', message, { cause })));
    }
  };
