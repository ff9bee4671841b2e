import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { createFetcher, FetchError, mockTransport } from '../../src/index.ts';

test('FetchError of a result has the URL and the index of its request', async () => {
  const transport = mockTransport(() => new FetchError('CONN_RESET', 'reset'));
  await using fetcher = createFetcher({ transport, retry: { retries: 0 } });
  const urls = ['nonsense', 'http://user:secret@a.test/1', 'http://a.test/2'];
  const results = await fetcher.gather(urls, { returnExceptions: true });
  expect(
    results.map((result) => 'error' in result && [result.error.code, result.error.url, result.error.index]),
  ).toEqual([
    ['URL_INVALID', 'nonsense', 0],
    ['CONN_RESET', 'http://user:***@a.test/1', 1],
    ['CONN_RESET', 'http://a.test/2', 2],
  ]);
  await expect(fetcher.gather(['http://a.test/0'])).rejects.toMatchObject({ url: 'http://a.test/0', index: 0 });
});

test('FetchError of a cancelled request has the URL and the index of its request', async () => {
  await using fetcher = createFetcher({ transport: mockTransport(() => new Promise(() => {})) });
  const signal = AbortSignal.abort('enough');
  expect(await fetcher.fetch('http://a.test/', { signal })).toMatchObject({
    kind: 'cancelled',
    error: { code: 'ABORTED', cause: 'enough', url: 'http://a.test/', index: 0 },
  });
});

test('FetchError that a transport uses twice is copied for the second request', async () => {
  const shared = new FetchError('DNS_NOT_FOUND', 'no such host', { cause: 'c-ares' });
  await using fetcher = createFetcher({ transport: mockTransport(() => shared) });
  const results = await fetcher.gather(['http://a.test/1', 'http://a.test/2'], { returnExceptions: true });
  const errors = results.map((result) => (result.kind === 'failure' ? result.error : undefined)!);
  expect(errors.map(({ url, code, message, cause, retryable }) => [url, code, message, cause, retryable])).toEqual([
    ['http://a.test/1', 'DNS_NOT_FOUND', 'no such host', 'c-ares', false],
    ['http://a.test/2', 'DNS_NOT_FOUND', 'no such host', 'c-ares', false],
  ]);
});

test('FetchError keeps its record, and shows the URL when it is printed', () => {
  const error = new FetchError('TIMEOUT', 'late', { url: 'http://a.test/', index: 3 });
  expect(JSON.parse(JSON.stringify(error))).toEqual({ code: 'TIMEOUT', message: 'late', retryable: true });
  expect(inspect(error)).toContain("url: 'http://a.test/'");
  expect(Object.keys(new FetchError('TIMEOUT', 'late'))).toEqual(['code', 'retryable']);
});
