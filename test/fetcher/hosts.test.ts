import * as fc from 'fast-check';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createFetcherOn } from '../../src/fetcher/fetcher.ts';
import { FetchError, type FetchErrorCode } from '../../src/http/error.ts';
import type { FetchResult, FetcherOptions, MockReply } from '../../src/index.ts';
import { collect } from '../helpers/collect.ts';
import { ManualClock } from '../helpers/manual-clock.ts';
import { fixedWindow, ModelServer, slidingWindow, tokenBucket, type Rule } from '../helpers/model-server.ts';

// Loading it takes real time, which a clock that stands still does not have.
beforeAll(() => import('../../src/http/robots-txt.ts'));

/** The end of one run in virtual time. */
interface End {
  readonly results: readonly FetchResult[];
  readonly server: ModelServer;
  readonly seconds: number;
  readonly timers: number;
}

interface Scene extends FetcherOptions {
  readonly rule: Rule;
  readonly urls: number | readonly string[];
  readonly delayMs?: (url: string) => number;
}

const numbered = (origin: string, count: number): string[] =>
  Array.from({ length: count }, (_, at) => `${origin}/${at}`);

/** Fetches all URLs of a scene from a server in virtual time. */
async function runScene({ rule, urls, delayMs, ...options }: Scene): Promise<End> {
  const clock = new ManualClock();
  const startedAt = clock.now();
  const server = new ModelServer(clock, rule, delayMs);
  await using fetcher = createFetcherOn(clock, { transport: server.transport, ...options });
  const all = typeof urls === 'number' ? numbered('http://a.test', urls) : urls;
  const results = await clock.runUntil(collect(fetcher.asCompleted(all)));
  expect(
    results.map(({ index }) => index).sort((a, b) => a - b),
    'one result for each URL',
  ).toEqual([...all.keys()]);
  return { results, server, seconds: (clock.now() - startedAt) / 1000, timers: clock.timers };
}

const lost = ({ results }: End): number => results.filter(({ ok }) => !ok).length;
const codes = ({ results }: End, code: FetchErrorCode): number =>
  results.filter((result) => result.kind === 'failure' && result.error.code === code).length;

const fault = (code: FetchErrorCode): FetchError => new FetchError(code, code);
const between =
  (from: number, to: number, bad: () => MockReply | FetchError): Rule =>
  ({ at }) =>
    at >= from && at < to ? bad() : {};

/** Adds a header with what is left of a window to each answer. */
function telling(
  limit: number,
  windowMs: number,
  headers: (left: number, resetMs: number) => MockReply['headers'],
): Rule {
  const window = fixedWindow(limit, windowMs);
  let [windowAt, used] = [0, 0];
  return (arrival) => {
    const now = Math.floor(arrival.at / windowMs);
    if (now !== windowAt) [windowAt, used] = [now, 0];
    used += 1;
    const { status = 200 } = window(arrival) as MockReply;
    return { status, headers: headers(Math.max(0, limit - used), windowMs - (arrival.at % windowMs)) ?? {} };
  };
}

const inSeconds = (ms: number): string => String(Math.ceil(ms / 1000));

describe('A plain 429 loses nothing', () => {
  test.each<[string, Rule, number, number, number, number]>([
    ['a window of 100 in 10 s', fixedWindow(100, 10_000), 400, 30, 1.3, 0.15],
    ['a sliding window of 100 in 10 s', slidingWindow(100, 10_000), 1000, 90, 1.3, 0.15],
    ['a sliding window that counts refusals too', slidingWindow(100, 10_000, true), 1000, 90, 1.5, 0.15],
    ['a window of 60 in 60 s', fixedWindow(60, 60_000), 300, 240, 1.1, 0.2],
    ['a bucket of 20/s, 20 at once', tokenBucket(() => 20, 20), 600, 29, 1.15, 0.1],
    ['a bucket of 10/s, one at once', tokenBucket(() => 10, 1), 1000, 100, 1.5, 0.1],
    ['nginx, 503 beyond 10/s, 20 at once', tokenBucket(() => 10, 20, 503), 600, 58, 1.15, 0.15],
    ['10/s, then 5/s, then 20/s', tokenBucket((at) => (at < 5e4 ? 10 : at < 1e5 ? 5 : 20), 20), 1500, 137, 1.15, 0.1],
  ])('from %s', async (_, rule, urls, leastSeconds, most, mostRefused) => {
    const end = await runScene({ rule, urls });
    expect(lost(end)).toBe(0);
    expect(end.seconds).toBeLessThanOrEqual(most * leastSeconds);
    expect(end.server.arrivals.length - urls).toBeLessThanOrEqual(mostRefused * urls);
    expect(end.timers).toBe(0);
  });

  test('while other hosts go on undisturbed', async () => {
    const limited = fixedWindow(100, 10_000);
    const free = numbered('http://b.test', 600);
    const rule: Rule = (arrival) => (arrival.url.startsWith('http://a.test') ? limited(arrival) : {});
    const { server, results } = await runScene({ rule, urls: [...numbered('http://a.test', 400), ...free] });
    expect(results.every(({ ok }) => ok)).toBe(true);
    const last = server.arrivals.findLast(({ url }) => url.startsWith('http://b.test'))!;
    expect(last.at).toBeLessThan(1.1 * (600 / 6) * 20);
  });

  test('of POSTs, either, as they were not processed', async () => {
    const urls = numbered('http://a.test', 30).map((url) => ({ url, method: 'POST' }));
    const clock = new ManualClock();
    const server = new ModelServer(clock, fixedWindow(10, 10_000));
    await using fetcher = createFetcherOn(clock, { transport: server.transport });
    const results = await clock.runUntil(collect(fetcher.asCompleted(urls)));
    expect(results.every(({ ok }) => ok)).toBe(true);
    expect(server.count(200)).toBe(30);
  });

  test('but is final without retries', async () => {
    const end = await runScene({ rule: fixedWindow(3, 10_000), urls: 6, retry: { retries: 0 } });
    expect(end.server.arrivals).toHaveLength(6);
    expect(lost(end)).toBe(3);
  });

  test('and is final after the retries with `pace: false`', async () => {
    const end = await runScene({ rule: () => ({ status: 429 }), urls: 1, pace: false });
    expect(end.results[0]).toMatchObject({ status: 429, attempts: 3 });
  });

  test('for ever ends the run: the host is down', async () => {
    const end = await runScene({ rule: () => ({ status: 429 }), urls: 1000 });
    const sent = end.results.filter(({ attempts }) => attempts > 0);
    expect(sent.every((result) => result.kind === 'response' && result.status === 429)).toBe(true);
    expect(codes(end, 'HOST_DOWN')).toBe(1000 - sent.length);
    expect(end.results.find(({ attempts }) => attempts === 0)).toMatchObject({
      error: { message: 'http://a.test is given up: it has served nothing for 60 s (last: 429)' },
    });
    expect(end.seconds).toBeLessThanOrEqual(60.1);
    expect(end.server.arrivals.length).toBeLessThan(25);
  });

  test('the limit of starts per second holds above a faster pace', async () => {
    const end = await runScene({ rule: tokenBucket(() => 20, 5), urls: 200, perHost: { rate: 10 } });
    const starts = end.server.arrivals.map(({ at }) => at);
    expect(Math.min(...starts.slice(1).map((at, index) => at - starts[index]!))).toBeGreaterThanOrEqual(100 - 1e-6);
    expect(lost(end)).toBe(0);
  });
});

describe('A told quota', () => {
  test.each<[string, (left: number, resetMs: number) => MockReply['headers']]>([
    ['RateLimit', (left, resetMs) => ({ ratelimit: `"default";r=${left};t=${inSeconds(resetMs)}` })],
    [
      'X-RateLimit-*',
      (left, resetMs) => ({ 'x-ratelimit-remaining': String(left), 'x-ratelimit-reset': inSeconds(resetMs) }),
    ],
  ])('in %s is kept: no request is refused', async (_, headers) => {
    const end = await runScene({ rule: telling(100, 10_000, headers), urls: 400 });
    expect(lost(end)).toBe(0);
    expect(end.server.count(429)).toBe(0);
    expect(end.seconds).toBeLessThan(1.4 * 30);
  });

  test('that is used up stops the host until its reset', async () => {
    let count = 0;
    const rule: Rule = () => ((count += 1) === 1 ? { headers: { ratelimit: '"a";r=0;t=30' } } : {});
    const end = await runScene({ rule, urls: 20, perHost: { concurrency: 1 } });
    expect(end.server.arrivals[1]!.at - end.server.arrivals[0]!.at).toBeGreaterThanOrEqual(30_000);
    expect(lost(end)).toBe(0);
  });

  test('that is used up for longer than `maxWaitMs` fails the rest unsent', async () => {
    const rule: Rule = () => ({ headers: { ratelimit: '"a";r=0;t=3000' } });
    const end = await runScene({ rule, urls: 20, perHost: { concurrency: 1 } });
    expect(end.server.arrivals).toHaveLength(1);
    expect(codes(end, 'RATE_LIMITED')).toBe(19);
    const message = 'The rate limit of http://a.test does not reset for another 3000 s';
    expect(end.results[19]).toMatchObject({ attempts: 0, error: { retryable: true, message } });
    expect(end.results[19]).not.toHaveProperty('at');
    expect(end.seconds).toBeLessThan(1);
  });

  test.each([
    ['retry-after', '9'.repeat(25)],
    ['ratelimit', '"a";r=0;t=999999999999999'],
  ])('that is used up for ever, as %s says, is told in words', async (name, value) => {
    const end = await runScene({ rule: () => ({ status: 429, headers: { [name]: value } }), urls: 20 });
    expect(codes(end, 'RATE_LIMITED')).toBe(14);
    const messages = end.results.flatMap((result) => (result.kind === 'failure' ? [result.error.message] : []));
    expect(new Set(messages)).toEqual(new Set(['The rate limit of http://a.test does not reset for more than a year']));
  });

  test('is not heeded with `pace: false`', async () => {
    const end = await runScene({ rule: () => ({ headers: { ratelimit: '"a";r=0;t=3000' } }), urls: 20, pace: false });
    expect(lost(end)).toBe(0);
  });
});

describe('A host that fails', () => {
  const slow = (): number => 120;

  test.each<[string, () => MockReply | FetchError, number, number]>([
    ['503 for 60 s', () => ({ status: 503 }), 60_000, 60],
    ['refused connections for 60 s', () => fault('CONNECT_REFUSED'), 60_000, 40],
    ['503 for 20 s', () => ({ status: 503 }), 20_000, 50],
    ['resets for 20 s', () => fault('CONN_RESET'), 20_000, 40],
    ['resets for 2 s', () => fault('CONN_RESET'), 2000, 40],
  ])('with %s loses at most one URL, and is asked seldom', async (_, bad, lastsMs, mostRequests) => {
    const end = await runScene({ rule: between(20_000, 20_000 + lastsMs, bad), urls: 3000, delayMs: slow });
    expect(lost(end)).toBeLessThanOrEqual(1);
    expect(end.server.arrivals.filter(({ status }) => status !== 200).length).toBeLessThanOrEqual(mostRequests);
    expect(end.seconds).toBeLessThan(60 + lastsMs / 1000 + 12);
  });

  test('with silence for good is given up, and others go on undisturbed', async () => {
    const isDead = (url: string): boolean => url.startsWith('http://dead.test');
    const end = await runScene({
      rule: ({ url }) => (isDead(url) ? fault('CONNECT_TIMEOUT') : {}),
      urls: [...numbered('http://a.test', 600), ...numbered('http://dead.test', 15_000)],
      delayMs: (url) => (isDead(url) ? 10_000 : 20),
    });
    expect(codes(end, 'HOST_DOWN') + codes(end, 'CONNECT_TIMEOUT')).toBe(15_000);
    expect(codes(end, 'HOST_DOWN')).toBe(end.results.filter(({ attempts }) => attempts === 0).length);
    expect(end.server.arrivals.filter(({ url }) => isDead(url)).length).toBeLessThanOrEqual(20);
    expect(end.seconds).toBeLessThan(40);
    const last = end.server.arrivals.findLast(({ url }) => !isDead(url))!;
    expect(last.at).toBeLessThanOrEqual(1.05 * (600 / 6) * 20);
  });

  test('with resets and 429 in turns for good is given up: a 429 that ends a hold is not served', async () => {
    const limited: MockReply = { status: 429, headers: { 'retry-after': '2' } };
    const rule: Rule = ({ at }) => (at % 22_000 < 11_500 ? fault('CONN_RESET') : limited);
    const end = await runScene({ rule, urls: 150, delayMs: () => 88, perHost: { concurrency: 37 } });
    expect(lost(end)).toBe(150);
    expect(end.seconds).toBeLessThan(600);
  });

  test('is told by load(): held and asked again, then down with what was not sent', async () => {
    const clock = new ManualClock();
    const server = new ModelServer(clock, () => fault('CONNECT_REFUSED'));
    await using fetcher = createFetcherOn(clock, { transport: server.transport });
    const reading = collect(fetcher.asCompleted(numbered('http://a.test', 50)));
    await clock.pass(3000);
    const [held] = fetcher.load().held;
    expect(held).toMatchObject({ host: 'http://a.test', isDown: false, code: 'CONNECT_REFUSED', notSent: 0 });
    expect(held!.askAt).toBeGreaterThan(clock.now());
    expect(fetcher.load().waitingFor.hold).toBeGreaterThan(40);
    await clock.runUntil(reading);
    const [down] = fetcher.load().held;
    expect(down).toMatchObject({ isDown: true, code: 'CONNECT_REFUSED', notSent: 50 });
  });

  test('is told by load() as waited for, once it has answered', async () => {
    const clock = new ManualClock();
    const server = new ModelServer(
      clock,
      between(1000, 6000, () => fault('CONN_RESET')),
      () => 100,
    );
    await using fetcher = createFetcherOn(clock, { transport: server.transport });
    await clock.runUntil(collect(fetcher.asCompleted(numbered('http://a.test', 200))));
    const { held, waitedFor } = fetcher.load();
    expect(held).toEqual([]);
    expect(waitedFor).toMatchObject([{ host: 'http://a.test' }]);
    expect(waitedFor[0]!.forMs).toBeGreaterThan(4000);
    expect(waitedFor[0]!.forMs).toBeLessThan(12_000);
  });

  test('says which host, how often it was tried, and why', async () => {
    const end = await runScene({ rule: () => fault('CONNECT_REFUSED'), urls: 100 });
    expect(end.seconds).toBeLessThan(16);
    const [rest] = end.results.filter(({ attempts }) => attempts === 0);
    expect(rest).toMatchObject({ kind: 'failure', attempts: 0, error: { code: 'HOST_DOWN', retryable: true } });
    expect((rest as { error: FetchError }).error.message).toMatch(
      /^http:\/\/a\.test is down: \d+ requests failed in 1\d s \(last: CONNECT_REFUSED\)$/,
    );
  });

  test('leaves what was sent its own failure or answer: only the others are HOST_DOWN', async () => {
    const slowPages = ['http://a.test/slow/0', 'http://a.test/slow/1', 'http://a.test/slow/2'];
    const pages = await runScene({
      rule: () => ({}),
      urls: [...numbered('http://a.test', 10), ...slowPages],
      delayMs: (url) => (url.includes('/slow/') ? 20_000 : 20),
      timeoutMs: 2000,
    });
    expect([lost(pages), codes(pages, 'TIMEOUT')]).toEqual([3, 3]);
    const end = await runScene({ rule: () => fault('CONNECT_REFUSED'), urls: 100 });
    const sent = end.results.filter(({ attempts }) => attempts > 0).length;
    expect(sent).toBe(new Set(end.server.arrivals.map(({ url }) => url)).size);
    expect([codes(end, 'CONNECT_REFUSED'), codes(end, 'HOST_DOWN')]).toEqual([sent, 100 - sent]);
  });

  test('with a single URL is tried three times, as ever', async () => {
    const end = await runScene({ rule: () => fault('CONNECT_REFUSED'), urls: 1 });
    expect(end.results[0]).toMatchObject({ attempts: 3, error: { code: 'CONNECT_REFUSED' } });
    expect(end.seconds).toBeLessThan(1);
  });

  test('in one moment on all slots is not held', async () => {
    const rule = between(0, 1, () => fault('CONN_RESET'));
    const end = await runScene({ rule, urls: 300, perHost: { concurrency: 50 } });
    expect(lost(end)).toBe(0);
    expect(end.seconds).toBeLessThan(1);
  });

  test('for 90 s is asked once a minute, and the later URLs are fetched', async () => {
    const clock = new ManualClock();
    const rule = between(0, 90_000, () => fault('CONNECT_REFUSED'));
    const server = new ModelServer(clock, rule);
    await using fetcher = createFetcherOn(clock, { transport: server.transport });
    const first = await clock.runUntil(collect(fetcher.asCompleted(numbered('http://a.test', 50))));
    expect(first.every((result) => result.kind === 'failure')).toBe(true);
    await clock.pass(120_000 - clock.now());
    const second = await clock.runUntil(collect(fetcher.asCompleted(numbered('http://a.test', 50))));
    expect(second.every(({ ok }) => ok)).toBe(false);
    expect(second.filter(({ ok }) => ok).length).toBeGreaterThanOrEqual(1);
    const third = await clock.runUntil(collect(fetcher.asCompleted(numbered('http://a.test', 50))));
    expect(third.every(({ ok }) => ok)).toBe(true);
  });

  test('at the end of a redirect fails the redirect, and not the host that sent it', async () => {
    const rule: Rule = ({ url }) =>
      url.startsWith('http://a.test')
        ? { status: 302, headers: { location: 'http://dead.test/' } }
        : fault('CONN_RESET');
    const clock = new ManualClock();
    const server = new ModelServer(clock, (arrival) => (arrival.url.endsWith('fine') ? {} : rule(arrival)));
    await using fetcher = createFetcherOn(clock, { transport: server.transport });
    await clock.runUntil(collect(fetcher.asCompleted(numbered('http://dead.test', 50))));
    const redirected = await clock.runUntil(fetcher.fetch('http://a.test/'));
    expect(redirected).toMatchObject({ attempts: 1, finalUrl: 'http://a.test/', error: { code: 'HOST_DOWN' } });
    expect(await clock.runUntil(fetcher.fetch('http://a.test/fine'))).toMatchObject({ status: 200 });
  });

  test('is asked as before with a patience of Infinity, and given up at once with 0', async () => {
    const rule = between(0, 100_000, () => fault('CONNECT_REFUSED'));
    const endless = await runScene({ rule, urls: 30, hostPatienceMs: Infinity });
    expect(lost(endless)).toBeLessThanOrEqual(1);
    const impatient = await runScene({ rule, urls: 30, hostPatienceMs: 0 });
    expect(lost(impatient)).toBe(30);
    expect(impatient.seconds).toBeLessThan(1);
  });

  test('passes its failures through backpressure: unread results stay within `concurrency`', async () => {
    const clock = new ManualClock();
    const server = new ModelServer(clock, () => fault('CONN_RESET'));
    await using fetcher = createFetcherOn(clock, { transport: server.transport, concurrency: 7, hostPatienceMs: 0 });
    let [mostUnread, count] = [0, 0];
    const reading = (async () => {
      for await (const { kind } of fetcher.asCompleted(numbered('http://a.test', 20_000))) {
        mostUnread = Math.max(mostUnread, fetcher.load().unread);
        count += Number(kind === 'failure');
      }
    })();
    await clock.runUntil(reading);
    expect(count).toBe(20_000);
    expect(mostUnread).toBeLessThanOrEqual(7);
  });

  test('leaves no timer and no request behind when the fetcher is closed in the middle of a hold', async () => {
    const clock = new ManualClock();
    const server = new ModelServer(clock, () => fault('CONN_RESET'));
    const fetcher = createFetcherOn(clock, { transport: server.transport });
    const results = collect(fetcher.asCompleted(numbered('http://a.test', 50))).catch((error: unknown) => error);
    await clock.pass(2000);
    await fetcher.close();
    expect(await results).toMatchObject({ name: 'AbortError' });
    expect(clock.timers).toBe(0);
  });
});

/** A chance that is the same in every run: `random()` of a linear congruential generator. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296) / 4_294_967_296;
}

describe('A host that fails now and then', () => {
  beforeEach(() => void vi.spyOn(Math, 'random').mockImplementation(seeded(7)));
  afterEach(() => vi.mocked(Math.random).mockRestore());

  const failing = (share: number, bad: () => MockReply | FetchError): Rule => {
    const random = seeded(1);
    return () => (random() < share ? bad() : {});
  };

  test.each<[string, () => MockReply | FetchError]>([
    ['resets', () => fault('CONN_RESET')],
    ['500', () => ({ status: 500 })],
  ])('with %s for 30 %% of the tries loses few URLs, at the cost of few requests', async (_, bad) => {
    const end = await runScene({ rule: failing(0.3, bad), urls: 2000 });
    expect(lost(end)).toBeLessThanOrEqual(0.04 * 2000);
    expect(end.server.arrivals.length).toBeLessThanOrEqual(1.45 * 2000);
  });

  test('with resets for 40 % of the tries is neither down nor held for long', async () => {
    const end = await runScene({ rule: failing(0.4, () => fault('CONN_RESET')), urls: 2000, delayMs: () => 100 });
    expect(codes(end, 'HOST_DOWN')).toBe(0);
    expect(lost(end)).toBeLessThan(0.08 * 2000);
    const leastSeconds = (end.server.arrivals.length / 6) * 0.1;
    expect(end.seconds).toBeLessThan(1.1 * leastSeconds);
  });
});

describe('Many refusals at once', () => {
  test('are one pause and one measurement; nothing starts meanwhile, and then one request asks', async () => {
    let served = 0;
    const window = fixedWindow(100, 10_000);
    const rule: Rule = (arrival) => {
      const reply = window(arrival) as MockReply;
      served += Number(reply.status === undefined);
      const resetMs = 10_000 - (arrival.at % 10_000);
      return reply.status === undefined ? reply : { ...reply, headers: { 'retry-after': inSeconds(resetMs) } };
    };
    const end = await runScene({ rule, urls: 300, perHost: { concurrency: 50 } });
    expect(lost(end)).toBe(0);
    expect(served).toBe(300);
    const refused = end.server.arrivals.filter(({ status }) => status === 429);
    // The second window begins with the end of the pause, and with one request.
    expect(refused.filter(({ at }) => at < 10_000).length).toBeGreaterThanOrEqual(40);
    const [first, second] = end.server.arrivals.filter(({ at }) => at > refused[0]!.at + 20);
    expect(first!.at).toBeGreaterThanOrEqual(10_000);
    expect(first!.at).toBeLessThan(11_100);
    expect(second!.at).toBeGreaterThanOrEqual(first!.at + 20);
  });
});

describe('A shortage of our own', () => {
  test('holds no host and spends no retry, however long the storm is', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockReturnValue();
    const rule = between(0, 8000, () => fault('LOCAL_FDS'));
    const clock = new ManualClock();
    const server = new ModelServer(clock, rule);
    await using fetcher = createFetcherOn(clock, { transport: server.transport, retry: { retries: 1 } });
    const reading = collect(fetcher.asCompleted(numbered('http://a.test', 300)));
    await clock.pass(2000);
    expect(server.count(0)).toBeGreaterThan(10);
    expect([fetcher.load().held, fetcher.load().networkAskAt]).toEqual([[], undefined]);
    const results = await clock.runUntil(reading);
    expect(results.every(({ ok, attempts }) => ok && attempts === 1)).toBe(true);
    expect(fetcher.load().waitedFor).toEqual([]);
    warn.mockRestore();
  });
});

describe('A process that was stopped for a minute', () => {
  test('goes on without a burst, and takes no host for dead because of its own timeouts', async () => {
    const clock = new ManualClock();
    const startedAt = clock.now();
    // What is in flight in the middle is answered only after its time is up.
    const server = new ModelServer(
      clock,
      () => ({}),
      () => (clock.now() - startedAt === 1000 ? 50_000 : 20),
    );
    await using fetcher = createFetcherOn(clock, { transport: server.transport, rate: 20, perHost: { rate: 10 } });
    const urls = Array.from({ length: 200 }, (_, at) => `http://h${at % 4}.test/${at}`);
    const reading = collect(fetcher.asCompleted(urls));
    await clock.pass(1000);
    const inFlight = server.inFlight;
    expect(inFlight).toBeGreaterThan(0);
    clock.jump(60_000);
    const results = await clock.runUntil(reading);
    expect(results.every(({ ok }) => ok)).toBe(true);
    const timedOut = results.filter(({ attempts }) => attempts > 1);
    expect(timedOut).toHaveLength(inFlight);
    expect([fetcher.load().held, fetcher.load().waitedFor]).toEqual([[], []]);
    const starts = server.arrivals.map(({ at }) => at);
    expect(Math.min(...starts.slice(1).map((at, index) => at - starts[index]!))).toBeGreaterThanOrEqual(50 - 1e-6);
  });

  test('does not hold a host whose slots all timed out at once', async () => {
    const clock = new ManualClock();
    const startedAt = clock.now();
    const server = new ModelServer(
      clock,
      () => ({}),
      () => (clock.now() - startedAt < 1000 ? 50_000 : 20),
    );
    await using fetcher = createFetcherOn(clock, { transport: server.transport, perHost: { concurrency: 50 } });
    const reading = collect(fetcher.asCompleted(numbered('http://a.test', 300)));
    await clock.pass(10);
    expect(server.inFlight).toBe(50);
    clock.jump(60_000);
    expect(fetcher.load().held).toEqual([]);
    const results = await clock.runUntil(reading);
    expect(results.every(({ ok }) => ok)).toBe(true);
    expect(clock.now() - startedAt).toBeLessThan(62_000);
  });
});

describe('The end of a run', () => {
  const held = (): Rule => () => fault('CONN_RESET');
  const paced = (): Rule => fixedWindow(10, 3_600_000);
  const quota = (): Rule => () => ({ headers: { ratelimit: '"a";r=0;t=50' } });

  describe.each<[string, () => Rule, number]>([
    ['in a hold', held, 2200],
    ['while a held host is asked', held, 3200],
    ['in the wait for a refused host', paced, 3000],
    ['in the wait for a quota', quota, 3000],
  ])('%s', (_, makeRule, afterMs) => {
    test.each(['signal', 'stop', 'close'] as const)('by %s leaves no request and no timer behind', async (how) => {
      const clock = new ManualClock();
      const server = new ModelServer(clock, makeRule(), () => 150);
      const fetcher = createFetcherOn(clock, { transport: server.transport });
      const controller = new AbortController();
      const results: FetchResult[] = [];
      const signals = how === 'close' ? {} : { [how]: controller.signal };
      const reading = (async () => {
        for await (const result of fetcher.asCompleted(numbered('http://a.test', 100), signals)) results.push(result);
      })().catch(() => undefined);
      await clock.pass(afterMs);
      const sent = server.arrivals.length;
      expect(sent).toBeGreaterThan(0);
      if (how === 'close') await fetcher.close();
      else controller.abort();
      if (how === 'stop') {
        // What has started is seen through; nothing else is.
        await clock.runUntil(reading);
        const started = new Set(server.arrivals.slice(0, sent).map(({ url }) => url));
        expect(server.arrivals.filter(({ url }) => !started.has(url))).toEqual([]);
      } else {
        await reading;
        expect(server.arrivals).toHaveLength(sent);
        expect(results).toHaveLength(100);
      }
      expect([server.inFlight, clock.timers]).toEqual([0, 0]);
      await fetcher.close();
    });
  });
});

describe('Our own network', () => {
  const hosts = Array.from({ length: 500 }, (_, host) => `http://h${host}.test`);
  // All hosts take turns, as in a shuffled list.
  const urls = Array.from({ length: 12 }, (_, page) => hosts.map((host) => `${host}/${page}`)).flat();

  test('may be gone for 20 s: all hosts are held, one request asks, and nothing is lost', async () => {
    const rule = between(5000, 25_000, () => fault('CONNECT_UNREACHABLE'));
    const end = await runScene({ rule, urls, delayMs: () => 100 });
    expect(lost(end)).toBe(0);
    const meanwhile = end.server.arrivals.filter(({ status }) => status === 0);
    expect(meanwhile.length).toBeLessThan(50 * 2 + 10);
    expect(end.seconds).toBeLessThan(12 + 20 + 15);
  });

  test('is there again with the first answer: a host that was held before is not held until its next request was to ask', async () => {
    const fails = ({ url, at }: { readonly url: string; readonly at: number }): boolean =>
      at < 11_000 && at >= (url.startsWith('http://a.test') ? 1000 : 9000);
    const slow = 'http://e.test/slow';
    const end = await runScene({
      rule: (arrival) => (fails(arrival) && arrival.url !== slow ? fault('CONNECT_UNREACHABLE') : {}),
      urls: [
        slow,
        ...numbered('http://a.test', 400),
        ...['b', 'c', 'd'].flatMap((name) => numbered(`http://${name}.test`, 800)),
      ],
      delayMs: (url) => (url === slow ? 12_000 : 100),
    });
    expect(lost(end)).toBe(0);
    const next = end.server.arrivals.find(({ url, at }) => url.startsWith('http://a.test') && at >= 11_000)!;
    expect(next.at).toBeGreaterThanOrEqual(12_000);
    expect(next.at).toBeLessThan(12_200);
  });

  test('is not blamed for a list of dead hosts', async () => {
    const dead = Array.from({ length: 1000 }, (_, host) => `http://dead${host}.test/`);
    const end = await runScene({ rule: () => fault('DNS_NOT_FOUND'), urls: dead, delayMs: () => 10 });
    expect(codes(end, 'DNS_NOT_FOUND')).toBe(1000);
    expect(end.seconds).toBeLessThan(1);
  });
});

describe('A proxy', () => {
  const hosts = Array.from({ length: 300 }, (_, host) => numbered(`http://h${host}.test`, 10)).flat();

  test.each([
    ['300 hosts', hosts, 3000 / 50 / 10],
    ['one host', numbered('http://a.test', 3000), 3000 / 6 / 10],
  ])('of %s may be gone for 20 s: one request asks, and nothing is lost', async (_, urls, leastSeconds) => {
    const rule = between(500, 20_500, () => fault('PROXY_CONNECT'));
    const end = await runScene({ rule, urls, delayMs: () => 100 });
    expect(lost(end)).toBe(0);
    expect(end.server.arrivals.filter(({ status }) => status === 0).length).toBeLessThan(50 * 2 + 10);
    expect(end.seconds).toBeLessThan(leastSeconds + 20 + 15);
  });

  test('that was never there fails what it was asked for as ever: its address may be wrong', async () => {
    const end = await runScene({ rule: () => fault('PROXY_CONNECT'), urls: hosts.filter((url) => url.endsWith('/0')) });
    expect(codes(end, 'PROXY_CONNECT')).toBe(300);
    expect(end.seconds).toBeLessThan(1);
  });

  test('that stays away gives its host up in the end, and the message names the proxy', async () => {
    const end = await runScene({ rule: () => fault('PROXY_CONNECT'), urls: 5000 });
    expect(codes(end, 'HOST_DOWN') + codes(end, 'PROXY_CONNECT')).toBe(5000);
    expect(codes(end, 'HOST_DOWN')).toBeGreaterThan(4900);
    expect(end.seconds).toBeLessThan(40);
    expect(end.server.arrivals.length).toBeLessThan(100);
    const { error } = end.results.find(({ attempts }) => attempts === 0) as { error: FetchError };
    expect(error.message).toMatch(/^The proxy of http:\/\/a\.test is down: .*\(last: PROXY_CONNECT\)$/);
  });

  test('of some hosts may be gone while the others are fetched: those are held by themselves', async () => {
    const direct = numbered('http://direct.test', 2000);
    const end = await runScene({
      rule: (arrival) => (arrival.url.startsWith('http://direct') ? {} : fault('PROXY_CONNECT')),
      urls: [...numbered('http://a.test', 2000), ...numbered('http://b.test', 2000), ...direct],
      delayMs: (url) => (url.startsWith('http://direct') ? 20 : 1),
    });
    expect(end.results.filter(({ url, ok }) => ok !== url.startsWith('http://direct'))).toEqual([]);
    const last = end.server.arrivals.findLast(({ url }) => url.startsWith('http://direct'))!;
    expect(last.at).toBeLessThanOrEqual(1.1 * (2000 / 6) * 20);
    expect(end.server.arrivals.length).toBeLessThan(2000 + 100);
  });

  test('that cannot reach a host speaks for the host; one that does not want to does not', async () => {
    const refused = (retryable: boolean): FetchError => new FetchError('PROXY_REFUSED', 'refused', { retryable });
    const unreached = await runScene({ rule: () => refused(true), urls: 2000, delayMs: () => 5000 });
    expect(codes(unreached, 'HOST_DOWN')).toBeGreaterThan(1900);
    expect(unreached.server.arrivals.length).toBeLessThan(30);
    const forbidden = await runScene({ rule: () => refused(false), urls: 2000 });
    expect(codes(forbidden, 'PROXY_REFUSED')).toBe(2000);
    expect(forbidden.server.arrivals).toHaveLength(2000);
  });
});

describe('The longest host comes first', () => {
  const small = Array.from({ length: 300 }, (_, host) => numbered(`http://h${host}.test`, 20)).flat();
  const big = numbered('http://big.test', 3000);

  test.each([
    ['first', [...big, ...small]],
    ['last', [...small, ...big]],
  ])('if it stands %s in the list: the run takes little longer than it must', async (_, urls) => {
    const end = await runScene({ rule: () => ({}), urls, delayMs: () => 100, concurrency: 50 });
    const leastSeconds = Math.max(urls.length / 50, 3000 / 6) * 0.1;
    expect(end.seconds).toBeLessThanOrEqual(1.1 * leastSeconds);
  });

  test('and equal hosts are done at about the same time', async () => {
    const hosts = Array.from({ length: 20 }, (_, host) => numbered(`http://h${host}.test`, 200));
    const { server } = await runScene({ rule: () => ({}), urls: hosts.flat(), delayMs: () => 100, concurrency: 50 });
    const ends = hosts.map(([first]) => {
      const origin = new URL(first!).origin;
      return server.arrivals.findLast(({ url }) => url.startsWith(`${origin}/`))!.at;
    });
    expect(Math.min(...ends)).toBeGreaterThan(0.9 * Math.max(...ends));
  });
});

describe('Retries', () => {
  test('of a host whose pages are broken for good soon end', async () => {
    const rule: Rule = ({ url }) => ({ status: /[02468]$/.test(url) ? 500 : 200 });
    const end = await runScene({ rule, urls: 4000 });
    expect(lost(end)).toBe(2000);
    expect(end.server.arrivals.length).toBeLessThan(1.15 * 4000);
  });

  test('go on where they help', async () => {
    const tries = new Map<string, number>();
    const rule: Rule = ({ url }) => {
      const tried = (tries.get(url) ?? 0) + 1;
      tries.set(url, tried);
      return { status: tried === 1 ? 500 : 200 };
    };
    const end = await runScene({ rule, urls: 2000, delayMs: () => 1 });
    expect(lost(end)).toBe(0);
  });

  test('are free with `budget: false`', async () => {
    const end = await runScene({ rule: () => ({ status: 500 }), urls: 100, retry: { budget: false } });
    expect(end.server.arrivals).toHaveLength(300);
  });

  test('of pages that always say 503 are as many as ever, and nothing is held', async () => {
    const rule: Rule = ({ url }) => ({ status: url.endsWith('7') ? 503 : 200 });
    const end = await runScene({ rule, urls: 100 });
    expect(end.results.filter(({ ok }) => !ok).every(({ attempts }) => attempts === 3)).toBe(true);
    expect(end.seconds).toBeLessThan(2);
  });
});

test('Whatever servers do: one result for each URL, never more in flight or faster than asked, and nothing is left behind', async () => {
  // What a server does for a while.
  const phase = fc.record({
    ms: fc.integer({ min: 50, max: 20_000 }),
    reply: fc.constantFrom<MockReply | FetchError>(
      {},
      { status: 429 },
      { status: 429, headers: { 'retry-after': '2' } },
      { status: 503 },
      { status: 500 },
      { headers: { ratelimit: '"a";r=0;t=5' } },
      { headers: { 'x-ratelimit-remaining': '3', 'x-ratelimit-reset': '99999' } },
      fault('CONN_RESET'),
      fault('CONNECT_REFUSED'),
    ),
  });
  const server = fc.array(phase, { minLength: 1, maxLength: 4 });
  const limits = fc.record({ concurrency: fc.integer({ min: 1, max: 8 }), rate: fc.constantFrom(5, 50, 1000) });
  const asking = fc.boolean();
  await fc.assert(
    fc.asyncProperty(
      fc.array(server, { minLength: 1, maxLength: 3 }),
      limits,
      asking,
      async (servers, perHost, robots) => {
        const urls = servers.map((_, host) => numbered(`http://h${host}.test`, 40)).flat();
        const cycles = servers.map((phases) => phases.reduce((sum, { ms }) => sum + ms, 0));
        const rule: Rule = ({ url, at }) => {
          const host = Number(/h(\d)/.exec(url)![1]);
          let left = at % cycles[host]!;
          const current = servers[host]!.find(({ ms }) => (left -= ms) < 0);
          return current?.reply ?? {};
        };
        const end = await runScene({ rule, urls, perHost, robots });
        expect(end.timers).toBe(0);
        expect(end.server.maxInFlight).toBeLessThanOrEqual(perHost.concurrency * servers.length);
        for (const [host] of servers.entries()) {
          const starts = end.server.arrivals
            .filter(({ url }) => url.startsWith(`http://h${host}.`))
            .map(({ at }) => at);
          const gaps = starts.slice(1).map((at, index) => at - starts[index]!);
          expect(Math.min(Infinity, ...gaps)).toBeGreaterThanOrEqual(1000 / perHost.rate - 2);
        }
      },
    ),
    { numRuns: 40 },
  );
}, 60_000);
