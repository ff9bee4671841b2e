import { expect, test } from 'vitest';
import { roundSteps, timeLabel, timeTicks } from '../../src/pages/ticks.ts';

test.each([
  [10, 3, [0, 5, 10]],
  [0, 3, [0, 1]],
  [7, 3, [0, 5, 10]],
  [1, 3, [0, 0.5, 1]],
  [950, 3, [0, 500, 1000]],
  [0.3, 3, [0, 0.1, 0.2, 0.3]],
])('roundSteps() up to %d in about %d steps', (max, about, expected) => {
  expect(roundSteps(max, about).map((step) => Number(step.toFixed(9)))).toEqual(expected);
});

test.each([
  [0, 1, '0'],
  [0.5, 0.1, '0.5 ms'],
  [350, 50, '350 ms'],
  [1000, 500, '1 s'],
  [1250, 50, '1.25 s'],
  [12_000, 1000, '12 s'],
  [200_000, 10_000, '3 min 20 s'],
  [180_000, 60_000, '3 min'],
  [7_200_000, 3_600_000, '2 h'],
  [90_061_000, 1000, '1 d 1 h 1 min 1 s'],
  [-20, 10, '-20 ms'],
  [12_000.4, 0.1, '12.0004 s'],
])('timeLabel() formats %d ms for marks %d ms apart', (ms, stepMs, expected) => {
  expect(timeLabel(ms, stepMs)).toBe(expected);
});

test.each([
  [0, 1000, 5, ['0', '200 ms', '400 ms', '600 ms', '800 ms', '1 s']],
  [0, 12_300, 5, ['0', '5 s', '10 s']],
  [0, 218_000, 8, ['0', '30 s', '1 min', '1 min 30 s', '2 min', '2 min 30 s', '3 min', '3 min 30 s']],
  [1990, 2010, 4, ['1.99 s', '1.995 s', '2 s', '2.005 s', '2.01 s']],
  [0, 864e6, 5, ['0', '2 d', '4 d', '6 d', '8 d', '10 d']],
  [5, 5, 5, ['5 ms']],
])('timeTicks() from %d to %d ms', (from, to, max, expected) => {
  const ticks = timeTicks(from, to, max);
  expect(ticks.map(({ text }) => text)).toEqual(expected);
  for (const { at } of ticks) expect(at).toSatisfy((number: number) => number >= 0 && number <= 1);
});
