import type { Outcome } from '../call/outcome.ts';
import { onOutcome, type Policy } from '../call/send.ts';
import { retryAfterMs } from '../http/retry-after.ts';
import type { Scheduler } from '../scheduling/scheduler.ts';

/** GitHub limits with a 403. */
const orderingStatuses: ReadonlySet<number> = new Set([403, 429, 503]);

/**
 * Pauses a whole origin for as long as its server asked, unless that is longer than `--max-wait`. A burst of such
 * responses pauses it once.
 */
export const honorRetryAfter = (scheduler: Scheduler): Policy =>
  onOutcome((outcome, _request, call) => {
    const waitMs = orderedWaitMs(outcome);
    if (waitMs > 0 && waitMs <= scheduler.limits.hosts.settings.maxWaitMs)
      scheduler.pause(call.origin, scheduler.clock.now() + waitMs);
    return outcome;
  });

/** Returns the milliseconds for which a 403, 429 or 503 asks us to stay away; 0 if it does not. */
export function orderedWaitMs(outcome: Outcome): number {
  if (outcome.kind !== 'response' || !orderingStatuses.has(outcome.status)) return 0;
  const { 'retry-after': retryAfter, date } = outcome.headers;
  return retryAfterMs(asText(retryAfter), { now: Date.now(), date: asText(date) });
}

function asText(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
