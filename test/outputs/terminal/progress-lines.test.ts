import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { progressLine, progressLines, type Progress } from '../../../src/outputs/terminal/progress-lines.ts';
import { widthOf } from '../../../src/text/width.ts';
import { nastyStrings } from '../../helpers/servers/nasty.ts';

const early: Progress = {
  done: 0,
  before: 0,
  elapsedMs: 600,
  perSecond: { now: 0, overall: 0 },
  isEnding: false,
  inFlight: 1,
  concurrency: 50,
  waiting: 0,
  backingOff: 0,
  retries: 0,
  codes: new Map(),
  unexpected: new Map(),
  paused: [],
  slowest: [],
  oldest: [],
};

const busy: Progress = {
  ...early,
  done: 3412,
  total: { count: 10_000, isExact: true },
  elapsedMs: 4300,
  perSecond: { now: 812.3, overall: 790.2 },
  leftMs: 8100,
  inFlight: 50,
  waiting: 6500,
  backingOff: 3,
  retries: 15,
  codes: new Map([
    ['CONNECT_REFUSED', 3],
    ['TIMEOUT', 12],
  ]),
  unexpected: new Map([[404, 5]]),
  paused: [
    { host: 'https://b.test', forMs: 3000 },
    { host: 'https://api.example.com', forMs: 11_500 },
  ],
  slowest: [
    { host: 'https://slow.example.com', meanAnswerMs: 3200 },
    { host: 'http://b.test:8080', meanAnswerMs: 1100 },
  ],
  oldest: [
    { url: 'https://slow.example.com/a/page', forMs: 9400, attempts: 2, isInFlight: true },
    { url: 'https://api.example.com/items/1', forMs: 4000, attempts: 1, isInFlight: false },
    { url: 'https://b.test/', forMs: 2500, attempts: 1, isInFlight: true },
  ],
};

describe('progressLines()', () => {
  test('show everything in a few lines', () => {
    expect(progressLines(busy, 79)).toEqual([
      '3,412 of 10,000 (34%)  9 s left  812/s now  790/s overall',
      '  in flight   50 of 50, 6,500 waiting, 3 waiting to retry, 15 retries',
      '  failed      12 x TIMEOUT, 3 x CONNECT_REFUSED',
      '  bad status  5 x 404',
      '  paused      api.example.com for 12 s, b.test for 3 s',
      '  slowest     slow.example.com 3.20 s, http://b.test:8080 1.10 s',
      '  oldest      10 s, attempt 2  https://slow.example.com/a/page',
      '              4 s, attempt 1 failed  https://api.example.com/items/1',
      '              3 s  https://b.test/',
    ]);
  });

  test('leave out what does not fit, the least important first', () => {
    expect(progressLines(busy, 40)).toEqual([
      '3,412 of 10,000 (34%)  9 s left',
      '  in flight   50 of 50, 6,500 waiting',
      '  failed      12 x TIMEOUT, 1 more',
      '  bad status  5 x 404',
      '  paused      api.example.com for 12 s',
      '  slowest     slow.example.com 3.20 s',
      '  oldest      10 s  https://sl…om/a/page',
      '              4 s  https://ap…om/items/1',
      '              3 s  https://b.test/',
    ]);
  });

  test('name the limit that requests wait for', () => {
    expect(progressLines({ ...busy, waitingFor: '--per-host 6' }, 79)[1]).toBe(
      '  in flight   50 of 50, 6,500 waiting (--per-host 6), 3 waiting to retry',
    );
  });

  test('are two for a run that has just started', () => {
    expect(progressLines(early, 79)).toEqual(['0 done  1 s so far  0.0/s now  0.0/s overall', '  in flight   1 of 50']);
  });

  test.each<[name: string, progress: Partial<Progress>, first: string]>([
    ['an unknown total', {}, '7 done  1 s so far'],
    ['one URL', { done: 0, total: { count: 1, isExact: true } }, '0 of 1 (0%)  1 s so far'],
    [
      'ten million',
      { done: 9_999_999, total: { count: 10_000_000, isExact: true } },
      '9,999,999 of 10,000,000 (99%)  1 s so far',
    ],
    ['everything done', { total: { count: 7, isExact: true }, leftMs: 0 }, '7 of 7 (100%)  0 s left'],
    ['an estimate', { total: { count: 20, isExact: false }, leftMs: 90_100 }, '7 of ~20 (35%)  1 min 31 s left'],
    [
      'an estimate in round numbers',
      { total: { count: 2_452_302, isExact: false } },
      '7 of ~2,450,000 (0%)  1 s so far',
    ],
    ['an estimate that was reached', { total: { count: 7, isExact: false } }, '7 of ~7 (99%)  1 s so far'],
    ['an estimate that was too low', { total: { count: 3, isExact: false } }, '7 of ~7 (99%)  1 s so far'],
    ['a total that was too low', { total: { count: 3, isExact: true } }, '7 of 7 (100%)  1 s so far'],
    ['an empty run', { done: 0, total: { count: 0, isExact: true } }, '0 of 0 (100%)  1 s so far'],
    [
      'records of an earlier run',
      { before: 5, total: { count: 20, isExact: true } },
      '12 of 20 (60%, 5 from earlier run)  1 s so far',
    ],
    ['records of an earlier run without a total', { before: 5 }, '12 done, 5 from earlier run  1 s so far'],
    ['a run that is stopping', { isEnding: true, leftMs: 3000 }, '7 done  stopping'],
  ])('begin with the count: %s', (_, progress, first) => {
    expect(progressLines({ ...early, done: 7, ...progress }, 200)[0]).toBe(`${first}  0.0/s now  0.0/s overall`);
  });

  test('show the hosts paused longest and the number of others', () => {
    const paused = Array.from({ length: 1000 }, (_, at) => ({ host: `https://${at}.test`, forMs: at * 10 }));
    expect(progressLines({ ...early, paused }, 60).at(-1)).toBe(
      '  paused      999.test for 10 s, 998.test for 10 s, 998 more',
    );
  });

  test('never exceed the width or contain control characters, whatever the host names', () => {
    const text = fc.oneof(
      fc.constantFrom(...nastyStrings, '漢字'.repeat(40), '\u001b[2J', 'x'.repeat(300)),
      fc.string({ unit: 'binary' }),
    );
    const count = fc.integer({ min: 0, max: 10_000_000 });
    const hostile = fc.record({ host: text, forMs: count });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.array(hostile, { maxLength: 12 }),
        fc.dictionary(text, count),
        count,
        (width, hosts, codes, number) => {
          const lines = progressLines(
            {
              ...busy,
              done: number,
              waiting: number,
              codes: new Map(Object.entries(codes)),
              paused: hosts,
              slowest: hosts.map(({ host, forMs }) => ({ host, meanAnswerMs: forMs })),
              oldest: hosts.map(({ host, forMs }, at) => ({
                url: host,
                forMs,
                attempts: at,
                isInFlight: at % 2 === 0,
              })),
            },
            width,
          );
          for (const line of lines) {
            expect(widthOf(line)).toBeLessThanOrEqual(width);
            if (Object.keys(codes).length === 0) expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
          }
        },
      ),
    );
  });

  test.each(Array.from({ length: 200 }, (_, at) => at + 1))('fit into %d columns', (width) => {
    for (const progress of [early, busy]) {
      const lines = progressLines(progress, width);
      expect(lines).toHaveLength(progress === busy ? 9 : 2);
      for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(width);
    }
  });
});

describe('hosts that do not get all that waits for them', () => {
  const slowed = { ...early, slowed: { paced: 2, held: 1, askMs: 7400, down: 1 } };

  test('are counted on a line, and in the single line', () => {
    expect(progressLines(slowed, 100).at(-1)).toBe('  hosts       2 paced, 1 held (asked again in 8 s), 1 down');
    expect(progressLine(slowed)).toContain(', hosts: 2 paced, 1 held (asked again in 8 s), 1 down');
    expect(progressLine({ ...early, slowed: { paced: 0, held: 0, askMs: Infinity, down: 0 } })).toBe(
      progressLine(early),
    );
  });

  test('are not blamed while no host answers: that is said', () => {
    const text = 'no host answers any more (asked again in 4 s)';
    expect(progressLines({ ...early, networkAskMs: 3900 }, 100).at(-1)).toBe(`  network     ${text}`);
    // The request that asks is in flight.
    expect(progressLine({ ...early, networkAskMs: -300 })).toContain('no host answers any more (asked again in 0 s)');
  });
});

test.for([
  [{ count: 0, queue: 'open' }, '0'],
  [{ count: 12, queue: 'open' }, '12'],
  [{ count: 12, queue: 'full' }, '12, the queue is full'],
  [{ count: 12, queue: 'lost' }, 'unknown, no connection to the queue'],
] as const)('workers of a run with a queue are counted: %o', ([workers, text]) => {
  expect(progressLines({ ...early, workers }, 100).at(-1)).toBe(`  workers     ${text}`);
  expect(progressLine({ ...early, workers })).toBe(`${progressLine(early)}, workers ${text}`);
});

test('limits that hosts have learned are listed, the greatest first, and one on the single line', () => {
  const atOnce = [
    { host: 'https://b.test', limit: 12 },
    { host: 'https://a.test', limit: 1041 },
  ];
  expect(progressLines({ ...early, atOnce }, 100).at(-1)).toBe('  at once     a.test 1,041, b.test 12');
  expect(progressLine({ ...early, atOnce })).toMatch(/, at once: a\.test 1,041$/);
});

describe('progressLine()', () => {
  test('shows the same on one line', () => {
    expect(progressLine(busy)).toBe(
      '3,412 of 10,000 (34%), 812/s now, 790/s overall, 9 s left, 50 in flight, 6,500 waiting, 3 waiting to retry, 15 retries, 15 failed, 5 with bad status, 2 hosts paused, oldest 10 s: https://slow.example.com/a/page',
    );
    expect(progressLine({ ...early, retries: 1, paused: [{ host: 'https://a.test', forMs: 1 }] })).toBe(
      '0 done, 0.0/s now, 0.0/s overall, 1 s so far, 1 in flight, 1 retry, 1 host paused',
    );
  });
});
