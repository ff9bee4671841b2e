import { expect, test } from 'vitest';
import { Elsewhere } from '../../src/call/guard.ts';
import { createGuardedFetcher } from '../../src/fetcher/fetcher.ts';
import { ContinuedRequest } from '../../src/http/continued-request.ts';
import type { FetchResult } from '../../src/http/result.ts';
import { mockTransport } from '../../src/transports/mock.ts';
import { collect } from '../helpers/collect.ts';

const sent: string[] = [];
const transport = mockTransport(({ url }) => {
  sent.push(url);
  if (url.endsWith('/wait')) return { status: 429, headers: { 'retry-after': '30' } };
  return url.endsWith('/go') ? { status: 302, headers: { location: 'http://b.test/to?x' } } : { status: 200 };
});

test('a guarded run starts nothing once its guard is closed, and goes nowhere that it does not own', async () => {
  sent.length = 0;
  await using fetcher = createGuardedFetcher({ transport, perHost: { concurrency: 1 } }, () => {});
  const abort = new AbortController();
  const guard = { isOpen: () => sent.length < 3, owns: (origin: string) => origin === 'http://a.test' };
  const { results } = fetcher.guarded(
    ['http://a.test/1', 'http://a.test/go', 'http://a.test/2', 'http://a.test/3'],
    guard,
    {
      signal: abort.signal,
    },
  );
  const seen: FetchResult[] = [];
  try {
    for await (const result of results) {
      seen.push(result);
      if (seen.length === 3) abort.abort(new Error('over'));
    }
  } catch (reason) {
    expect(reason).toBe(abort.signal.reason);
  }
  expect(sent).toEqual(['http://a.test/1', 'http://a.test/go', 'http://a.test/2']);
  const elsewhere = seen.find(({ url }) => url.endsWith('/go'))!;
  expect(elsewhere).toMatchObject({ kind: 'cancelled', attempts: 1 });
  const { trail } = (elsewhere as { error: Error }).error.cause as Elsewhere;
  expect(trail).toMatchObject({
    redirects: 1,
    hop: { origin: 'http://b.test', path: '/to?x' },
    visited: expect.any(Array),
  });

  // Its new owner goes on there, with the limits of that host.
  const owner = { isOpen: () => true, owns: () => true };
  const [result] = await collect(fetcher.guarded([new ContinuedRequest('http://a.test/go', trail)], owner, {}).results);
  expect(result).toMatchObject({
    kind: 'response',
    url: 'http://a.test/go',
    finalUrl: 'http://b.test/to?x',
    redirects: 1,
  });
  expect(sent.at(-1)).toBe('http://b.test/to?x');
});

test('a guarded fetcher tells of each pause that a server asks for', async () => {
  const pauses: [string, number][] = [];
  const from = performance.now();
  await using fetcher = createGuardedFetcher({ transport, retry: { retries: 0 } }, (origin, until) =>
    pauses.push([origin, until]),
  );
  await fetcher.fetch('http://a.test/wait');
  expect(pauses[0]![0]).toBe('http://a.test');
  expect(pauses[0]![1] - from).toBeGreaterThanOrEqual(30_000);
});
