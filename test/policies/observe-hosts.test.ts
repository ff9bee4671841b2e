import { expect, test } from 'vitest';
import { createFetcherOver } from '../../src/fetcher/fetcher.ts';
import { resolveOptions } from '../../src/fetcher/options.ts';
import { Call } from '../../src/call/call.ts';
import { failed, type Outcome } from '../../src/call/outcome.ts';
import type { CallTransport } from '../../src/call/send.ts';
import { FetchError } from '../../src/http/error.ts';
import { parseRequest, type FetchRequest } from '../../src/http/request.ts';
import type { ResponseHeaders } from '../../src/http/result.ts';
import { observeHosts } from '../../src/policies/observe-hosts.ts';
import { Limits } from '../../src/scheduling/limits.ts';
import { RunQueue } from '../../src/scheduling/run-queue.ts';
import { Scheduler } from '../../src/scheduling/scheduler.ts';
import { ManualClock } from '../helpers/manual-clock.ts';

function response(status: number, headers: ResponseHeaders = {}): Outcome {
  const sizes = { body: undefined, length: 0, wireLength: 0, complete: 'framed' as const };
  return { kind: 'response', status, headers, locations: [], ...sizes, finalUrl: '', redirects: 0, timings: {} };
}

/** Passes one outcome for each host through the policy, and returns what is remembered then. */
function observed(outcomes: Iterable<Outcome>): { scheduler: Scheduler; verdicts: Call['verdict'][] } {
  const scheduler = new Scheduler(new Limits({ concurrency: 50, perHost: { concurrency: 6 } }), new ManualClock());
  const queue = new RunQueue(scheduler, {
    headers: [],
    intervalMs: 0,
    mayStart: () => true,
    dispatch: () => undefined,
    reject: () => undefined,
  });
  const verdicts: Call['verdict'][] = [];
  let host = 0;
  for (const outcome of outcomes) {
    const request = parseRequest(`http://h${(host += 1)}.test/`, []) as FetchRequest;
    const call = new Call(request, 0, 0, queue);
    call.attempts = 1;
    observeHosts(scheduler)((_request, _call, done) => done(outcome))(request, call, () => verdicts.push(call.verdict));
  }
  return { scheduler, verdicts };
}

test('observeHosts() remembers nothing of 100,000 hosts that only answer', () => {
  function* fine(): Generator<Outcome> {
    for (let host = 0; host < 100_000; host += 1) yield response([200, 301, 404, 500][host % 4]!);
  }
  expect(observed(fine()).scheduler.limits.hosts.size).toBe(0);
});

test('observeHosts() remembers 10,000 hosts in trouble at most', () => {
  function* refusing(): Generator<Outcome> {
    for (let host = 0; host < 12_000; host += 1) yield response(429);
  }
  expect(observed(refusing()).scheduler.limits.hosts.size).toBe(10_000);
});

test.each<[string, Outcome, Call['verdict']]>([
  ['429', response(429), 'refused'],
  ['503 with Retry-After', response(503, { 'retry-after': '5' }), 'refused'],
  ['403 with a used-up quota', response(403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '60' }), 'refused'],
  ['403', response(403), undefined],
  ['503', response(503), undefined],
  ['200', response(200), undefined],
  ['one reset', failed(new FetchError('CONN_RESET', 'reset')), undefined],
  ['a shortage of our own', failed(new FetchError('LOCAL_FDS', 'too many files')), undefined],
  ['a cancellation', { kind: 'cancelled' }, undefined],
])('observeHosts() says what the next attempt needs after %s', (_, outcome, verdict) => {
  expect(observed([outcome]).verdicts).toEqual([verdict]);
});

test('an answer of a hook says nothing about the host', async () => {
  const transport: CallTransport = {
    send: (_request, _call, done) => done(response(200)),
    close: () => Promise.resolve(),
  };
  const aroundSend = [() => ({ status: 429 })];
  const options = resolveOptions({ aroundSend, retry: { delayMs: 0 } });
  await using fetcher = createFetcherOver(transport, options);
  expect(await fetcher.fetch('http://a.test/')).toMatchObject({ status: 429, attempts: 3 });
  expect(fetcher.load().paced).toEqual([]);
  expect(fetcher.load().waitingFor.pace).toBe(0);
});
