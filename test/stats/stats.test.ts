import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toRecord } from '../../src/http/record.ts';
import { createStats } from '../../src/stats/stats.ts';
import { cancelled, failure, response } from '../helpers/results.ts';

const results = [
  response({ elapsedMs: 100, attempts: 3 }),
  response({ elapsedMs: 50, status: 404, ok: false, length: 10, wireLength: 10 }),
  response({ elapsedMs: 25, status: 404, ok: true, length: 1, wireLength: 2 }),
  failure('TIMEOUT', { elapsedMs: 1000, attempts: 2, length: 5, wireLength: 4 }),
  failure('URL_INVALID', { elapsedMs: 0, attempts: 0 }),
  failure('TIMEOUT', { elapsedMs: 2000, attempts: 1 }),
  cancelled({ elapsedMs: 9000, attempts: 1 }),
];

describe('createStats()', () => {
  test('starts from zero', () => {
    const stats = createStats();
    expect(stats).toMatchObject({
      count: 0,
      responses: 0,
      failures: 0,
      cancelled: 0,
      ok: 0,
      elapsedMs: 0,
      longestMs: 0,
    });
    expect(stats.percentileMs(99)).toBe(0);
  });

  test.each([
    ['results', results],
    ['records', results.map((result) => toRecord(result))],
  ])('counts %s by kind, status and code', (_, all) => {
    const stats = createStats();
    for (const one of all) stats.add(one);
    expect(stats).toMatchObject({
      count: 7,
      responses: 3,
      failures: 3,
      cancelled: 1,
      ok: 2,
      length: 5123 + 10 + 1 + 5,
      wireLength: 1711 + 10 + 2 + 4,
      retries: 3,
      elapsedMs: 12_175,
      longestMs: 2000,
    });
    expect([...stats.statuses]).toEqual([
      [200, 1],
      [404, 2],
    ]);
    expect([...stats.unexpected]).toEqual([[404, 1]]);
    expect([...stats.codes]).toEqual([
      ['TIMEOUT', 2],
      ['URL_INVALID', 1],
    ]);
  });

  test('excludes from the percentiles requests that were cancelled or never attempted', () => {
    const stats = createStats();
    for (const one of results) stats.add(one);
    expect(stats.percentileMs(20)).toBeCloseTo(25, 1);
    expect(stats.percentileMs(50)).toBeCloseTo(100, 0);
    expect(stats.percentileMs(100)).toBe(2000);
  });

  test('gives percentiles exact to three digits', () => {
    const times = fc.array(fc.double({ min: 0.001, max: 3_600_000, noNaN: true }), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(times, fc.constantFrom(50, 90, 99, 100), (all, percent) => {
        const stats = createStats();
        for (const elapsedMs of all) stats.add(response({ elapsedMs }));
        const sorted = all.toSorted((a, b) => a - b);
        const exact = sorted[Math.ceil((percent / 100) * sorted.length) - 1]!;
        expect(Math.abs(stats.percentileMs(percent) - exact)).toBeLessThanOrEqual(exact * 0.001 + 0.001);
      }),
    );
  });

  test('counts a request of weeks as one day in the percentiles', () => {
    const stats = createStats();
    stats.add(response({ elapsedMs: 1e9 }));
    expect(stats.longestMs).toBe(1e9);
    expect(stats.percentileMs(50)).toBeGreaterThan(86_000_000);
  });

  test.each([0, 0.0001, 0.0005])('accepts a request of %d ms', (elapsedMs) => {
    const stats = createStats();
    stats.add(response({ elapsedMs }));
    expect(stats.longestMs).toBe(elapsedMs);
    expect(stats.percentileMs(50)).toBe(elapsedMs);
  });
});
