import { describe, expect, test } from 'vitest';
import { FetchError } from '../../src/http/error.ts';
import { toRecord } from '../../src/http/record.ts';
import { parseRequest, type RequestInput } from '../../src/http/request.ts';
import { createFetcher, mockTransport } from '../../src/index.ts';

describe('parseRequest() with a default scheme', () => {
  test.each([
    ['example.com', 'https://example.com', '/'],
    ['example.com/a?b#c', 'https://example.com', '/a?b'],
    ['example.com:8080/a', 'https://example.com:8080', '/a'],
    ['localhost:8080', 'https://localhost:8080', '/'],
    ['localhost', 'https://localhost', '/'],
    ['//example.com/a', 'https://example.com', '/a'],
    ['192.0.2.1/x', 'https://192.0.2.1', '/x'],
    ['192.0.2.1.:8080', 'https://192.0.2.1:8080', '/'],
    ['1and1.test', 'https://1and1.test', '/'],
    ['[::1]:8080', 'https://[::1]:8080', '/'],
    ['me@example.com/', 'https://example.com', '/'],
    ['bücher.example', 'https://xn--bcher-kva.example', '/'],
    ['http://example.com/', 'http://example.com', '/'],
  ])('reads %s', (url, origin, path) => {
    expect(parseRequest({ url, defaultScheme: 'https' }, [])).toMatchObject({ origin, path });
  });

  test('keeps the URL as it was given', () => {
    expect(parseRequest({ url: 'example.com', defaultScheme: 'http' }, [])).toMatchObject({
      url: 'example.com',
      origin: 'http://example.com',
    });
  });

  test.each([
    '/path',
    'id,name,url',
    'not a url',
    '{"url":1}',
    '?q',
    '#x',
    '///a',
    '<html>',
    'a b.test',
    '1,"Smith, Ann",http://a/',
  ])('does not take a host out of %s', (url) => {
    expect(parseRequest({ url, defaultScheme: 'https' }, [])).toMatchObject({
      error: { code: 'URL_INVALID', message: 'URL has no scheme, and does not begin with a host name' },
    });
  });

  test.each([
    ['1', 'is a number, not a host: --url-template'],
    ['42:8080/x', 'is a number, not a host'],
    ['1.2', 'is a number, not a host'],
    ['127.1', 'is a number, not a host'],
    ['me@7/', 'is a number, not a host'],
    ['\uff11', 'is a number, not a host'],
    ['1.2.3.4.5', 'is a number, not a host'],
    ['./page', 'is a path'],
    ['../page?x', 'is a path'],
    ['.', 'is a path'],
    ['ann@example.com', 'is a mail address'],
  ])('does not take %s for a host', (url, reason) => {
    const { error } = parseRequest({ url, defaultScheme: 'https' }, []) as { readonly error?: FetchError };
    expect(error?.code).toBe('URL_INVALID');
    expect(error?.message).toContain(`URL has no scheme, and ${reason}`);
    expect(parseRequest(`http://1/`, [])).toMatchObject({ origin: 'http://0.0.0.1' });
  });

  test.each(['ftp://a/', 'mailto:me@a.test'])('leaves the scheme of %s', (url) => {
    expect(parseRequest({ url, defaultScheme: 'https' }, [])).toMatchObject({ error: { code: 'URL_SCHEME' } });
  });

  test('refuses any other default scheme', () => {
    const input = { url: 'example.com', defaultScheme: 'javascript' } as unknown as RequestInput;
    expect(parseRequest(input, [])).toMatchObject({ error: { code: 'URL_INVALID' } });
  });
});

describe('entries of a list', () => {
  const error = new FetchError('REQUEST_INVALID', 'Row is broken');
  const entry = { input: { name: 'Ann' }, line: 7, source: 'people.csv' };

  test('keep input, line and source in every kind of result and in its record', async () => {
    const transport = mockTransport(({ url }) => {
      if (url.includes('down')) throw new FetchError('CONNECT_REFUSED', 'down');
      return { status: 200 };
    });
    await using fetcher = createFetcher({ transport, retry: { retries: 0 } });
    const requests = [
      { url: 'http://a/', ...entry },
      { url: 'http://down/', ...entry },
      { url: 'not a url', ...entry },
      { url: 'row', ...entry, error },
    ];
    const results = await fetcher.gather(requests, { returnExceptions: true });
    expect(results.map(({ kind }) => kind)).toEqual(['response', 'failure', 'failure', 'failure']);
    for (const result of results) {
      expect(result).toMatchObject(entry);
      expect(toRecord(result)).toMatchObject(entry);
    }
    expect(results[3]).toMatchObject({ url: 'row', attempts: 0, error });
    const cancelled = await fetcher.fetch({ url: 'http://a/', ...entry }, { signal: AbortSignal.abort() });
    expect(toRecord(cancelled)).toMatchObject({ kind: 'cancelled', ...entry });
  });

  test('leave out fields of a wrong type', () => {
    const input = { url: 'http://a/', line: 'x', source: 5, input: 'y' } as unknown as RequestInput;
    expect(parseRequest(input, [])).toMatchObject({ entry: {} });
    expect(parseRequest('http://a/', []).entry).toBeUndefined();
  });

  test('refuse an error that is not ours', () => {
    const input = { url: 'http://a/', error: 'x' } as unknown as RequestInput;
    expect(parseRequest(input, [])).toMatchObject({ error: { code: 'REQUEST_INVALID' } });
  });
});
