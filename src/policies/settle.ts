import type { Call } from '../call/call.ts';
import { failed, type Outcome } from '../call/outcome.ts';
import { cancelledResult, failureResult, ReceivedResponse } from '../call/results.ts';
import type { Policy, Send } from '../call/send.ts';
import { traceEnd, traceStart } from '../call/telemetry.ts';
import type { Expectations } from '../http/expectations.ts';
import { writerError } from '../http/own-function.ts';
import type { FetchResult } from '../http/result.ts';

/** Sends a call, and calls its `onResult` once, whatever happens. */
export type Dispatch = (call: Call) => void;

/** Outermost: makes a result of every outcome, of a cancellation, and even of a bug of our own. */
export const settle =
  (send: Send, isExpected: (status: number) => boolean, expectations?: Expectations): Dispatch =>
  (call) => {
    call.finish = (outcome) => {
      if (call.finish === undefined) return;
      const isFine = call.request.limits?.isExpected ?? isExpected;
      const result = finalResult(keepBody(outcome, call), call, isFine, expectations);
      call.finish = undefined;
      if (call.trace !== undefined) traceEnd(call, result);
      // Cancelling usually hits many calls at once. A cancelled result is delivered a turn later, so that the slot one
      // call frees does not start another that is about to be cancelled.
      if (result.kind === 'cancelled') queueMicrotask(() => call.onResult(result, call));
      else call.onResult(result, call);
    };
    traceStart(call);
    try {
      send(call.request, call, call.finish);
    } catch (cause) {
      call.fail(cause);
    }
  };

/**
 * Innermost: passes on one outcome, whatever the transport does. An exception of the transport, or of a function we
 * were given while an outcome is on its way back, fails its own call and no other.
 */
export const catchFaults: Policy = (send) => (request, call, done) => {
  let isDone = false;
  function finish(outcome: Outcome): void {
    if (isDone) return;
    isDone = true;
    try {
      done(outcome);
    } catch (cause) {
      call.fail(cause);
    }
  }
  try {
    send(request, call, finish);
  } catch (cause) {
    if (isDone) throw cause;
    call.end();
    finish(call.outcomeOfBug(cause));
  }
};

/** A function of the caller's that tells what is expected may throw. */
function finalResult(...[outcome, call, ...expected]: Parameters<typeof resultOf>): FetchResult {
  try {
    return resultOf(outcome, call, ...expected);
  } catch (cause) {
    return resultOf(call.outcomeOfBug(cause), call, ...expected);
  }
}

/** Has the body's writer keep what belongs to the result, and let go of everything else. A body that cannot be kept is a failure. */
function keepBody(outcome: Outcome, call: Call): Outcome {
  const { writer } = call;
  if (writer === undefined) return outcome;
  if (outcome.kind !== 'response' || outcome.writer !== writer) {
    call.abortWriter(outcome.kind === 'failure' ? outcome.error : call.reason);
    return outcome;
  }
  call.writer = undefined;
  try {
    const { bodyMatches, ...fields } = writer.commit();
    return { ...outcome, fields, bodyMatches };
  } catch (cause) {
    return { ...failed(writerError(cause), outcome.finalUrl), redirects: outcome.redirects };
  }
}

/** Makes the result of an outcome. */
export function resultOf(
  outcome: Outcome,
  call: Call,
  isExpected: (status: number) => boolean,
  expectations?: Expectations,
): FetchResult {
  switch (outcome.kind) {
    case 'response':
      return new ReceivedResponse(
        call,
        outcome,
        isExpected(outcome.status) || outcome.fields?.unchanged === true,
        expectations,
      );
    case 'failure':
      return failureResult(call, outcome);
    case 'cancelled':
      return cancelledResult(call, call.reason);
    default:
      return outcome satisfies never;
  }
}
