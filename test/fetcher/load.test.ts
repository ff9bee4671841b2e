import { describe, expect, test, vi } from 'vitest';
import { createFetcher, mockTransport, type FetcherOptions } from '../../src/index.ts';
import { heldTransport } from '../helpers/held-transport.ts';
import { noWaits } from '../helpers/no-waits.ts';

const paths = (origin: string, count: number): string[] => Array.from({ length: count }, (_, at) => `${origin}/${at}`);

describe('load()', () => {
  test('is empty for an idle fetcher', async () => {
    await using fetcher = createFetcher();
    expect(fetcher.load()).toEqual({
      inFlight: 0,
      concurrency: 50,
      maxConcurrency: 50,
      atOnce: [],
      waiting: 0,
      waitingFor: noWaits,
      backingOff: 0,
      unread: 0,
      held: [],
      paced: [],
      waitedFor: [],
      networkAskAt: undefined,
      paused: [],
      oldest: [],
    });
  });

  test.each<[name: string, options: FetcherOptions, urls: string[], waitingFor: object]>([
    [
      'the limit of one host',
      { perHost: { concurrency: 2 } },
      paths('http://a.test', 10),
      { inFlight: 2, waiting: 8, waitingFor: { ...noWaits, hostConcurrency: 8 } },
    ],
    [
      'the limit over all',
      { concurrency: 3 },
      ['a', 'b', 'c', 'd'].flatMap((name) => paths(`http://${name}.test`, 2)),
      { inFlight: 3, waiting: 5, waitingFor: { ...noWaits, concurrency: 5 } },
    ],
    [
      'the limit over all, and others for their host',
      { concurrency: 2, perHost: { concurrency: 2 } },
      [...paths('http://a.test', 5), ...paths('http://b.test', 5)],
      { inFlight: 2, waiting: 8, waitingFor: { ...noWaits, concurrency: 5, hostConcurrency: 3 } },
    ],
    [
      'one host that fills both',
      { concurrency: 2, perHost: { concurrency: 2 } },
      paths('http://a.test', 5),
      { inFlight: 2, waiting: 3, waitingFor: { ...noWaits, hostConcurrency: 3 } },
    ],
    ['a rate', { rate: 0.01 }, paths('http://a.test', 4), { inFlight: 1, waitingFor: { ...noWaits, rate: 3 } }],
    [
      'a rate of each host',
      { perHost: { rate: 0.01 } },
      [...paths('http://a.test', 4), ...paths('http://b.test', 3)],
      { inFlight: 2, waitingFor: { ...noWaits, hostRate: 5 } },
    ],
  ])('counts requests that wait for %s', async (_, options, urls, load) => {
    const wire = heldTransport();
    await using fetcher = createFetcher({ ...options, transport: wire.transport });
    const results = fetcher.asCompleted(urls);
    const first = results.next();
    await wire.until(1);
    await vi.waitFor(() => expect(fetcher.load()).toMatchObject({ ...load, backingOff: 0, unread: 0, paused: [] }));
    await results.return?.();
    await first;
    expect(fetcher.load()).toMatchObject({ inFlight: 0, waiting: 0, waitingFor: noWaits });
  });

  test('lists a paused host and the end of its pause', async () => {
    await using fetcher = createFetcher({
      perHost: { concurrency: 1 },
      transport: mockTransport(() => ({ status: 429, headers: { 'retry-after': '30' } })),
    });
    const results = fetcher.asCompleted(paths('http://slow.test', 3));
    const first = results.next();
    await vi.waitFor(() => expect(fetcher.load().paused).toHaveLength(1));
    const { paused, waitingFor, backingOff, waiting } = fetcher.load();
    expect(paused[0]!.host).toBe('http://slow.test');
    const leftMs = paused[0]!.until - performance.now();
    expect([leftMs > 20_000, leftMs <= 30_000]).toEqual([true, true]);
    // The request that got the 429 waits either between its attempts or in the queue again.
    expect(waiting + backingOff).toBe(3);
    expect(waitingFor).toEqual({ ...noWaits, pause: waiting });
    await fetcher.close();
    await first;
  });

  test('names the requests that have been running longest, with their attempts and without passwords', async () => {
    const wire = heldTransport();
    await using fetcher = createFetcher({ perHost: { concurrency: 9 }, transport: wire.transport });
    const before = performance.now();
    const results = fetcher.asCompleted(['http://u:secret@a.test/', ...paths('http://a.test', 5)]);
    const first = results.next();
    await wire.until(6);
    const { oldest } = fetcher.load();
    expect(oldest.map(({ url, attempts, isInFlight }) => [url, attempts, isInFlight])).toEqual([
      ['http://u:***@a.test/', 1, true],
      ['http://a.test/0', 1, true],
      ['http://a.test/1', 1, true],
    ]);
    expect(oldest[0]!.startedAt).toBeGreaterThanOrEqual(before);
    await fetcher.close();
    await first;
    expect(fetcher.load().oldest).toEqual([]);
  });

  test('counts requests between two attempts', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(1);
    await using fetcher = createFetcher({ transport: mockTransport(() => ({ status: 500 })) });
    const one = fetcher.fetch('http://a.test/');
    await vi.waitFor(() => expect(fetcher.load()).toMatchObject({ inFlight: 0, waiting: 0, backingOff: 1 }));
    expect(fetcher.load().oldest).toMatchObject([{ url: 'http://a.test/', attempts: 1, isInFlight: false }]);
    await fetcher.close();
    expect((await one).kind).toBe('cancelled');
    vi.restoreAllMocks();
  });

  test('counts requests that wait for a consumer', async () => {
    const wire = heldTransport();
    await using fetcher = createFetcher({ concurrency: 2, transport: wire.transport });
    const results = fetcher.asCompleted(paths('http://a.test', 9));
    const first = results.next();
    for (let count = 1; count <= 3; count += 1) {
      await wire.until(count);
      wire.answerAll();
      await first;
    }
    await vi.waitFor(() =>
      expect(fetcher.load()).toMatchObject({
        inFlight: 0,
        waiting: 6,
        unread: 2,
        waitingFor: { ...noWaits, reader: 6 },
      }),
    );
  });

  test('counts a request that waits for the interval of sequential()', async () => {
    const wire = heldTransport();
    await using fetcher = createFetcher({ transport: wire.transport });
    const results = fetcher.sequential(paths('http://a.test', 3), { intervalMs: 60_000 });
    const first = results.next();
    await wire.until(1);
    wire.answerAll();
    await first;
    void results.next();
    await vi.waitFor(() =>
      expect(fetcher.load()).toMatchObject({ inFlight: 0, waiting: 1, waitingFor: { ...noWaits, interval: 1 } }),
    );
  });
});
