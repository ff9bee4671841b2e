import type { Scheduler } from '../scheduling/scheduler.ts';
import type { Outcome } from '../call/outcome.ts';
import { retryAfterMs } from '../http/retry-after.ts';
import type { Policy } from '../call/send.ts';

/** The longest wait that a server may order, in milliseconds; asked for more, we do not wait at all. */
export const maxOrderedWaitMs = 60_000;

/** Pauses a whole host for as long as its server asked. A burst of such answers pauses it once. */
export const honorRetryAfter =
  (scheduler: Scheduler): Policy =>
  (send) =>
  (request, call, done) =>
    send(request, call, (outcome) => {
      const waitMs = orderedWaitMs(outcome);
      if (waitMs > 0 && waitMs <= maxOrderedWaitMs) scheduler.pause(call.origin, performance.now() + waitMs);
      done(outcome);
    });

/** How long a 429 or 503 asks us to stay away, in milliseconds; 0 if it does not. */
export function orderedWaitMs(outcome: Outcome): number {
  if (outcome.kind !== 'response' || (outcome.status !== 429 && outcome.status !== 503)) return 0;
  const { 'retry-after': retryAfter, date } = outcome.headers;
  return retryAfterMs(asText(retryAfter), { now: Date.now(), date: asText(date) });
}

function asText(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
