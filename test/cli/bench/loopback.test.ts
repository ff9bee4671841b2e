import { expect, test } from 'vitest';
import { isLoopback } from '../../../cli/bench/loopback.ts';

test.each([
  ['http://localhost:8080', true],
  ['http://a.localhost', true],
  ['http://127.0.0.1', true],
  ['https://127.9.9.9:1', true],
  ['http://[::1]:80', true],
  ['http://127.0.0.1.example.com', false],
  ['http://notlocalhost', false],
  ['http://localhost.example', false],
  ['http://192.168.0.1', false],
  ['http://[::2]', false],
])('isLoopback(%s) is %s', (origin, expected) => {
  expect(isLoopback(origin)).toBe(expected);
});
