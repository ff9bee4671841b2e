import { afterEach, expect, test, vi } from 'vitest';
import { createFetcherOn } from '../../src/fetcher/fetcher.ts';
import { createFetcher, mockTransport } from '../../src/index.ts';
import { heldTransport } from '../helpers/held-transport.ts';
import { ManualClock } from '../helpers/manual-clock.ts';
import { respond, serve, silence } from '../helpers/servers/serve.ts';

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

test('urlDeadlineMs ends a request in its first attempt', async () => {
  await using server = await serve(silence);
  await using fetcher = createFetcher({ urlDeadlineMs: 60 });
  const result = await fetcher.fetch(server.url);
  expect(result).toMatchObject({ kind: 'failure', attempts: 1, error: { code: 'DEADLINE', retryable: false } });
  expect(result.elapsedMs).toBeGreaterThanOrEqual(58);
  await server.deserted();
});

test('urlDeadlineMs covers all attempts together', async () => {
  const clock = new ManualClock();
  const { transport, sent } = heldTransport();
  // A backoff of 100, 200, 400 ms.
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
  const options = { urlDeadlineMs: 700, timeoutMs: 40, retry: { retries: 1000 }, transport };
  await using fetcher = createFetcherOn(clock, options);
  const fetched = fetcher.fetch('http://a.test/');
  await clock.pass(700);
  const result = await fetched;
  expect(result).toMatchObject({ error: { code: 'DEADLINE' }, attempts: 3 });
  expect(sent).toHaveLength(3);
});

test('urlDeadlineMs shorter than an ordered wait ends the request at once', async () => {
  const transport = mockTransport(() => ({ status: 429, headers: { 'retry-after': '30' } }));
  await using fetcher = createFetcherOn(new ManualClock(), { urlDeadlineMs: 10_000, transport });
  const result = await fetcher.fetch('http://a.test/');
  expect(result).toMatchObject({ kind: 'failure', attempts: 1, elapsedMs: 0, error: { code: 'DEADLINE' } });
});

test('urlDeadlineMs counts from the first dispatch, not from the queue', async () => {
  vi.useFakeTimers();
  const transport = mockTransport(() => new Promise((resolve) => void setTimeout(resolve, 80, {})));
  await using fetcher = createFetcher({ urlDeadlineMs: 150, concurrency: 1, transport });
  const gathered = fetcher.gather(['http://a.test/1', 'http://a.test/2', 'http://a.test/3']);
  await vi.advanceTimersByTimeAsync(240);
  expect((await gathered).map(({ ok }) => ok)).toEqual([true, true, true]);
});

test('urlDeadlineMs ends a request that waits for the slot of its next attempt', async () => {
  const clock = new ManualClock();
  const wire = heldTransport();
  await using fetcher = createFetcherOn(clock, { urlDeadlineMs: 400, concurrency: 1, transport: wire.transport });
  const flaky = fetcher.fetch('http://a.test/flaky');
  await wire.until(1);
  const other = fetcher.fetch('http://b.test/other');
  wire.answer('/flaky', { status: 500 });
  await wire.until(2);
  await clock.pass(400);
  expect(await flaky).toMatchObject({ kind: 'failure', attempts: 1, error: { code: 'DEADLINE' } });
  expect(wire.sent).toEqual(['/flaky', '/other']);
  // The call never held the slot, so the slot is not released twice.
  expect(await other).toMatchObject({ error: { code: 'DEADLINE' } });
});

test('urlDeadlineMs ends a request that waits for a slot at the target of a redirect', async () => {
  const clock = new ManualClock();
  const wire = heldTransport();
  await using fetcher = createFetcherOn(clock, {
    urlDeadlineMs: 200,
    timeoutMs: 10_000,
    perHost: { concurrency: 1 },
    transport: wire.transport,
  });
  const redirected = fetcher.fetch('http://a.test/from');
  await wire.until(1);
  const busy = fetcher.fetch('http://b.test/busy');
  await wire.until(2);
  wire.answer('/from', { status: 302, headers: { location: 'http://b.test/to' } });
  await clock.pass(200);
  expect(await redirected).toMatchObject({ kind: 'failure', error: { code: 'DEADLINE' } });
  expect(await busy).toMatchObject({ error: { code: 'DEADLINE' } });
  const next = fetcher.gather(['http://a.test/next', 'http://b.test/next']);
  await wire.until(4);
  wire.answerAll();
  expect((await next).every(({ ok }) => ok)).toBe(true);
});

test('urlDeadlineMs does not touch a request that is done in time', async () => {
  await using server = await serve([respond(503), respond(200)]);
  await using fetcher = createFetcher({ urlDeadlineMs: 10_000 });
  expect(await fetcher.fetch(server.url)).toMatchObject({ status: 200, attempts: 2 });
});

test('urlDeadlineMs ends a request even when another one has just freed the slot of its next attempt', async () => {
  vi.useFakeTimers();
  let tries = 0;
  const transport = mockTransport(({ url }, signal) => {
    if (url.endsWith('/flaky') && (tries += 1) === 1) return { status: 503 };
    return new Promise((_, reject) => signal.addEventListener('abort', reject));
  });
  await using fetcher = createFetcher({ urlDeadlineMs: 5000, concurrency: 2, timeoutMs: 60_000, transport });
  const urls = ['http://a.test/stuck', 'http://a.test/flaky', 'http://a.test/also-stuck'];
  const all = Promise.all(urls.map((url) => fetcher.fetch(url)));
  await vi.advanceTimersByTimeAsync(70_000);
  const flaky = (await all)[1]!;
  expect(flaky).toMatchObject({ kind: 'failure', error: { code: 'DEADLINE' } });
  expect(flaky.elapsedMs).toBeLessThan(5100);
});
