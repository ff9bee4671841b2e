import { expect, test } from 'vitest';
import { isHttpsGuess } from '../../../cli/fetch/https-guess.ts';
import type { FetchErrorCode } from '../../../src/http/error.ts';
import { failure, response } from '../../helpers/results.ts';

test.each<[url: string, code: FetchErrorCode, scheme: 'http' | 'https' | 'none', isGuess: boolean]>([
  ['example.com', 'CONNECT_REFUSED', 'https', true],
  ['localhost:8080/x', 'TLS_PROTOCOL', 'https', true],
  ['example.com', 'CONNECT_REFUSED', 'http', false],
  ['https://example.com', 'CONNECT_REFUSED', 'https', false],
  ['example.com', 'DNS_NOT_FOUND', 'https', false],
  ['example.com', 'TLS_EXPIRED', 'https', false],
])('isHttpsGuess() of %s, which failed with %s, with the scheme %s is %s', (url, code, defaultScheme, isGuess) => {
  expect(isHttpsGuess(failure(code, { url }), { lists: { read: { defaultScheme } } })).toBe(isGuess);
});

test('isHttpsGuess() of a response is false', () => {
  expect(isHttpsGuess(response({ url: 'a.test' }), { lists: { read: { defaultScheme: 'https' } } })).toBe(false);
});
