import type { Outcome } from '../call/outcome.ts';
import type { Policy } from '../call/send.ts';
import { readRateLimit } from '../http/rate-limit-headers.ts';
import type { AttemptEnd } from '../scheduling/known-host.ts';
import type { Scheduler } from '../scheduling/scheduler.ts';
import { orderedWaitMs } from './honor-retry-after.ts';

/**
 * Learns from every attempt, each hop of a redirect included, how fast its host may be asked and whether it still
 * answers. An answer that says nothing of the kind, from a host that has had no trouble, costs next to nothing.
 */
export const observeHosts = (scheduler: Scheduler): Policy => {
  const { clock, limits } = scheduler;
  return (send) => (request, call, done) => {
    const startedAt = clock.now();
    send(request, call, (outcome) => {
      call.isAnswered = outcome.kind === 'response';
      const { origin } = call;
      const isUneventful = isPlain(outcome) && limits.hosts.get(origin) === undefined;
      call.verdict = undefined;
      if (call.isAnswered && limits.hosts.network.isInDoubt) endNetworkHold(scheduler);
      if (isUneventful || outcome.kind === 'cancelled') return done(outcome);
      const end = endOf(outcome, {
        now: clock.now(),
        startedAt,
        isFirst: call.attempts === 1,
        isRetry: call.retries > 0,
      });
      call.verdict = limits.hosts.observe(origin, end, limits.hasAnswered(origin));
      done(outcome);
    });
  };
};

/** The hosts that were held may start at once, and not only when they were to be asked again. */
function endNetworkHold(scheduler: Scheduler): void {
  const freed = scheduler.limits.hosts.answered(scheduler.clock.now());
  // Nothing may start before the outcome that brought the news has its result.
  if (freed.length > 0) queueMicrotask(() => scheduler.originsFreed(freed));
}

const troubleStatuses: ReadonlySet<number> = new Set([403, 429, 502, 503, 504, 520, 521, 522, 523, 524]);

function isPlain(outcome: Outcome): boolean {
  return (
    outcome.kind === 'response' &&
    !(outcome.status >= 400 && troubleStatuses.has(outcome.status)) &&
    readRateLimit(outcome.headers, 0) === undefined
  );
}

type Timing = Pick<AttemptEnd, 'now' | 'startedAt' | 'isFirst' | 'isRetry'>;

function endOf(outcome: Exclude<Outcome, { kind: 'cancelled' }>, timing: Timing): AttemptEnd {
  if (outcome.kind === 'response') {
    const quota = readRateLimit(outcome.headers, Date.now());
    return { ...timing, status: outcome.status, orderedMs: orderedWaitMs(outcome), quota };
  }
  // A timeout after the head of a response is no silence.
  const hasBegun = outcome.timings.firstByte !== undefined || outcome.wireLength > 0;
  const { code, retryable: isRetryable } = outcome.error;
  return { ...timing, status: 0, code: hasBegun ? 'BODY_TIMEOUT' : code, isRetryable, orderedMs: 0 };
}
