import { expect, test } from 'vitest';
import { downHosts, learnedLimits, noLimitedHosts, paces, waits } from '../../../src/outputs/summary/limited-hosts.ts';
import { renderSummary } from '../../../src/outputs/summary/summary.ts';
import { summaryRecord } from '../../../src/outputs/summary/summary-json.ts';
import { createStats } from '../../../src/stats/stats.ts';

const hosts = {
  pace: [
    { host: 'https://b.test', perSecond: 20, from: 'told' as const },
    { host: 'https://api.test', perSecond: 9.81, from: 'learned' as const },
  ],
  atOnce: [
    { host: 'https://small.test', start: 6, limit: 3 },
    { host: 'https://a.test', start: 6, limit: 41 },
    { host: null, start: 50, limit: 1200 },
  ],
  down: [
    { host: 'http://small.test', notSent: 2, tried: 5, code: '503' },
    { host: 'http://dead.test', notSent: 49_984, tried: 16, code: 'CONNECT_TIMEOUT' },
  ],
  waited: [{ host: 'https://c.test', forMs: 61_234 }],
};

test('paces(), learnedLimits(), downHosts() and waits() describe hosts, those that matter most first', () => {
  expect(paces(hosts)).toBe('api.test 9.8/s (learned), b.test 20.0/s (from its headers)');
  expect(downHosts(hosts)).toBe(
    'http://dead.test (49,984 given up, CONNECT_TIMEOUT), http://small.test (2 given up, 503); --resume --retry-failed fetches them later',
  );
  expect(learnedLimits(hosts)).toBe('all hosts 50 -> 1,200, a.test 6 -> 41, small.test 6 -> 3');
  expect(waits(hosts)).toBe('c.test 1 min 1 s');
  expect([paces, learnedLimits, downHosts, waits].map((words) => words(noLimitedHosts))).toEqual(['', '', '', '']);
});

test.each([
  [120.4, '120/s'],
  [1, '1.0/s'],
  [0.5, '30.0/m'],
  [1 / 60, '1.0/m'],
  [1 / 120, '30.0/h'],
])('a pace of %s per second is %s', (perSecond, shown) => {
  const pace = [{ host: 'https://a.test', perSecond, from: 'learned' as const }];
  expect(paces({ ...noLimitedHosts, pace })).toBe(`a.test ${shown} (learned)`);
});

test('more than three hosts are counted', () => {
  const waited = [1, 2, 3, 4, 5].map((seconds) => ({ host: `https://h${seconds}.test`, forMs: seconds * 1000 }));
  expect(waits({ ...noLimitedHosts, waited })).toBe('h5.test 5.00 s, h4.test 4.00 s, h3.test 3.00 s, 2 more');
});

test('the summary has a line for each, and none when all is well', () => {
  const text = renderSummary(createStats(), 1000, { hosts });
  expect(text).toContain('  pace        api.test 9.8/s (learned)');
  expect(text).toContain('  down        http://dead.test (49,984 given up');
  expect(text).toContain('  waited      c.test 1 min 1 s');
  expect(renderSummary(createStats(), 1000, { hosts: noLimitedHosts })).not.toMatch(/pace|down|waited/);
});

test('the summary as data has them with plain figures', () => {
  expect(summaryRecord(createStats(), 1000, [], hosts)).toMatchObject({
    pace: [{ host: 'https://b.test', perSecond: 20, from: 'told' }, { perSecond: 9.81 }],
    down: hosts.down,
    waited: [{ host: 'https://c.test', forMs: 61_234 }],
  });
  expect(summaryRecord(createStats(), 1000)).toMatchObject({ pace: [], down: [], waited: [] });
});
