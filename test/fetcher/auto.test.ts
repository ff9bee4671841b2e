import * as fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { createFetcherOn } from '../../src/fetcher/fetcher.ts';
import { FetchError } from '../../src/http/error.ts';
import type { Fetcher, FetcherOptions, FetchResult, MockReply } from '../../src/index.ts';
import { collect } from '../helpers/collect.ts';
import { ManualClock } from '../helpers/manual-clock.ts';
import { fixedWindow, ModelServer, type Rule } from '../helpers/model-server.ts';

interface Scene extends FetcherOptions {
  readonly urls: readonly string[];
  /** Requests that each host serves at once; further ones wait there. @default 16 */
  readonly workers?: number;
  /** Milliseconds of work for each. @default 50 */
  readonly workMs?: number;
  readonly rule?: Rule;
}

interface End {
  readonly results: readonly FetchResult[];
  readonly server: ModelServer;
  readonly fetcher: Fetcher;
  readonly seconds: number;
  /** Most requests in flight at once to each host. */
  readonly mostAtOnce: ReadonlyMap<string, number>;
  readonly timers: number;
}

const numbered = (origin: string, count: number): string[] =>
  Array.from({ length: count }, (_, at) => `${origin}/${at}`);
const oneHost = (count: number): string[] => numbered('http://a.test', count);
const fault = (): FetchError => new FetchError('CONN_RESET', 'CONN_RESET');

/** Fetches all URLs from hosts with a queue and so many workers each, in virtual time. */
async function runScene({ urls, workers = 16, workMs = 50, rule = () => ({}), ...options }: Scene): Promise<End> {
  const clock = new ManualClock();
  const startedAt = clock.now();
  const freeAt = new Map<string, number[]>();
  const ends = new Map<string, number[]>();
  const mostAtOnce = new Map<string, number>();
  const server = new ModelServer(clock, rule, (url) => {
    const { origin } = new URL(url);
    const free = freeAt.get(origin) ?? Array.from({ length: workers }, () => 0);
    freeAt.set(origin, free);
    const now = clock.now();
    const worker = free.indexOf(Math.min(...free));
    free[worker] = Math.max(now, free[worker]!) + workMs;
    const running = (ends.get(origin) ?? []).filter((end) => end > now);
    ends.set(origin, [...running, free[worker]]);
    mostAtOnce.set(origin, Math.max(mostAtOnce.get(origin) ?? 0, running.length + 1));
    return free[worker] - now;
  });
  await using fetcher = createFetcherOn(clock, { transport: server.transport, ...options });
  const results = await clock.runUntil(collect(fetcher.asCompleted(urls)));
  expect(
    results.map(({ index }) => index).sort((a, b) => a - b),
    'one result for each URL',
  ).toEqual([...urls.keys()]);
  return { results, server, fetcher, seconds: (clock.now() - startedAt) / 1000, mostAtOnce, timers: clock.timers };
}

const areOk = ({ results }: End): boolean => results.every(({ ok }) => ok);
const most = ({ mostAtOnce }: End): number => mostAtOnce.get('http://a.test')!;

describe('`perHost.concurrency: auto`', () => {
  const auto = { perHost: { concurrency: 'auto' as const } };

  test('finds what a host serves at once, and load() tells it', async () => {
    const end = await runScene({ urls: oneHost(4000), ...auto, concurrency: 256 });
    const [found] = end.fetcher.load().atOnce;
    expect(found).toMatchObject({ host: 'http://a.test', start: 6 });
    expect(found!.limit).toBeGreaterThanOrEqual(12);
    expect(found!.limit).toBeLessThanOrEqual(32);
    expect(end.seconds).toBeLessThan(1.15 * (4000 / 16) * 0.05);
  });

  test('never has more than 6 in flight to a host with 15 URLs', async () => {
    expect(most(await runScene({ urls: oneHost(15), ...auto }))).toBe(6);
  });

  test.each<[name: string, options: FetcherOptions, limit: number]>([
    ['its maximum', { perHost: { concurrency: { auto: 8 } } }, 8],
    ['a maximum below 6', { perHost: { concurrency: { auto: 3 } } }, 3],
    ['`concurrency`', { ...auto, concurrency: 10 }, 10],
    ['both', { perHost: { concurrency: { auto: 8 } }, concurrency: 4 }, 4],
  ])('never exceeds %s, which it reaches where that is served', async (_, options, limit) => {
    const end = await runScene({ urls: oneHost(1000), ...options, workers: 1000 });
    expect(end.server.maxInFlight).toBe(limit);
  });

  test('keeps a rate, a maximum and the limit over all hosts at once', async () => {
    const options = { concurrency: 4, perHost: { concurrency: { auto: 8 }, rate: 5 } };
    const end = await runScene({ urls: oneHost(60), ...options, workMs: 2000 });
    const starts = end.server.arrivals.map(({ at }) => at);
    expect(Math.min(...starts.slice(1).map((at, index) => at - starts[index]!))).toBeGreaterThanOrEqual(200 - 1e-6);
    expect(end.server.maxInFlight).toBeLessThanOrEqual(4);
  });

  test.each([404, 500])('climbs as far on answers %i as on 200', async (status) => {
    const options = { ...auto, retry: { retries: 0 }, workers: 1000 };
    const end = await runScene({ urls: oneHost(1000), ...options, rule: () => ({ status }) });
    expect(most(end)).toBe(50);
  });

  test('leaves refusals (429) to the pace: nothing is lost', async () => {
    const end = await runScene({ urls: oneHost(400), ...auto, rule: fixedWindow(100, 10_000) });
    expect(areOk(end)).toBe(true);
    expect(end.seconds).toBeLessThan(1.3 * 30);
  });

  test('starts nothing in a pause', async () => {
    let refusedAt = 0;
    const rule: Rule = ({ at }) => {
      if (refusedAt > 0 || at < 1000) return {};
      refusedAt = at;
      return { status: 429, headers: { 'retry-after': '7' } };
    };
    const { server } = await runScene({ urls: oneHost(1000), ...auto, rule });
    expect(refusedAt).toBeGreaterThan(0);
    // Until its answer is there, requests may still be sent.
    expect(server.arrivals.filter(({ at }) => at > refusedAt + 200 && at < refusedAt + 7000)).toEqual([]);
  });

  test('goes on from 6 at most after a hold', async () => {
    const rule: Rule = ({ at }) => (at >= 3000 && at < 8000 ? fault() : {});
    const end = await runScene({ urls: oneHost(2000), ...auto, workers: 30, rule });
    expect(areOk(end)).toBe(true);
    const { arrivals } = end.server;
    const answeredAt = arrivals.find(({ at, status }) => at >= 8000 && status === 200)!.at + 50;
    expect(arrivals.filter(({ at }) => at > answeredAt - 1 && at < answeredAt + 49).length).toBeLessThanOrEqual(6);
    expect(arrivals.filter(({ at }) => at < 3000).length).toBeGreaterThan(400);
  });

  test('does not learn from a shortage of our own', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockReturnValue();
    let count = 0;
    const rule: Rule = () => ((count += 1) % 3 === 0 ? new FetchError('LOCAL_FDS', 'none left') : {});
    const end = await runScene({ urls: oneHost(300), ...auto, rule });
    expect(areOk(end)).toBe(true);
    expect(end.fetcher.load().held).toEqual([]);
    warn.mockRestore();
  });

  test('keeps nothing of hosts that never wait for their limit', async () => {
    const urls = Array.from({ length: 2000 }, (_, host) => `http://h${host}.test/`);
    expect((await runScene({ urls, ...auto })).fetcher.load().atOnce).toEqual([]);
  });

  test('learns each host by itself', async () => {
    const rule: Rule = () => ({});
    const urls = [...oneHost(3000), ...numbered('http://b.test', 1500)];
    const clock = new ManualClock();
    // One serves 24 at once; the other takes the longer, the more are in flight.
    let inFlight = 0;
    const server = new ModelServer(clock, rule, (url) => {
      if (url.startsWith('http://a.test')) return 50;
      inFlight += 1;
      clock.setTimer(() => (inFlight -= 1), 8 * inFlight);
      return 8 * inFlight;
    });
    await using fetcher = createFetcherOn(clock, { transport: server.transport, concurrency: 200, ...auto });
    await clock.runUntil(collect(fetcher.asCompleted(urls)));
    const limits = new Map(fetcher.load().atOnce.map(({ host, limit }) => [host, limit]));
    expect(limits.get('http://a.test')).toBeGreaterThan(100);
    expect(limits.get('http://b.test') ?? 6).toBeLessThan(20);
  });

  test('sends one request at a time in `sequential()`', async () => {
    const clock = new ManualClock();
    const server = new ModelServer(clock, () => ({}));
    await using fetcher = createFetcherOn(clock, { transport: server.transport, ...auto });
    await clock.runUntil(collect(fetcher.sequential(oneHost(100))));
    expect(server.maxInFlight).toBe(1);
  });
});

describe('`concurrency: auto`', () => {
  const hosts = Array.from({ length: 400 }, (_, host) => `http://h${host}.test`);
  const urls = Array.from({ length: 15 }, (_, page) => hosts.map((host) => `${host}/${page}`)).flat();

  test('goes from 50 to as many as bring more', async () => {
    const end = await runScene({ urls, concurrency: { auto: 1000 }, workMs: 300 });
    const [found] = end.fetcher.load().atOnce;
    expect(found).toMatchObject({ host: null, start: 50 });
    expect(found!.limit).toBeGreaterThan(200);
    expect(end.seconds).toBeLessThan((0.5 * urls.length * 0.3) / 50);
  });

  test('never exceeds its maximum', async () => {
    const end = await runScene({ urls, concurrency: { auto: 100 }, workMs: 300 });
    expect(end.server.maxInFlight).toBe(100);
  });

  test('stays below what this machine can hold', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockReturnValue();
    const clock = new ManualClock();
    const server: ModelServer = new ModelServer(
      clock,
      () => (server.inFlight >= 80 ? new FetchError('LOCAL_FDS', 'none left') : {}),
      () => 300,
    );
    await using fetcher = createFetcherOn(clock, { transport: server.transport, concurrency: { auto: 1000 } });
    const results = await clock.runUntil(collect(fetcher.asCompleted(urls.slice(0, 3000))));
    expect(results.every(({ ok }) => ok)).toBe(true);
    const short = server.arrivals.filter(({ status }) => status === 0);
    expect(short.length).toBeLessThan(0.1 * 3000);
    expect(fetcher.load().maxConcurrency).toBeLessThan(150);
    warn.mockRestore();
  });

  test('is not lowered by hosts that fail', async () => {
    const isDead = (url: string): boolean => /h\d*[05]\.test/.test(url);
    const rule: Rule = ({ url }) => (isDead(url) ? fault() : {});
    const end = await runScene({ urls, concurrency: { auto: 1000 }, workMs: 300, rule, retry: { retries: 0 } });
    expect(end.server.maxInFlight).toBeGreaterThan(100);
  });
});

test('Whatever servers do: one result for each URL, never more in flight than the maximum, and nothing is left behind', async () => {
  // What a server does for a while.
  const phase = fc.record({
    ms: fc.integer({ min: 50, max: 20_000 }),
    reply: fc.constantFrom<MockReply | FetchError>(
      {},
      {},
      { status: 429 },
      { status: 429, headers: { 'retry-after': '2' } },
      { status: 503 },
      { status: 500 },
      { headers: { ratelimit: '"a";r=0;t=5' } },
      fault(),
    ),
  });
  const settings = fc.record({
    workers: fc.integer({ min: 1, max: 40 }),
    workMs: fc.integer({ min: 0, max: 300 }),
    maximum: fc.integer({ min: 1, max: 40 }),
    overAll: fc.constantFrom<FetcherOptions['concurrency']>(20, 'auto', { auto: 60 }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(phase, { minLength: 1, maxLength: 4 }),
      settings,
      async (phases, { workers, workMs, maximum, overAll }) => {
        const cycle = phases.reduce((sum, { ms }) => sum + ms, 0);
        const rule: Rule = ({ at }) => {
          let left = at % cycle;
          return phases.find(({ ms }) => (left -= ms) < 0)?.reply ?? {};
        };
        const end = await runScene({
          urls: [...oneHost(150), ...numbered('http://b.test', 100)],
          workers,
          workMs,
          rule,
          concurrency: overAll!,
          perHost: { concurrency: { auto: maximum } },
        });
        expect(end.timers).toBe(0);
        expect(Math.max(...end.mostAtOnce.values())).toBeLessThanOrEqual(maximum);
      },
    ),
    { numRuns: 30 },
  );
}, 60_000);
