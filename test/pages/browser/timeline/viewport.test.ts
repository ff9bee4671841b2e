import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lengthOf, moved, showing, wholeRun, zoomed } from '../../../../src/pages/browser/timeline/viewport.ts';

const whole = wholeRun(10_000);

test('wholeRun() leaves a little space on both sides, even for a run that took no time', () => {
  expect(whole).toEqual({ fromMs: -100, toMs: 10_100 });
  expect(lengthOf(wholeRun(0))).toBeGreaterThan(1);
});

test('zoomed() keeps the time under the pointer in place', () => {
  const half = zoomed(whole, 0.5, 0.25, whole);
  expect(lengthOf(half)).toBeCloseTo(lengthOf(whole) / 2);
  expect(half.fromMs + 0.25 * lengthOf(half)).toBeCloseTo(whole.fromMs + 0.25 * lengthOf(whole));
});

test('zoomed() shows at most the whole run and at least 0.01 ms', () => {
  expect(zoomed(whole, 3, 0.5, whole)).toEqual(whole);
  expect(lengthOf(zoomed(whole, 1e-12, 0.5, whole))).toBeCloseTo(0.01);
});

test('moved() and zoomed() never leave the run', () => {
  const step = fc.record({
    factor: fc.double({ min: 0.1, max: 5, noNaN: true }),
    share: fc.double({ min: -3, max: 3, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      let viewport = whole;
      for (const { factor, share } of steps) {
        viewport = moved(zoomed(viewport, factor, 0.3, whole), share, whole);
        expect(viewport.fromMs).toBeGreaterThanOrEqual(whole.fromMs - 1e-6);
        expect(viewport.toMs).toBeLessThanOrEqual(whole.toMs + 1e-6);
        expect(lengthOf(viewport)).toBeGreaterThan(0);
      }
    }),
  );
});

test.each([
  ['stays in place if the period is on the screen', 4200, 4300, { fromMs: 4000, toMs: 5000 }],
  ['centres the period', 6000, 6100, { fromMs: 5550, toMs: 6550 }],
  ['shows the start of a period that is too long', 7000, 9900, { fromMs: 6900, toMs: 7900 }],
])('showing() %s', (_, from, to, expected) => {
  expect(showing({ fromMs: 4000, toMs: 5000 }, from, to, whole)).toEqual(expected);
});
