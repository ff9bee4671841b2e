import { describe, expect, test } from 'vitest';
import { FetchError } from '../../src/http/error.ts';
import { follow, isRedirect } from '../../src/http/redirect.ts';
import { parseRequest, type FetchRequest, type RequestInput } from '../../src/http/request.ts';

function requestOf(input: RequestInput): FetchRequest {
  const request = parseRequest(input, []);
  if ('error' in request) throw request.error;
  return request;
}

function followed(input: RequestInput, status: number, ...locations: string[]): FetchRequest {
  const next = follow(requestOf(input), status, locations);
  if (next instanceof FetchError) throw next;
  return next;
}

describe('isRedirect()', () => {
  test.each([301, 302, 303, 307, 308])('a %i with a Location is a redirect', (status) => {
    expect(isRedirect(status, ['/x'])).toBe(true);
    expect(isRedirect(status, [])).toBe(false);
    expect(isRedirect(status, ['', ' \t'])).toBe(false);
  });

  test.each([200, 201, 300, 304, 305, 306, 309, 400])('a %i is not a redirect', (status) => {
    expect(isRedirect(status, ['/x'])).toBe(false);
  });
});

describe('follow()', () => {
  test.each([
    ['http://h/a', '?', '/a?'],
    ['http://h/a?b', '?#c', '/a?'],
    ['http://h/a?', '#c', '/a?'],
  ])('from %s to %s keeps an empty query: %s', (url, location, path) => {
    expect(followed(url, 302, location)).toMatchObject({ path });
  });

  test.each([
    ['https://h/a', 'http://h/b', 'http://h'],
    ['http://h/a', 'https://h/b', 'https://h'],
    ['http://h/a', '//i/b', 'http://i'],
    ['https://h/a', '//i/b', 'https://i'],
    ['http://h/a', 'HTTP://H:80/b', 'http://h'],
    ['http://h:81/a', '/b', 'http://h:81'],
  ])('from %s to %s has host %s', (url, location, host) => {
    expect(followed(url, 302, location)).toMatchObject({ origin: host, path: '/b' });
  });

  test('from https to http is to another origin, so secrets are dropped', () => {
    const next = followed(
      { url: 'https://h/', headers: { Authorization: 'x', Cookie: 'y', Accept: 'z' } },
      302,
      'http://h/',
    );
    expect(next.headers).toEqual(['Accept', 'z']);
  });

  test("keeps the record's own fields as they were", () => {
    expect(followed({ url: 'http://u:p@h/a#f', id: 'x' }, 303, '/b')).toMatchObject({
      url: 'http://u:***@h/a#f',
      id: 'x',
      method: 'GET',
    });
  });

  test('turns only POST into GET for 301 and 302, all but HEAD for 303, none for 307 and 308', () => {
    const methods = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'QUERY'];
    const after = (status: number): string[] =>
      methods.map((method) => followed({ url: 'http://h/a', method }, status, '/b').method);
    for (const status of [301, 302]) expect(after(status)).toEqual(['GET', 'HEAD', 'GET', 'PUT', 'DELETE', 'QUERY']);
    expect(after(303)).toEqual(['GET', 'HEAD', 'GET', 'GET', 'GET', 'GET']);
    for (const status of [307, 308]) expect(after(status)).toEqual(methods);
  });

  test('trims a Location, and accepts the same one twice', () => {
    expect(followed('http://h/a', 302, '  /b\t')).toMatchObject({ path: '/b' });
    expect(followed('http://h/a', 302, '/b', '/b')).toMatchObject({ path: '/b' });
  });

  test.each([[['/a', '/b']], [['http://h:0/']], [['http://']], [['/a\tb']], [['/a\u0000']]])(
    '%o is REDIRECT_INVALID',
    (locations) => {
      expect(follow(requestOf('http://h/'), 302, locations)).toMatchObject({
        code: 'REDIRECT_INVALID',
        retryable: false,
      });
    },
  );

  test.each([301, 302, 307, 308])('a %i does not carry a body to another origin', (status) => {
    const request = requestOf({ url: 'http://h/', method: 'PUT', body: 'x' });
    expect(follow(request, status, ['http://i/'])).toMatchObject({ code: 'REDIRECT_INVALID' });
    expect(follow(request, status, ['http://h/there'])).toMatchObject({ method: 'PUT', body: Buffer.from('x') });
  });
});
