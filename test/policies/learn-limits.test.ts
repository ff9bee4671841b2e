import { expect, test, vi } from 'vitest';
import { Call } from '../../src/call/call.ts';
import { cancelled, failed, type Outcome } from '../../src/call/outcome.ts';
import { FetchError, type FetchErrorCode } from '../../src/http/error.ts';
import { parseRequest, type FetchRequest } from '../../src/http/request.ts';
import type { Timings } from '../../src/http/result.ts';
import { learnLimits } from '../../src/policies/learn-limits.ts';
import type { SlotUse } from '../../src/scheduling/elastic.ts';
import { Limits } from '../../src/scheduling/limits.ts';
import { RunQueue } from '../../src/scheduling/run-queue.ts';
import { Scheduler } from '../../src/scheduling/scheduler.ts';
import { ManualClock } from '../helpers/manual-clock.ts';

function response(status: number, timings: Timings = {}): Outcome {
  const sizes = { body: undefined, length: 0, wireLength: 0, complete: 'framed' as const };
  return { kind: 'response', status, headers: {}, locations: [], ...sizes, finalUrl: '', redirects: 0, timings };
}

const failure = (code: FetchErrorCode): Outcome => failed(new FetchError(code, code));

/** Passes an outcome after 500 ms through the policy, and returns what was learned for the host and over all. */
function learned(outcome: Outcome, verdict?: Call['verdict']): { host: SlotUse[]; all: SlotUse[]; restarts: number } {
  const clock = new ManualClock();
  const perHost = { concurrency: 50, isElastic: true };
  const limits = new Limits({ concurrency: 50, isElastic: true, perHost });
  const scheduler = new Scheduler(limits, clock);
  const queue = new RunQueue(scheduler, {
    headers: [],
    intervalMs: 0,
    mayStart: () => true,
    dispatch: () => undefined,
    reject: () => undefined,
  });
  const origin = 'http://a.test';
  // One has been answered, two are in flight, and one waits.
  limits.start(origin, 0);
  limits.release(origin, 0, true);
  limits.start(origin, 0);
  limits.start(origin, 0);
  queue.offer(`${origin}/`, origin, 0);
  const hosts = vi.spyOn(limits.elasticHosts!, 'answer');
  const restart = vi.spyOn(limits.elasticHosts!, 'restart');
  const all = vi.spyOn(limits, 'learn');
  const call = new Call(parseRequest(`${origin}/`, []) as FetchRequest, 0, 0, queue);
  const done = vi.fn();
  learnLimits(scheduler)((_request, _call, end) => {
    clock.advance(500);
    call.verdict = verdict;
    end(outcome);
  })(call.request, call, done);
  expect(done).toHaveBeenCalledExactlyOnceWith(outcome);
  return {
    host: hosts.mock.calls.map(([, use]) => use),
    all: all.mock.calls.map(([use]) => use),
    restarts: restart.mock.calls.length,
  };
}

test('learnLimits() leaves out the time to connect of a host, and counts it over all hosts', () => {
  const { host, all } = learned(response(200, { dns: 100, connect: 50, tls: 30, firstByte: 300, download: 20 }));
  const common = { now: 1500, startedAt: 1000, isBad: false, waiting: 1, inFlight: 2 };
  expect(host).toEqual([{ ...common, ms: 320 }]);
  expect(all).toEqual([{ ...common, ms: 500 }]);
});

test.each<[name: string, outcome: Outcome, isBadOfHost: boolean | undefined, isBadOverAll: boolean | undefined]>([
  ['200', response(200), false, false],
  ['404', response(404), false, false],
  ['500', response(500), false, false],
  ['503', response(503), true, false],
  ['429', response(429), undefined, undefined],
  ['CONN_RESET', failure('CONN_RESET'), true, true],
  ['TIMEOUT', failure('TIMEOUT'), true, true],
  ['LOCAL_FDS', failure('LOCAL_FDS'), undefined, undefined],
  ['TLS_EXPIRED', failure('TLS_EXPIRED'), undefined, undefined],
  ['DEADLINE', failure('DEADLINE'), undefined, undefined],
  ['a cancellation', cancelled, undefined, undefined],
])('learnLimits() reads the load from %s', (_, outcome, isBadOfHost, isBadOverAll) => {
  const { host, all, restarts } = learned(outcome);
  expect([host[0]?.isBad, all[0]?.isBad, restarts]).toEqual([isBadOfHost, isBadOverAll, 0]);
});

test('learnLimits() begins anew with a host that is held', () => {
  const { host, all, restarts } = learned(failure('CONN_RESET'), 'held');
  expect([host.length, all.length, restarts]).toEqual([0, 1, 1]);
});
