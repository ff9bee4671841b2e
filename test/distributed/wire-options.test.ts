import { expect, test } from 'vitest';
import { packOptions, requirePlainOptions, unpackOptions } from '../../src/distributed/wire.ts';
import type { FetcherOptions } from '../../src/index.ts';

test('expectations of a body travel to workers', () => {
  const options: FetcherOptions = { expect: { statuses: '200', body: /a\/"b"/i, withinMs: 5 } };
  expect(unpackOptions(packOptions(options, undefined))).toEqual(options);
});

test('limits that are learned travel to workers', () => {
  const options: FetcherOptions = { concurrency: 'auto', perHost: { concurrency: { auto: 64 } } };
  expect(unpackOptions(packOptions(options, undefined))).toEqual(options);
});

test('so does the wish to heed robots.txt', () => {
  requirePlainOptions({ robots: true });
  expect(unpackOptions(packOptions({ robots: true }, undefined))).toEqual({ robots: true });
});

test.each<[name: string, options: FetcherOptions]>([
  ['around', { around: [(request, next) => next(request)] }],
  ['aroundSend', { aroundSend: [(request, next) => next(request)] }],
  ['headers', { headers: () => ({}) }],
  ['auth.bearer', { auth: { bearer: () => 'x' } }],
  ['expect.statuses', { expect: { statuses: () => true } }],
])('functions in %s do not', (name, options) => {
  expect(() => requirePlainOptions(options)).toThrow(`Cannot send '${name}' to workers`);
});
