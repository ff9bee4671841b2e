import { expect, test } from 'vitest';
import { Http1Hosts } from '../../../src/transports/http2/http1-hosts.ts';

const minutes = (count: number): number => count * 60_000;

test('Http1Hosts remembers a host for ten minutes after it was last added', () => {
  const hosts = new Http1Hosts();
  expect(hosts.has('https://a.test', 0)).toBe(false);
  hosts.add('https://a.test', 0);
  expect(hosts.has('https://a.test', minutes(10) - 1)).toBe(true);
  expect(hosts.has('https://b.test', 0)).toBe(false);
  hosts.add('https://a.test', minutes(5));
  expect(hosts.has('https://a.test', minutes(14))).toBe(true);
  expect(hosts.has('https://a.test', minutes(15))).toBe(false);
});

test('Http1Hosts keeps the ten thousand hosts added last', () => {
  const hosts = new Http1Hosts();
  for (let at = 0; at <= 10_000; at += 1) hosts.add(`https://${at}.test`, at);
  expect(hosts.has('https://0.test', 0)).toBe(false);
  expect(hosts.has('https://1.test', 0)).toBe(true);
  expect(hosts.has('https://10000.test', 0)).toBe(true);
});
