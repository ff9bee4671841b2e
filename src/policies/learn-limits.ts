import type { Outcome } from '../call/outcome.ts';
import type { Policy } from '../call/send.ts';
import { isSilent, overloadStatuses } from '../scheduling/known-host.ts';
import type { Scheduler } from '../scheduling/scheduler.ts';

/**
 * Learns from every message, each hop of a redirect included, how many requests should be in flight to its host and over all
 * hosts: for limits that are `auto`.
 */
export const learnLimits = (scheduler: Scheduler): Policy => {
  const { clock, limits } = scheduler;
  const { elasticHosts } = limits;
  return (send) => (request, call, done) => {
    const startedAt = clock.now();
    send(request, call, (outcome) => {
      const { origin, verdict } = call;
      const load = loadOf(outcome);
      const now = clock.now();
      if (load !== undefined && verdict !== 'held') {
        elasticHosts?.answer(origin, {
          now,
          startedAt,
          ms: now - startedAt - connectingMs(outcome),
          isBad: load !== 'fine',
          inFlight: limits.inFlightTo(origin),
          waiting: scheduler.waitingFor(origin),
        });
      }
      if (verdict === 'held') elasticHosts?.restart(origin, now);
      if (load !== undefined) {
        limits.learn({
          now,
          startedAt,
          ms: now - startedAt,
          // A status, and a host that was never there, say nothing about our own network.
          isBad: load === 'silent' && limits.hasAnswered(origin),
          inFlight: limits.inFlight,
          waiting: scheduler.waiting,
        });
      }
      done(outcome);
    });
  };
};

/** What an outcome says about the load: nothing, if it is undefined. A 429 is about the rate. */
function loadOf(outcome: Outcome): 'fine' | 'overloaded' | 'silent' | undefined {
  if (outcome.kind === 'cancelled') return undefined;
  if (outcome.kind === 'failure') return isSilent(outcome.error.code) ? 'silent' : undefined;
  if (outcome.status === 429) return undefined;
  return overloadStatuses.has(outcome.status) ? 'overloaded' : 'fine';
}

/** Milliseconds in which no server had the request: the next one may need no connection. */
function connectingMs(outcome: Outcome): number {
  if (outcome.kind === 'cancelled') return 0;
  const { dns = 0, connect = 0, proxy = 0, tls = 0 } = outcome.timings;
  return dns + connect + proxy + tls;
}
