import { afterEach, expect, test, vi } from 'vitest';
import { createFetcher, FetchError, mockTransport } from '../../src/index.ts';
import { collect } from '../helpers/collect.ts';
import { heldTransport } from '../helpers/held-transport.ts';
import { quiet } from '../helpers/process/quiet.ts';
import { respond, serve } from '../helpers/servers/serve.ts';

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const urls = (count: number): string[] => Array.from({ length: count }, (_, at) => `http://a.test/${at}`);

test('sequential() fetches one at a time, in input order', async () => {
  await using server = await serve(respond(200));
  await using fetcher = createFetcher();
  const source = Array.from({ length: 10 }, (_, at) => `${server.url}/${at}`);
  const results = await collect(fetcher.sequential(source));
  expect(results.map(({ url }) => url)).toEqual(source);
  expect(server.paths).toEqual(source.map((url) => new URL(url).pathname));
  expect(server.maxInFlight()).toBe(1);
});

test('sequential() reads and starts a request only when its result is asked for', async () => {
  const wire = heldTransport();
  await using fetcher = createFetcher({ transport: wire.transport });
  let pulled = 0;
  const results = fetcher.sequential(
    (function* () {
      for (const url of urls(5)) {
        pulled += 1;
        yield url;
      }
    })(),
  );
  await quiet();
  expect([pulled, wire.sent.length]).toEqual([0, 0]);
  for (let turn = 1; turn <= 2; turn += 1) {
    const step = results.next();
    await wire.until(turn);
    wire.answerAll();
    await step;
    await quiet();
    expect([pulled, wire.sent.length]).toEqual([turn, turn]);
  }
});

test('sequential({ intervalMs }) spaces the starts, retries included', async () => {
  vi.useFakeTimers();
  vi.spyOn(Math, 'random').mockReturnValue(0.2);
  const begin = performance.now();
  const starts: number[] = [];
  const transport = mockTransport(() => {
    starts.push(performance.now() - begin);
    return { status: starts.length === 2 ? 503 : 200 };
  });
  await using fetcher = createFetcher({ transport, retry: { retries: 1 } });
  const collected = collect(fetcher.sequential(urls(3), { intervalMs: 60 }));
  await vi.advanceTimersByTimeAsync(300);
  expect((await collected).map(({ attempts }) => attempts)).toEqual([1, 2, 1]);
  // The backoff alone would have ended after 40 ms.
  expect(starts).toEqual([0, 60, 120, 180]);
});

test('sequential({ intervalMs }) does not wait when the interval is over already', async () => {
  vi.useFakeTimers();
  const begin = performance.now();
  const starts: number[] = [];
  const transport = mockTransport(() => {
    starts.push(performance.now() - begin);
    return {};
  });
  await using fetcher = createFetcher({ transport });
  const results = fetcher.sequential(urls(3), { intervalMs: 30 });
  await results.next();
  await vi.advanceTimersByTimeAsync(50);
  await results.next();
  const last = results.next();
  await vi.advanceTimersByTimeAsync(30);
  await last;
  expect(starts).toEqual([0, 50, 80]);
});

test('sequential() continues after a failure', async () => {
  const transport = mockTransport(({ url }) => (url.endsWith('/1') ? new FetchError('TLS_HOST', 'Wrong name') : {}));
  await using fetcher = createFetcher({ transport });
  const results = await collect(fetcher.sequential([...urls(3), 'nonsense', 'http://a.test/4']));
  expect(results.map(({ kind }) => kind)).toEqual(['response', 'failure', 'response', 'failure', 'response']);
});

test('sequential() aborted yields a cancelled result for the request it had read, then throws the reason', async () => {
  const wire = heldTransport();
  await using fetcher = createFetcher({ transport: wire.transport });
  const controller = new AbortController();
  const results = fetcher.sequential(urls(3), { signal: controller.signal });
  const first = results.next();
  await wire.until(1);
  controller.abort('stop');
  expect((await first).value).toMatchObject({ index: 0, kind: 'cancelled', attempts: 1 });
  await expect(results.next()).rejects.toBe('stop');
  expect(wire.sent).toEqual(['/0']);
});

test('sequential() aborted between two starts throws at once, and sends nothing more', async () => {
  const wire = heldTransport();
  await using fetcher = createFetcher({ transport: wire.transport });
  const controller = new AbortController();
  const results = fetcher.sequential(urls(3), { signal: controller.signal, intervalMs: 3_600_000 });
  const first = results.next();
  await wire.until(1);
  wire.answerAll();
  await first;
  const second = results.next();
  await quiet();
  controller.abort('stop');
  expect((await second).value).toMatchObject({ index: 1, kind: 'cancelled', attempts: 0 });
  await expect(results.next()).rejects.toBe('stop');
  expect(wire.sent).toEqual(['/0']);
});

test('sequential() closes its source when the consumer leaves', async () => {
  await using fetcher = createFetcher({ transport: mockTransport(() => ({})) });
  let isClosed = false;
  function* source(): Generator<string> {
    try {
      for (;;) yield 'http://a.test/';
    } finally {
      isClosed = true;
    }
  }
  for await (const { ok } of fetcher.sequential(source())) {
    expect(ok).toBe(true);
    break;
  }
  expect(isClosed).toBe(true);
});

test.each([-1, Number.NaN, '5', 2 ** 31, null])(
  'sequential({ intervalMs: %o }) is refused by name',
  async (intervalMs) => {
    await using fetcher = createFetcher();
    expect(() => fetcher.sequential([], { intervalMs: intervalMs as number })).toThrow(/'intervalMs' must be/);
  },
);

test('sequential({ intervalMs }) does not delay a redirect to another origin', async () => {
  vi.useFakeTimers();
  const begin = performance.now();
  const starts: string[] = [];
  const transport = mockTransport(({ url }) => {
    starts.push(`${url} ${performance.now() - begin}`);
    return url === 'http://a.test/' ? { status: 301, headers: { location: 'https://a.test/' } } : {};
  });
  await using fetcher = createFetcher({ transport });
  const collected = collect(fetcher.sequential(['http://a.test/', 'http://b.test/'], { intervalMs: 300 }));
  await vi.advanceTimersByTimeAsync(1000);
  await collected;
  expect(starts).toEqual(['http://a.test/ 0', 'https://a.test/ 0', 'http://b.test/ 300']);
});
