import { expect, test } from 'vitest';
import { OriginConduct } from '../../../src/transports/response/origin-conduct.ts';

const origin = 'http://a.test';

test('OriginConduct allows reuse until an origin misbehaves', () => {
  const conduct = new OriginConduct();
  expect([conduct.allowsReuse(origin, 'GET'), conduct.allowsReuse(origin, 'POST')]).toEqual([true, true]);
});

test('OriginConduct allows no reuse after unsolicited bytes, and only at that origin', () => {
  const conduct = new OriginConduct();
  conduct.sentUnasked(origin);
  expect([conduct.allowsReuse(origin, 'GET'), conduct.allowsReuse(origin, 'POST')]).toEqual([false, false]);
  expect(conduct.answersUnasked(origin)).toBe(true);
  expect(conduct.allowsReuse('http://b.test', 'POST')).toBe(true);
});

test('OriginConduct allows only idempotent requests after a silent close', () => {
  const conduct = new OriginConduct();
  conduct.closedSilently(origin, 5);
  expect(['GET', 'HEAD', 'PUT', 'POST', 'PATCH'].map((method) => conduct.allowsReuse(origin, method))).toEqual([
    true,
    true,
    true,
    false,
    false,
  ]);
});

test('OriginConduct takes the close of a connection that was idle for a second as ordinary', () => {
  const conduct = new OriginConduct();
  conduct.closedSilently(origin, 1000);
  expect(conduct.allowsReuse(origin, 'POST')).toBe(true);
});

test('OriginConduct remembers ten thousand origins of each kind', () => {
  const conduct = new OriginConduct();
  for (let at = 0; at <= 10_000; at += 1) conduct.sentUnasked(`http://${at}.test`);
  expect(conduct.answersUnasked('http://0.test')).toBe(false);
  expect(conduct.answersUnasked('http://1.test')).toBe(true);
  expect(conduct.answersUnasked('http://10000.test')).toBe(true);
});
