import { describe, expect, test } from 'vitest';
import { ElasticHosts } from '../../src/scheduling/elastic-hosts.ts';

/** Gives a host so many answers of 100 ms, while it uses what it may. */
function serve(hosts: ElasticHosts, origin: string, count: number, from = 0, waiting = 1): void {
  for (let done = 1; done <= count; done += 1) {
    const now = from + done * 100;
    const inFlight = hosts.limitOf(origin);
    hosts.answer(origin, { now, startedAt: now - 100, ms: 100, isBad: false, inFlight, waiting });
  }
}

describe('ElasticHosts', () => {
  test('allows 6 to a host that has taught nothing, or the maximum', () => {
    expect(new ElasticHosts(50).limitOf('http://a.test')).toBe(6);
    expect(new ElasticHosts(4).limitOf('http://a.test')).toBe(4);
  });

  test('learns each host by itself', () => {
    const hosts = new ElasticHosts(50);
    serve(hosts, 'http://a.test', 1000);
    expect(hosts.limitOf('http://a.test')).toBe(50);
    expect(hosts.limitOf('http://b.test')).toBe(6);
    expect(hosts.learned()).toEqual([{ host: 'http://a.test', start: 6, limit: 50 }]);
  });

  test('keeps no host whose requests do not wait', () => {
    const hosts = new ElasticHosts(50);
    for (let host = 0; host < 100_000; host += 1) serve(hosts, `http://h${host}.test`, 1, host, 0);
    expect([hosts.size, hosts.learned()]).toEqual([0, []]);
  });

  test('forgets a host after a minute without an answer, but for what it found', () => {
    const hosts = new ElasticHosts(50);
    serve(hosts, 'http://a.test', 1000);
    serve(hosts, 'http://b.test', 1, 100_000 + 59_000);
    expect(hosts.limitOf('http://a.test')).toBe(50);
    serve(hosts, 'http://b.test', 1, 100_000 + 60_000);
    expect(hosts.limitOf('http://a.test')).toBe(6);
    expect([hosts.size, hosts.learned()]).toEqual([1, [{ host: 'http://a.test', start: 6, limit: 50 }]]);
  });

  test('keeps 10,000 hosts at most, those that answered last', () => {
    const hosts = new ElasticHosts(50);
    serve(hosts, 'http://first.test', 30);
    expect(hosts.limitOf('http://first.test')).toBe(12);
    for (let host = 0; host < 10_000; host += 1) serve(hosts, `http://h${host}.test`, 1, 3000);
    expect(hosts.size).toBe(10_000);
    expect(hosts.limitOf('http://first.test')).toBe(6);
  });

  test('begins anew with a host that was held, and with no other', () => {
    const hosts = new ElasticHosts(50);
    serve(hosts, 'http://a.test', 1000);
    serve(hosts, 'http://b.test', 1000);
    hosts.restart('http://a.test', 100_000);
    hosts.restart('http://never.test', 100_000);
    expect(hosts.limitOf('http://a.test')).toBe(6);
    expect(hosts.limitOf('http://b.test')).toBe(50);
  });
});
