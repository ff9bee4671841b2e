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

test.each<[what: string, levels: readonly Short[], choice: Choice | undefined, mostInFlight?: number]>([
  [
    'the highest while it grows',
    [
      [1, 10],
      [8, 79],
      [32, 300],
    ],
    { level: 32, bound: 'level' },
  ],
  [
    'the smallest within 5%',
    [
      [1, 10],
      [8, 76],
      [32, 80],
    ],
    { level: 8, bound: 'server' },
  ],
  [
    'not what makes p99 more than three times as long',
    [
      [1, 10],
      [8, 50],
      [32, 80, { p99Ms: 301 }],
    ],
    { level: 8, bound: 'server' },
  ],
  [
    '50 ms more, where three times is nothing',
    [
      [1, 10, { p99Ms: 1 }],
      [8, 50, { p99Ms: 50 }],
    ],
    { level: 8, bound: 'server' },
  ],
  [
    'not what fails more often',
    [
      [1, 10],
      [8, 50, { errors: 1 }],
      [32, 80, { errors: 3 }],
    ],
    { level: 8, bound: 'server' },
  ],
  [
    'one by one, if nothing is better',
    [
      [1, 10],
      [8, 9],
    ],
    { level: 1, bound: 'server' },
  ],
  ['one by one alone', [[1, 10]], { level: 1, bound: 'level' }],
  [
    'bound by our own CPU',
    [
      [1, 10],
      [8, 30, { cpuShare: 0.98 }],
    ],
    { level: 8, bound: 'client-cpu' },
  ],
  [
    'bound by our own limit',
    [
      [1, 10],
      [8, 39],
      [32, 40],
    ],
    { level: 8, bound: 'per-host' },
    4,
  ],
  [
    'something that works, where one by one does not',
    [
      [1, 0, { errors: 100 }],
      [8, 30, { errors: 50 }],
    ],
    { level: 8, bound: 'level' },
  ],
  [
    'nothing, where nothing is ok',
    [
      [1, 0, { errors: 100 }],
      [8, 0, { errors: 100 }],
    ],
    undefined,
  ],
])('choose() takes %s', (_, levels, choice, mostInFlight = Infinity) => {
  expect(choose(figures(levels), mostInFlight)).toEqual(choice);
});
