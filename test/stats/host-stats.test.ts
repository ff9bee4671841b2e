import { describe, expect, test } from 'vitest';
import { HostCounter } from '../../src/stats/host-stats.ts';

const answers = (count: number, meanAnswerMs: number): object => ({ answers: count, meanAnswerMs });

describe('HostCounter', () => {
  test('ranks hosts by their answers, and leaves out those that never answered', () => {
    const hosts = new HostCounter();
    hosts.add('http://a.test', true, 50);
    hosts.add('http://b.test', true, 10);
    hosts.add('http://b.test', false, 9000, false);
    hosts.add('http://refused.test', false, 9000, false);
    expect(hosts.slowest(5).map(({ host }) => host)).toEqual(['http://a.test', 'http://b.test']);
    expect(hosts.slowest(5)[1]).toMatchObject({ meanMs: 4505, ...answers(1, 10) });
  });

  test('lists the slowest hosts and those that fail most', () => {
    const hosts = new HostCounter();
    for (const elapsedMs of [10, 30]) hosts.add('http://a.test', true, elapsedMs);
    hosts.add('http://b.test', false, 100);
    hosts.add('http://b.test', true, 200);
    for (let count = 0; count < 3; count += 1) hosts.add('http://c.test', false, undefined);
    expect(hosts.slowest(5)).toEqual([
      { host: 'http://b.test', count: 2, notOk: 1, meanMs: 150, longestMs: 200, ...answers(2, 150) },
      { host: 'http://a.test', count: 2, notOk: 0, meanMs: 20, longestMs: 30, ...answers(2, 20) },
    ]);
    expect(hosts.failing(5)).toEqual([
      { host: 'http://c.test', count: 3, notOk: 3, meanMs: 0, longestMs: 0, ...answers(0, 0) },
      { host: 'http://b.test', count: 2, notOk: 1, meanMs: 150, longestMs: 200, ...answers(2, 150) },
    ]);
    expect(hosts.slowest(1)).toHaveLength(1);
    expect([hosts.size, hosts.isExact]).toEqual([3, true]);
  });

  test('keeps the heaviest of too many hosts and is no longer exact', () => {
    const hosts = new HostCounter(50);
    for (let at = 0; at < 10_000; at += 1) {
      hosts.add(`http://${at}.test`, true, 1);
      if (at % 20 === 0) hosts.add('http://slow.test', true, 500);
      if (at % 20 === 1) hosts.add('http://dead.test', false, undefined);
    }
    expect(hosts.isExact).toBe(false);
    expect(hosts.size).toBe(50);
    expect(hosts.slowest(1)).toMatchObject([
      { host: 'http://slow.test', count: 500, notOk: 0, meanMs: 500, longestMs: 500 },
    ]);
    // The host took little time, so only its failures kept it, and its totals are complete.
    expect(hosts.failing(1)).toMatchObject([{ host: 'http://dead.test', count: 500, notOk: 500 }]);
  });
});
