import { expect, test } from 'vitest';
import { missedBy, parseTypeList } from '../../src/http/expectations.ts';

test.each([
  ['text/html', 'text/html', true],
  ['TEXT/html, image/*', 'image/png', true],
  ['image/*', 'imagex/png', false],
  ['text/html', '', false],
  ['application/problem+json', 'application/problem+json', true],
])('parseTypeList(%j) of %j is %j', (list, type, expected) => {
  expect(parseTypeList(list)!(type)).toBe(expected);
});

test.each(['', 'html', 'text/', '*/*', 'text/html,', 'text/html;charset=utf-8'])(
  'parseTypeList(%j) is undefined',
  (list) => {
    expect(parseTypeList(list)).toBeUndefined();
  },
);

test('missedBy() lists everything that is missed, and knows a body by what a writer saw of it', () => {
  const judged = { headers: {}, elapsedMs: 10, body: Buffer.from('abc'), bodyMatches: undefined, isUnchanged: false };
  const expectations = { isType: parseTypeList('a/b'), body: /^abc$/, withinMs: 10 };
  expect(missedBy({ ...judged, headers: { 'content-type': 'A/B; c=d' } }, expectations)).toBeUndefined();
  expect(missedBy({ ...judged, bodyMatches: false, elapsedMs: 11 }, expectations)).toEqual(['type', 'body', 'time']);
  expect(missedBy({ ...judged, body: undefined }, { ...expectations, isType: undefined })).toEqual(['body']);
  expect(missedBy({ ...judged, isUnchanged: true, body: undefined }, expectations)).toBeUndefined();
});
