import { expect, test } from 'vitest';
import { choose, type Choice } from '../../../cli/bench/choice.ts';
import type { LevelFigures } from '../../../cli/bench/level-figures.ts';

type Short = readonly [level: number, perSecond: number, more?: { p99Ms?: number; cpuShare?: number; errors?: number }];

function figures(levels: readonly Short[]): LevelFigures[] {
  const first = levels[0]![1];
  return levels.map(([level, speed, { p99Ms = 100, cpuShare = 0.1, errors = 0 } = {}]) => ({
    level,
    perSecond: { median: speed, least: speed, most: speed },
    speedUp: speed / first,
    p50Ms: 50,
    p90Ms: 80,
    p99Ms,
    cpuShare,
    ok: speed === 0 ? 0 : 100,
    errors: errors === 0 ? {} : { 503: errors },
  }));
}

test.each<[name: string, levels: readonly Short[], choice: Choice | undefined, maxInFlight?: number]>([
  [
    'the highest level while throughput grows',
    [
      [1, 10],
      [8, 79],
      [32, 300],
    ],
    { level: 32, bound: 'level' },
  ],
  [
    'the lowest level within 5%',
    [
      [1, 10],
      [8, 76],
      [32, 80],
    ],
    { level: 8, bound: 'server' },
  ],
  [
    'no level with more than three times the p99',
    [
      [1, 10],
      [8, 50],
      [32, 80, { p99Ms: 301 }],
    ],
    { level: 8, bound: 'server' },
  ],
  [
    'a level up to 50 ms slower, if three times the p99 is less',
    [
      [1, 10, { p99Ms: 1 }],
      [8, 50, { p99Ms: 50 }],
    ],
    { level: 8, bound: 'server' },
  ],
  [
    'no level that fails more often',
    [
      [1, 10],
      [8, 50, { errors: 1 }],
      [32, 80, { errors: 3 }],
    ],
    { level: 8, bound: 'server' },
  ],
  [
    'level 1 if nothing is faster',
    [
      [1, 10],
      [8, 9],
    ],
    { level: 1, bound: 'server' },
  ],
  ['level 1 if there is no other', [[1, 10]], { level: 1, bound: 'level' }],
  [
    'a level limited by the CPU of this process',
    [
      [1, 10],
      [8, 30, { cpuShare: 0.98 }],
    ],
    { level: 8, bound: 'client-cpu' },
  ],
  [
    'a level limited by --per-host',
    [
      [1, 10],
      [8, 39],
      [32, 40],
    ],
    { level: 8, bound: 'per-host' },
    4,
  ],
  [
    'a level that works if level 1 does not',
    [
      [1, 0, { errors: 100 }],
      [8, 30, { errors: 50 }],
    ],
    { level: 8, bound: 'level' },
  ],
  [
    'nothing if no request succeeds',
    [
      [1, 0, { errors: 100 }],
      [8, 0, { errors: 100 }],
    ],
    undefined,
  ],
])('choose() chooses %s', (_, levels, choice, maxInFlight = Infinity) => {
  expect(choose(figures(levels), maxInFlight)).toEqual(choice);
});
