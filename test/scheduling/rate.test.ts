import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dueAfterStart, rateOf, rateOpenAt } from '../../src/scheduling/rate.ts';

/** Returns the times of `count` starts by a caller that asks again `lateMs()` after the start was due. */
function startsOf(perSecond: number, count: number, lateMs: () => number): number[] {
  const rate = rateOf(perSecond);
  const starts: number[] = [];
  let dueAt = 0;
  for (let now = 1000; starts.length < count; now = Math.max(now, rateOpenAt(dueAt, rate) + lateMs())) {
    if (rateOpenAt(dueAt, rate) > now) continue;
    starts.push(now);
    dueAt = dueAfterStart(dueAt, now, rate);
  }
  return starts;
}

function gapsOf(times: readonly number[]): number[] {
  return times.slice(1).map((time, index) => time - (times[index] as number));
}

describe('rateOf()', () => {
  test.each([
    [undefined, { intervalMs: 0, toleranceMs: 2 }],
    [Infinity, { intervalMs: 0, toleranceMs: 2 }],
    [1000, { intervalMs: 1, toleranceMs: 2 }],
    [51, { intervalMs: 1000 / 51, toleranceMs: 2 }],
    [50, { intervalMs: 20, toleranceMs: 0 }],
    [10, { intervalMs: 100, toleranceMs: 0 }],
    [1 / 60, { intervalMs: 60_000, toleranceMs: 0 }],
  ])('spaces %s starts per second by its interval', (perSecond, rate) => {
    expect(rateOf(perSecond)).toEqual(rate);
  });
});

describe('a rate', () => {
  test('allows the first start at once and the next one an interval later', () => {
    const rate = rateOf(10);
    expect(rateOpenAt(0, rate)).toBe(0);
    expect(rateOpenAt(dueAfterStart(0, 5000, rate), rate)).toBe(5100);
  });

  test('does not save up starts while idle', () => {
    const rate = rateOf(10);
    const dueAt = dueAfterStart(dueAfterStart(0, 0, rate), 60_000, rate);
    expect(rateOpenAt(dueAt, rate)).toBe(60_100);
  });

  test('never makes a gap shorter than an interval of 20 ms or more, however late the caller', () => {
    const late = fc.array(fc.double({ min: 0, max: 5000, noNaN: true }), { minLength: 30, maxLength: 30 });
    fc.assert(
      fc.property(fc.constantFrom(50, 33, 10, 3, 0.5), late, (perSecond, lateMs) => {
        const starts = startsOf(perSecond, 30, () => lateMs.pop() ?? 0);
        // A double near 1e5 has 1e-11 between its neighbours.
        for (const gap of gapsOf(starts)) expect(gap).toBeGreaterThanOrEqual(1000 / perSecond - 1e-9);
      }),
    );
  });

  test.each([100, 500, 1000, 5000])(
    'of %i per second is kept in the long run by a caller 0 to 2 ms late',
    (perSecond) => {
      let turn = 0;
      const starts = startsOf(perSecond, perSecond * 5 + 1, () => (turn++ % 5) * 0.5);
      const seconds = ((starts.at(-1) as number) - (starts[0] as number)) / 1000;
      expect(seconds).toBeGreaterThan(4.99);
      expect(seconds).toBeLessThan(5.01);
    },
  );

  test('above 50 per second makes up for at most 2 ms, not for a stop', () => {
    const rate = rateOf(1000);
    let dueAt = dueAfterStart(0, 0, rate);
    let together = 0;
    for (; rateOpenAt(dueAt, rate) <= 5000; together++) dueAt = dueAfterStart(dueAt, 5000, rate);
    expect(together).toBe(3);
  });

  test('of Infinity always allows a start', () => {
    const rate = rateOf(Infinity);
    expect(rateOpenAt(dueAfterStart(dueAfterStart(0, 7, rate), 7, rate), rate)).toBeLessThanOrEqual(7);
  });
});
