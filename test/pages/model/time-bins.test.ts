import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Verdict } from '../../../src/http/result.ts';
import { TimeBins } from '../../../src/pages/model/time-bins.ts';
import { sumOf, verdicts } from '../../../src/pages/model/verdicts.ts';

interface Entry {
  readonly from: number;
  readonly length: number;
  readonly verdict: Verdict;
}

const start = Date.parse('2026-01-01T00:00:00Z');

function binsOf(entries: readonly Entry[]): TimeBins {
  const bins = new TimeBins();
  for (const { from, length, verdict } of entries) bins.add(start + from, length, verdict);
  return bins;
}

const anyEntry = fc.record({
  from: fc.oneof(fc.integer({ min: 0, max: 2000 }), fc.integer({ min: -1e6, max: 1e7 })),
  length: fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 4e6 })),
  verdict: fc.constantFrom(...verdicts),
});

test('TimeBins agree with a recount, in any order of requests', () => {
  fc.assert(
    fc.property(fc.array(anyEntry, { minLength: 1, maxLength: 60 }), (entries) => {
      const bins = binsOf(entries).bins();
      expect(bins.length).toBeLessThanOrEqual(1000);
      for (const { fromMs, toMs, ended, busyMs } of bins) {
        const inside = entries.filter(
          (one) => start + one.from + one.length >= fromMs && start + one.from + one.length < toMs,
        );
        for (const verdict of verdicts) {
          expect(ended[verdict]).toBe(inside.filter((one) => one.verdict === verdict).length);
        }
        const busy = entries.reduce((sum, { from, length }) => {
          return sum + Math.max(0, Math.min(start + from + length, toMs) - Math.max(start + from, fromMs));
        }, 0);
        expect(busyMs).toBeCloseTo(busy, 3);
      }
    }),
  );
});

test('TimeBins lose no request and leave no gaps', () => {
  fc.assert(
    fc.property(fc.array(anyEntry, { minLength: 1, maxLength: 60 }), (entries) => {
      const bins = binsOf(entries).bins();
      expect(bins.reduce((sum, { ended }) => sum + sumOf(ended), 0)).toBe(entries.length);
      const busy = bins.reduce((sum, { busyMs }) => sum + busyMs, 0);
      expect(busy).toBeCloseTo(
        entries.reduce((sum, { length }) => sum + length, 0),
        3,
      );
      for (const [at, { toMs }] of bins.slice(0, -1).entries()) expect(bins[at + 1]!.fromMs).toBe(toMs);
    }),
  );
});

test.each([
  [100, 1],
  [999, 1],
  [1001, 5],
  [60_000, 100],
  [3_600_000, 5000],
  [864e5 * 400, 864e5],
])('a run of %d ms gets TimeBins of %d ms', (length, width) => {
  const bins = binsOf([
    { from: 0, length: 0, verdict: 'ok' },
    { from: length, length: 0, verdict: 'ok' },
  ]);
  expect(bins.widthMs).toBe(width);
});
