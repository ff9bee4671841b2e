import { expect, test } from 'vitest';
import { elasticity, Level } from '../../src/scheduling/level.ts';

function level(limit: number, times: readonly number[], bad = 0): Level {
  const made = new Level(limit);
  for (const [at, ms] of times.entries()) made.add(ms, at < bad);
  return made;
}

const many = (ms: number): number[] => Array.from({ length: 100 }, () => ms);

test.each<[name: string, lower: Level, upper: Level, elasticity: number]>([
  ['0 where more requests cost nothing', level(10, many(50)), level(20, many(50)), 0],
  ['1 where twice as many take twice as long', level(10, many(50)), level(20, many(100)), 1],
  ['2 where the server serves half as many', level(10, many(50)), level(20, many(200)), 2],
  ['3 where half of the answers become bad', level(10, many(50)), level(20, many(50), 50), 3],
  ['0 where as many are bad as before', level(10, many(50), 10), level(20, many(50), 10), 0],
])('elasticity() is %s', (_, lower, upper, value) => {
  expect(elasticity(lower, upper).value).toBeCloseTo(value, 10);
});

test('elasticity() is unsure of few answers that differ', () => {
  const few = elasticity(level(10, [10, 90]), level(20, [20, 80]));
  const enough = elasticity(level(10, many(50)), level(20, many(50)));
  expect(few.error).toBeGreaterThan(0.5);
  expect(enough.error).toBe(0);
});

test('a level without a good answer, or without any time, has a price', () => {
  expect(level(10, many(50), 100).price).toBe(50 * 200 ** 3);
  expect(level(10, many(0)).price).toBeGreaterThan(0);
  expect(level(10, many(0)).error).toBe(0);
});
