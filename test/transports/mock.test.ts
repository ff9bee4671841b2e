import { describe, expect, test } from 'vitest';
import { FetchError } from '../../src/http/error.ts';
import { createFetcher } from '../../src/index.ts';
import { mockTransport, type MockHandler, type MockReply, type MockRequest } from '../../src/transports/mock.ts';
import { responseOf } from '../helpers/kinds.ts';

const once = { retry: { retries: 0 } };

describe('mockTransport()', () => {
  test('passes the handler the request as it would be sent', async () => {
    const seen: MockRequest[] = [];
    const transport = mockTransport((request) => {
      seen.push(request);
      return {};
    });
    await using fetcher = createFetcher({ transport, headers: { 'X-Mine': '1' } });
    await fetcher.fetch({
      url: 'HTTP://User:pw@A.test:80/p?q#f',
      method: 'put',
      body: 'hi',
      headers: { Accept: 'text/x' },
    });
    expect(seen).toHaveLength(1);
    const [{ url, method, headers, body }] = seen as [MockRequest];
    expect([url, method, body?.toString()]).toEqual(['http://a.test/p?q', 'PUT', 'hi']);
    expect(headers).toMatchObject({
      'x-mine': '1',
      accept: 'text/x',
      'user-agent': expect.stringMatching(/^fetchmany\/\d/),
    });
    expect(headers.authorization).toBe(`Basic ${Buffer.from('User:pw').toString('base64')}`);
  });

  test('answers 200 with no body unless told otherwise', async () => {
    await using fetcher = createFetcher({ transport: mockTransport(() => ({})) });
    expect(await fetcher.fetch('http://a.test/x')).toMatchObject({
      kind: 'response',
      status: 200,
      length: 0,
      wireLength: 0,
      complete: 'framed',
      finalUrl: 'http://a.test/x',
      redirects: 0,
      attempts: 1,
    });
  });

  test('returns the body and the headers in their record form', async () => {
    const headers = { 'Content-Type': 'text/plain', 'X-Twice': ['a', 'b'], 'Set-Cookie': 'one=1' };
    await using fetcher = createFetcher({ transport: mockTransport(() => ({ status: 418, headers, body: 'täxt' })) });
    const result = responseOf(await fetcher.fetch('http://a.test/'));
    expect([result.status, result.ok, result.text(), result.length]).toEqual([418, false, 'täxt', 5]);
    expect({ ...result.headers }).toEqual({ 'content-type': 'text/plain', 'x-twice': 'a, b', 'set-cookie': ['one=1'] });
  });

  test.each([['location'], ['Location'], ['LOCATION']])(
    'has its redirects followed, by whatever case of %s',
    async (name) => {
      const transport = mockTransport(({ url }) =>
        url.endsWith('/from') ? { status: 302, headers: { [name]: '/to' } } : { body: url },
      );
      await using fetcher = createFetcher({ transport });
      const result = await fetcher.fetch('http://a.test/from');
      expect(result).toMatchObject({ status: 200, redirects: 1, finalUrl: 'http://a.test/to' });
    },
  );

  const faults: [string, MockHandler][] = [
    ['returned', () => new FetchError('TLS_EXPIRED', 'too old')],
    ['thrown', () => raise(new FetchError('TLS_EXPIRED', 'too old'))],
    ['returned later', () => Promise.resolve(new FetchError('TLS_EXPIRED', 'too old'))],
    ['thrown later', () => Promise.reject(new FetchError('TLS_EXPIRED', 'too old'))],
  ];
  test.each(faults)('turns a FetchError that is %s into a failure', async (_, handler) => {
    await using fetcher = createFetcher({ transport: mockTransport(handler) });
    const result = await fetcher.fetch('http://a.test/');
    expect(result).toMatchObject({
      kind: 'failure',
      length: 0,
      attempts: 1,
      error: { code: 'TLS_EXPIRED', message: 'too old' },
    });
  });

  const bugs: [string, MockHandler][] = [
    ['throws', () => raise(new Error('bug'))],
    ['throws later', () => Promise.reject(new Error('bug'))],
    ['throws no error', () => raise('bug')],
    ['returns nothing', () => undefined as unknown as MockReply],
    ['returns null', () => null as unknown as MockReply],
    ['returns a body that is none', () => ({ body: 5 }) as unknown as MockReply],
    ['returns a body that is null', () => ({ body: null }) as unknown as MockReply],
    ['returns headers that are none', () => ({ headers: null }) as unknown as MockReply],
  ];
  test.each(bugs)('reports a handler that %s as INTERNAL', async (_, handler) => {
    await using fetcher = createFetcher({ ...once, transport: mockTransport(handler) });
    const result = await fetcher.fetch('http://a.test/');
    expect(result).toMatchObject({ kind: 'failure', error: { code: 'INTERNAL', retryable: false } });
  });

  test('aborts its signal with the reason when the request is cancelled', async () => {
    const reasons: unknown[] = [];
    const transport = mockTransport((_, signal) => {
      signal.addEventListener('abort', () => reasons.push(signal.reason));
      return new Promise(() => undefined);
    });
    await using fetcher = createFetcher({ ...once, transport, timeoutMs: 20 });
    const controller = new AbortController();
    const cancelled = fetcher.fetch('http://a.test/', { signal: controller.signal });
    controller.abort('enough');
    expect((await cancelled).kind).toBe('cancelled');
    expect(await fetcher.fetch('http://a.test/')).toMatchObject({ error: { code: 'TIMEOUT' } });
    expect(reasons).toMatchObject(['enough', { code: 'TIMEOUT' }]);
  });

  test('ignores an answer that comes after that', async () => {
    const { promise, resolve } = Promise.withResolvers<MockReply>();
    await using fetcher = createFetcher({ ...once, transport: mockTransport(() => promise), timeoutMs: 10 });
    const result = await fetcher.fetch('http://a.test/');
    resolve({ status: 204 });
    await promise;
    expect(result).toMatchObject({ error: { code: 'TIMEOUT' } });
  });

  test('does not let a late answer end the next attempt', async () => {
    const first = Promise.withResolvers<MockReply>();
    let turn = 0;
    const transport = mockTransport(() => {
      turn += 1;
      if (turn === 1) return first.promise;
      first.resolve({});
      return new Promise(() => undefined);
    });
    await using fetcher = createFetcher({ retry: { retries: 1 }, transport, timeoutMs: 50 });
    expect(await fetcher.fetch('http://a.test/')).toMatchObject({ attempts: 2, error: { code: 'TIMEOUT' } });
  });

  test('may use the same fetcher in its handler', async () => {
    const transport = mockTransport(async ({ url }) => {
      if (url.endsWith('/inner')) return { body: 'inner' };
      const inner = await fetcher.fetch('http://a.test/inner');
      return { body: inner.kind === 'response' ? inner.text() : inner.kind };
    });
    await using fetcher = createFetcher({ transport });
    const results = await fetcher.gather(Array.from({ length: 4 }, (_, at) => `http://a.test/${at}`));
    expect(results.map((result) => result.kind === 'response' && result.text())).toEqual(Array(4).fill('inner'));
  });
});

function raise(reason: unknown): never {
  throw reason;
}
