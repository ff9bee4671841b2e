import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LogHistogram, startOf } from '../../../src/pages/model/log-histogram.ts';

function histogramOf(times: readonly number[]): LogHistogram {
  const histogram = new LogHistogram();
  for (const ms of times) histogram.add(ms);
  return histogram;
}

test('LogHistogram gives every percentile exact to 0.5%', () => {
  const times = fc.array(fc.double({ min: 0.001, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(times, fc.integer({ min: 1, max: 100 }), (all, percent) => {
      const sorted = all.toSorted((one, other) => one - other);
      const exact = sorted[Math.ceil((percent / 100) * all.length) - 1]!;
      const found = histogramOf(all).percentileMs(percent);
      expect(found).toBeGreaterThanOrEqual(exact * 0.9999999);
      expect(found).toBeLessThanOrEqual(exact * 1.005);
    }),
  );
});

test('LogHistogram counts every time in one bin and sums up all times', () => {
  const histogram = histogramOf([0, 0.5, 1, 1.0001, 99.9, 100, 1e30]);
  expect(histogram).toMatchObject({ count: 7, longestMs: 1e30, sumMs: 1e30 + 202.4001 });
  const coarse = histogram.coarse(8);
  const counted = coarse.flatMap((times, bin) => (times > 0 ? [[Number(startOf(bin, 8).toPrecision(3)), times]] : []));
  expect(counted).toEqual([
    [0.001, 1],
    [0.422, 1],
    [1, 2],
    [75, 1],
    [100, 1],
    [75_000_000_000, 1],
  ]);
});

test('LogHistogram returns 0 for the percentile of nothing', () => {
  expect(new LogHistogram().percentileMs(50)).toBe(0);
});
