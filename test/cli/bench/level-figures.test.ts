import { expect, test } from 'vitest';
import { levelFigures, median, type LevelRecord } from '../../../cli/bench/level-figures.ts';
import { createStats } from '../../../src/stats/stats.ts';

test.each([
  [[3], 3],
  [[9, 1], 5],
  [[9, 1, 2], 2],
  [[4, 1, 3, 9], 3.5],
  [[], Number.NaN],
])('median(%j) is %d', (figures, expected) => {
  expect(median(figures)).toBe(expected);
});

function recordOf(level: number, ...okPerSecond: readonly number[]): LevelRecord {
  const rounds = okPerSecond.map((ok) => ({ ok, wallMs: 1000, cpuMs: 100 }));
  return { level, rounds, stats: createStats(), errors: new Map() };
}

test('the speed-up is the ratio of the throughputs beside it', () => {
  const first = recordOf(1, 500, 2132);
  const figures = levelFigures(recordOf(32, 3971, 3971), first);
  expect(figures).toMatchObject({ perSecond: { median: 3971 }, spread: 0, speedUp: 3971 / 1316 });
  expect(levelFigures(first, first)).toMatchObject({ perSecond: { median: 1316, least: 500, most: 2132 }, speedUp: 1 });
});

test('a single round has no spread', () => {
  const first = recordOf(1, 100);
  expect(levelFigures(first, first).spread).toBeNull();
});
