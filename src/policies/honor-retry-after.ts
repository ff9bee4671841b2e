import type { Outcome } from '../call/outcome.ts';
import { onOutcome, type Policy } from '../call/send.ts';
import { retryAfterMs } from '../http/retry-after.ts';
import type { Scheduler } from '../scheduling/scheduler.ts';

/** Longest wait in milliseconds that a server may order. A longer one is not waited for at all. */
export const maxOrderedWaitMs = 60_000;

/** Pauses a whole origin for as long as its server asked. A burst of such responses pauses it once. */
export const honorRetryAfter = (scheduler: Scheduler): Policy =>
  onOutcome((outcome, _request, call) => {
    const waitMs = orderedWaitMs(outcome);
    if (waitMs > 0 && waitMs <= maxOrderedWaitMs) scheduler.pause(call.origin, scheduler.clock.now() + waitMs);
    return outcome;
  });

/** Returns the milliseconds that a 429 or 503 asks us to wait; 0 if it does not. */
export function orderedWaitMs(outcome: Outcome): number {
  if (outcome.kind !== 'response' || (outcome.status !== 429 && outcome.status !== 503)) return 0;
  const { 'retry-after': retryAfter, date } = outcome.headers;
  return retryAfterMs(asText(retryAfter), { now: Date.now(), date: asText(date) });
}

function asText(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
