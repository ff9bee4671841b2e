import { expect, test } from 'vitest';
import { timeLeft, type Pace } from '../../../src/outputs/terminal/time-left.ts';

const pace: Pace = { left: 100, perSecond: 10, sinceLastMs: 100, pausedMs: 0 };

test.each<[name: string, change: Partial<Pace>, expected: number | undefined]>([
  ['follows the rate', {}, 10_000],
  ['is unknown without a rate', { perSecond: 0 }, undefined],
  ['is zero when nothing is left', { left: 0, sinceLastMs: 60_000 }, 0],
  ['is not negative', { left: -3 }, 0],
  ['lasts until the end of a pause', { pausedMs: 30_000 }, 30_000],
  ['is longer than a short pause', { pausedMs: 3000 }, 10_000],
  ['stands for the last request at first', { left: 1, sinceLastMs: 1900 }, 100],
  ['is unknown once the last request is overdue', { left: 1, sinceLastMs: 2100 }, undefined],
  ['stands while a record is not overdue', { left: 3, perSecond: 0.1, sinceLastMs: 29_000 }, 30_000],
  ['is unknown once all the rest is overdue', { left: 3, perSecond: 0.1, sinceLastMs: 31_000 }, undefined],
])('the time left %s', (_, change, expected) => {
  expect(timeLeft({ ...pace, ...change })).toBe(expected);
});
