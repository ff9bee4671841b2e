import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createFetcherOn } from '../../src/fetcher/fetcher.ts';
import { createFetcher, mockTransport, type MockReply } from '../../src/index.ts';
import { collect } from '../helpers/collect.ts';
import { ManualClock } from '../helpers/manual-clock.ts';
import { respond, serve } from '../helpers/servers/serve.ts';

/** Milliseconds by which the server may see a start too early. */
const grainMs = 4;

/**
 * A mock that replies in turn for `limited.test`, the last reply for ever; it records the URL and the time of each
 * request.
 */
function scripted(
  replies: readonly MockReply[],
  now: () => number = () => performance.now(),
): {
  transport: ReturnType<typeof mockTransport>;
  starts: { readonly url: string; readonly at: number }[];
} {
  const starts: { url: string; at: number }[] = [];
  const transport = mockTransport(({ url }) => {
    const isPolite = !url.startsWith('http://limited.test');
    const turn = starts.filter((start) => start.url.startsWith('http://limited.test')).length;
    starts.push({ url, at: now() });
    return isPolite ? {} : replies[Math.min(turn, replies.length - 1)]!;
  });
  return { transport, starts };
}

describe('Retry-After', () => {
  test.each([429, 503])('of a %i holds back its whole host and no other', async (status) => {
    await using server = await serve({
      '/first': [respond(status, { 'retry-after': '1' }), respond(200)],
      '*': respond(200),
    });
    await using fetcher = createFetcher({ perHost: { concurrency: 1 } });
    const urls = ['/first', '/second', '/third'].map((path) => server.at('a') + path);
    const others = Array.from({ length: 10 }, (_, at) => `${server.at('b')}/${at}`);
    const order = (await collect(fetcher.asCompleted([...urls, ...others]))).map(({ url }) => url);
    expect(order.slice(0, 10)).toEqual(others);
    const toA = server.requests.filter(({ headers }) => headers.host?.startsWith('a.'));
    expect(toA.map(({ path }) => path).sort()).toEqual(['/first', '/first', '/second', '/third']);
    expect(toA[1]!.at - toA[0]!.at).toBeGreaterThanOrEqual(1000 - grainMs);
  });

  test('as a date is compared with the Date of the response', async () => {
    const now = Date.now() - 86_400_000;
    await using server = await serve([
      (response) => {
        response.sendDate = false;
        response.writeHead(503, {
          date: new Date(now).toUTCString(),
          'retry-after': new Date(now + 1000).toUTCString(),
        });
        response.end();
      },
      respond(200),
    ]);
    await using fetcher = createFetcher();
    expect(await fetcher.fetch(server.url)).toMatchObject({ status: 200, attempts: 2 });
    expect(server.gaps()[0]).toBeGreaterThanOrEqual(1000 - grainMs);
  });

  test('of more than 60 s is not waited for: the response is the result', async () => {
    for (const retryAfter of ['61', '99999999999', '9'.repeat(400), new Date(Date.now() + 120_000).toUTCString()]) {
      const { transport, starts } = scripted([{ status: 429, headers: { 'retry-after': retryAfter }, body: 'later' }]);
      await using fetcher = createFetcher({ transport });
      const result = await fetcher.fetch('http://limited.test/');
      expect(result).toMatchObject({ kind: 'response', ok: false, status: 429, attempts: 1, length: 5 });
      expect(starts).toHaveLength(1);
    }
  });

  test.each(['0', '0.0', '-1', '+1', 'soon', '', '1, 2', 'Wed, 21 Oct 2015 07:28:00 GMT'])(
    'of %o is ignored: an ordinary backoff, which costs a retry',
    async (retryAfter) => {
      const clock = new ManualClock();
      const reply = { status: 503, headers: { 'retry-after': retryAfter } };
      const { transport, starts } = scripted([reply], () => clock.now());
      await using fetcher = createFetcherOn(clock, { transport, retry: { retries: 1 } });
      const fetched = fetcher.fetch('http://limited.test/');
      await clock.pass(200);
      expect(await fetched).toMatchObject({ status: 503, attempts: 2 });
      expect(starts[1]!.at - starts[0]!.at).toBeLessThanOrEqual(200);
    },
  );

  test.each([500, 408, 404, 200])('of a %i is ignored', async (status) => {
    const clock = new ManualClock();
    const { transport, starts } = scripted([{ status, headers: { 'retry-after': '30' } }, {}], () => clock.now());
    await using fetcher = createFetcherOn(clock, { transport });
    const gathered = fetcher.gather(['http://limited.test/1', 'http://limited.test/2']);
    // Enough for an ordinary backoff.
    await clock.pass(200);
    await gathered;
    expect(starts.length).toBeLessThanOrEqual(3);
  });

  test('pauses the host of a POST, which is sent again after it', async () => {
    const clock = new ManualClock();
    const { transport, starts } = scripted([{ status: 429, headers: { 'retry-after': '1' } }, {}, {}], () =>
      clock.now(),
    );
    await using fetcher = createFetcherOn(clock, { transport, perHost: { concurrency: 1 } });
    const url = 'http://limited.test/';
    const gathered = fetcher.gather([{ url, method: 'POST' }, { url }]);
    await clock.pass(1000);
    const results = await gathered;
    expect(results.map((result) => [result.attempts, 'status' in result && result.status])).toEqual([
      [2, 200],
      [1, 200],
    ]);
    expect(starts[1]!.at - starts[0]!.at).toBe(1000);
  });

  test('pauses the host that sent it, at the end of a redirect', async () => {
    const clock = new ManualClock();
    const starts: { url: string; at: number }[] = [];
    const transport = mockTransport(({ url }) => {
      starts.push({ url, at: clock.now() });
      if (url === 'http://from.test/') return { status: 302, headers: { location: 'http://to.test/' } };
      return starts.filter((start) => start.url === 'http://to.test/').length === 1
        ? { status: 429, headers: { 'retry-after': '1' } }
        : {};
    });
    await using fetcher = createFetcherOn(clock, { transport, retry: { retries: 0 } });
    expect(await fetcher.fetch('http://from.test/')).toMatchObject({ status: 429, redirects: 1 });
    const gathered = fetcher.gather(['http://to.test/next', 'http://from.test/next']);
    await clock.pass(1000);
    await gathered;
    const at = (url: string): number => starts.find((start) => start.url === url)!.at;
    expect(at('http://to.test/next') - at('http://to.test/')).toBe(1000);
    expect(at('http://from.test/next')).toBeLessThan(at('http://to.test/next'));
  });
});

describe('an ordered wait', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const order: MockReply = { status: 429, headers: { 'retry-after': '3' } };

  test('costs no retry and counts for elapsedMs', async () => {
    const { transport } = scripted([order, { status: 500 }, {}]);
    await using fetcher = createFetcher({ transport, retry: { retries: 1 } });
    const fetched = fetcher.fetch('http://limited.test/');
    await vi.advanceTimersByTimeAsync(4000);
    const result = await fetched;
    expect(result).toMatchObject({ status: 200, attempts: 3 });
    expect(result.elapsedMs).toBeGreaterThanOrEqual(3000);
  });

  test('costs no retry ten times, but no more', async () => {
    const { transport, starts } = scripted([order]);
    await using fetcher = createFetcher({ transport, retry: { retries: 2 } });
    const fetched = fetcher.fetch('http://limited.test/');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await fetched).toMatchObject({ kind: 'response', status: 429, attempts: 1 + 10 + 2 });
    for (const [at, start] of starts.slice(1).entries()) expect(start.at - starts[at]!.at).toBeGreaterThanOrEqual(3000);
  });

  test('of 60 s is waited for to the millisecond', async () => {
    const { transport, starts } = scripted([{ status: 503, headers: { 'retry-after': '60' } }, {}]);
    await using fetcher = createFetcher({ transport });
    const fetched = fetcher.fetch('http://limited.test/');
    await vi.advanceTimersByTimeAsync(59_999);
    expect(starts).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(3);
    expect(await fetched).toMatchObject({ status: 200, attempts: 2 });
  });

  test('happens once for a burst of refusals', async () => {
    const { transport, starts } = scripted([order, order, order, order, {}]);
    await using fetcher = createFetcher({ transport, perHost: { concurrency: 4 } });
    const gathered = fetcher.gather(Array.from({ length: 8 }, (_, at) => `http://limited.test/${at}`));
    await vi.advanceTimersByTimeAsync(3100);
    expect((await gathered).every(({ ok }) => ok)).toBe(true);
    expect(starts).toHaveLength(12);
    expect(starts[4]!.at - starts[0]!.at).toBeGreaterThanOrEqual(3000);
  });
});
