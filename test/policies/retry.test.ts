import { afterEach, describe, expect, test, vi } from 'vitest';
import { createFetcherOn } from '../../src/fetcher/fetcher.ts';
import { createFetcher, FetchError, mockTransport, type FetchErrorCode, type MockReply } from '../../src/index.ts';
import { ManualClock } from '../helpers/manual-clock.ts';
import { rawServer, send, sendThenClose, sendThenReset } from '../helpers/servers/raw-server.ts';
import { respond, serve } from '../helpers/servers/serve.ts';

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** A mock that always gives the same reply, and counts the requests. */
function always(reply: MockReply | FetchError): { transport: ReturnType<typeof mockTransport>; count: () => number } {
  let count = 0;
  const transport = mockTransport(() => {
    count += 1;
    return reply;
  });
  return { transport, count: () => count };
}

/** A mock that gives one reply after the other, and counts the requests. */
function inTurn(replies: readonly (MockReply | FetchError)[]): ReturnType<typeof always> {
  let count = 0;
  return { transport: mockTransport(() => replies[count++]!), count: () => count };
}

const busy: MockReply = { status: 503, headers: { 'retry-after': '9' } };

describe('statuses', () => {
  test.each([408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524])('%i is retried', async (status) => {
    await using server = await serve([respond(status), respond(200, {}, 'at last')]);
    await using fetcher = createFetcher();
    const result = await fetcher.fetch(server.url);
    expect(result).toMatchObject({ status: 200, attempts: 2, length: 7 });
  });

  test.each([200, 204, 304, 400, 401, 403, 404, 405, 410, 418, 421, 451, 501, 505, 511, 519, 525, 530, 599])(
    '%i is not retried',
    async (status) => {
      await using server = await serve(respond(status));
      await using fetcher = createFetcher();
      expect(await fetcher.fetch(server.url)).toMatchObject({ kind: 'response', status, attempts: 1 });
      expect(server.requests).toHaveLength(1);
    },
  );
});

describe('methods', () => {
  test.each(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE', 'QUERY'])('%s is retried', async (method) => {
    const { transport, count } = always({ status: 500 });
    await using fetcher = createFetcher({ transport, retry: { retries: 1 } });
    expect(await fetcher.fetch({ url: 'http://a.test/', method })).toMatchObject({ status: 500, attempts: 2, method });
    expect(count()).toBe(2);
  });

  const others = ['POST', 'PATCH', 'LOCK', 'FOO'];

  test.each(others)('%s is not retried when it may have been processed', async (method) => {
    for (const reply of [{ status: 503 }, { status: 500 }, new FetchError('CONN_RESET', 'reset')]) {
      const { transport, count } = always(reply);
      await using fetcher = createFetcher({ transport });
      expect(await fetcher.fetch({ url: 'http://a.test/', method })).toMatchObject({ attempts: 1, method });
      expect(count()).toBe(1);
    }
  });

  test.each(others)('%s is retried when its server has refused to process it', async (method) => {
    for (const refusal of [{ status: 429 }, { status: 429, headers: { 'retry-after': '9' } }, busy]) {
      const { transport } = inTurn([refusal, { status: 200 }]);
      const clock = new ManualClock();
      await using fetcher = createFetcherOn(clock, { transport });
      const result = await clock.runUntil(fetcher.fetch({ url: 'http://a.test/', method, body: 'x' }));
      expect(result).toMatchObject({ status: 200, attempts: 2, method });
    }
  });

  test('a POST that is refused first, and then fails, is not sent again', async () => {
    const { transport, count } = inTurn([busy, { status: 500 }, { status: 200 }]);
    const clock = new ManualClock();
    await using fetcher = createFetcherOn(clock, { transport });
    const result = await clock.runUntil(fetcher.fetch({ url: 'http://a.test/', method: 'POST' }));
    expect(result).toMatchObject({ status: 500, attempts: 2 });
    expect(count()).toBe(2);
  });

  test('a POST is processed if its redirect leads to a refusal: it is not sent again', async () => {
    const { transport, count } = inTurn([{ status: 303, headers: { location: '/done' } }, busy, { status: 200 }]);
    await using fetcher = createFetcher({ transport });
    const result = await fetcher.fetch({ url: 'http://a.test/', method: 'POST' });
    expect(result).toMatchObject({ status: 503, attempts: 1, redirects: 1 });
    expect(count()).toBe(2);
  });

  test('an Idempotency-Key makes a POST retryable', async () => {
    for (const reply of [{ status: 500 }, new FetchError('CONN_RESET', 'reset')]) {
      const { transport } = inTurn([reply, { status: 200 }]);
      await using fetcher = createFetcher({ transport, retry: { delayMs: 0 } });
      const post = { url: 'http://a.test/', method: 'POST', body: 'x' };
      const headers = { 'Idempotency-Key': '"8e03978e"' };
      expect(await fetcher.fetch({ ...post, headers })).toMatchObject({ status: 200, attempts: 2 });
    }
    const { transport, count } = always({ status: 500 });
    await using fetcher = createFetcher({ transport });
    await fetcher.fetch({ url: 'http://a.test/', method: 'POST', headers: { 'Idempotency-Key': '' } });
    expect(count()).toBe(1);
  });

  test('retry.methods replaces the idempotent ones', async () => {
    const { transport } = always({ status: 500 });
    await using fetcher = createFetcher({ transport, retry: { methods: ['post'], delayMs: 0 } });
    expect(await fetcher.fetch({ url: 'http://a.test/', method: 'POST' })).toMatchObject({ attempts: 3 });
    expect(await fetcher.fetch('http://a.test/')).toMatchObject({ attempts: 1 });
  });

  test('a body is sent again unchanged', async () => {
    await using server = await serve([respond(503), respond(200)]);
    await using fetcher = createFetcher();
    await fetcher.fetch({ url: server.url, method: 'PUT', body: 'same again', headers: { 'x-mine': '1' } });
    expect(server.requests.map(({ method, body, headers }) => [method, body.toString(), headers['x-mine']])).toEqual([
      ['PUT', 'same again', '1'],
      ['PUT', 'same again', '1'],
    ]);
  });
});

describe('retry.statuses', () => {
  test('replaces the list, and may be a function', async () => {
    for (const statuses of ['418', (status: number) => status === 418]) {
      for (const [status, attempts] of [
        [418, 3],
        [500, 1],
        [429, 1],
      ]) {
        const { transport } = always({ status: status! });
        await using fetcher = createFetcher({ transport, retry: { statuses, delayMs: 0 } });
        expect(await fetcher.fetch('http://a.test/')).toMatchObject({ status, attempts });
      }
    }
  });
});

describe('retry.delayMs and retry.maxDelayMs', () => {
  test('bound the waits', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.5);
    const clock = new ManualClock();
    const starts: number[] = [];
    const transport = mockTransport(() => {
      starts.push(clock.now());
      return { status: 500 };
    });
    await using fetcher = createFetcherOn(clock, { transport, retry: { retries: 4, delayMs: 1000, maxDelayMs: 3000 } });
    await clock.runUntil(fetcher.fetch('http://a.test/'));
    expect(starts.slice(1).map((at, index) => at - starts[index]!)).toEqual([500, 1000, 1500, 1500]);
  });
});

describe('failures', () => {
  const retryable: FetchErrorCode[] = [
    'CONNECT_REFUSED',
    'CONN_RESET',
    'NO_RESPONSE',
    'BODY_TRUNCATED',
    'TIMEOUT',
    'DNS_TEMPORARY',
  ];
  test.each(retryable)('%s is retried', async (code) => {
    const { transport, count } = always(new FetchError(code, code));
    await using fetcher = createFetcher({ transport, retry: { retries: 1 } });
    expect(await fetcher.fetch('http://a.test/')).toMatchObject({ attempts: 2, error: { code, retryable: true } });
    expect(count()).toBe(2);
  });

  const final: FetchErrorCode[] = [
    'DNS_NOT_FOUND',
    'TLS_EXPIRED',
    'HTTP_PROTOCOL',
    'BODY_TOO_LARGE',
    'DECODE_FAILED',
    'REDIRECT_LOOP',
    'INTERNAL',
  ];
  test.each(final)('%s is not retried', async (code) => {
    const { transport, count } = always(new FetchError(code, code));
    await using fetcher = createFetcher({ transport });
    expect(await fetcher.fetch('http://a.test/')).toMatchObject({ attempts: 1, error: { code, retryable: false } });
    expect(count()).toBe(1);
  });

  test('on the wire are retried on a new connection', async () => {
    await using server = await rawServer((socket, request) => {
      const answers = [
        sendThenReset(),
        sendThenClose('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf'),
        send('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwhole'),
      ];
      answers[request.connection - 1]!(socket, request);
    });
    await using fetcher = createFetcher();
    expect(await fetcher.fetch(server.url)).toMatchObject({ status: 200, length: 5, attempts: 3, complete: 'framed' });
  });
});

describe('retries', () => {
  test('is 2 by default, and the last response is the result', async () => {
    await using server = await serve(respond(500, {}, 'sorry'));
    await using fetcher = createFetcher();
    const result = await fetcher.fetch(server.url);
    expect(result).toMatchObject({ kind: 'response', ok: false, status: 500, attempts: 3, length: 5 });
    expect(server.requests).toHaveLength(3);
  });

  test('0 sends nothing again, not even after an ordered wait', async () => {
    const replies = [
      { status: 429, headers: { 'retry-after': '1' } },
      { status: 500 },
      new FetchError('CONN_RESET', 'reset'),
    ];
    for (const reply of replies) {
      const { transport, count } = always(reply);
      await using fetcher = createFetcher({ transport, retry: { retries: 0 } });
      expect(await fetcher.fetch('http://a.test/')).toMatchObject({ attempts: 1 });
      expect(count()).toBe(1);
    }
  });

  test('waits a random time below 200 ms, then below 400 ms', async () => {
    vi.useFakeTimers();
    const random = vi.spyOn(Math, 'random');
    const waits: number[][] = [];
    for (const drawn of [0.25, 0.99]) {
      random.mockReturnValue(drawn);
      const starts: number[] = [];
      const transport = mockTransport(() => {
        starts.push(performance.now());
        return { status: 500 };
      });
      await using fetcher = createFetcher({ transport });
      const fetched = fetcher.fetch('http://a.test/');
      await vi.advanceTimersByTimeAsync(700);
      await fetched;
      waits.push([Math.round(starts[1]! - starts[0]!), Math.round(starts[2]! - starts[1]!)]);
    }
    expect(waits).toEqual([
      [50, 100],
      [198, 396],
    ]);
  });

  test('starts again at the first URL after a redirect', async () => {
    await using server = await serve({
      '/from': respond(302, { location: '/to' }),
      '/to': [respond(503), respond(200)],
    });
    await using fetcher = createFetcher();
    expect(await fetcher.fetch(`${server.url}/from`)).toMatchObject({ status: 200, attempts: 2, redirects: 1 });
    expect(server.paths).toEqual(['/from', '/to', '/from', '/to']);
  });
});
