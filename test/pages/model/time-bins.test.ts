import fc from 'fast-check';
import { expect, test } from 'vitest';
import { verdicts, sumOf } from '../../../src/pages/model/outcome.ts';
import { TimeBins } from '../../../src/pages/model/time-bins.ts';

interface Entry {
  readonly from: number;
  readonly length: number;
  readonly outcome: (typeof verdicts)[number];
}

const start = Date.parse('2026-01-01T00:00:00Z');

function binsOf(entries: readonly Entry[]): TimeBins {
  const bins = new TimeBins();
  for (const { from, length, outcome } of entries) bins.add(start + from, length, outcome);
  return bins;
}

const anyEntry = fc.record({
  from: fc.oneof(fc.integer({ min: 0, max: 2000 }), fc.integer({ min: -1e6, max: 1e7 })),
  length: fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 4e6 })),
  outcome: fc.constantFrom(...verdicts),
});

test('TimeBins agree with a recount, whatever came in whatever order', () => {
  fc.assert(
    fc.property(fc.array(anyEntry, { minLength: 1, maxLength: 60 }), (entries) => {
      const bins = binsOf(entries).bins();
      expect(bins.length).toBeLessThanOrEqual(1000);
      for (const { fromMs, toMs, ended, busyMs } of bins) {
        const inside = entries.filter(
          (one) => start + one.from + one.length >= fromMs && start + one.from + one.length < toMs,
        );
        for (const outcome of verdicts) {
          expect(ended[outcome]).toBe(inside.filter((one) => one.outcome === outcome).length);
        }
        const busy = entries.reduce((sum, { from, length }) => {
          return sum + Math.max(0, Math.min(start + from + length, toMs) - Math.max(start + from, fromMs));
        }, 0);
        expect(busyMs).toBeCloseTo(busy, 3);
      }
    }),
  );
});

test('TimeBins lose nothing, and follow each other without a gap', () => {
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
])('TimeBins of a run of %d ms are %d ms long', (length, width) => {
  const bins = binsOf([
    { from: 0, length: 0, outcome: 'ok' },
    { from: length, length: 0, outcome: 'ok' },
  ]);
  expect(bins.widthMs).toBe(width);
});
