import { expect, test } from 'vitest';
import { choose, type Choice } from '../../../cli/bench/choice.ts';
import type { LevelFigures } from '../../../cli/bench/level-figures.ts';

interface More {
  readonly p99Ms?: number;
  readonly cpuShare?: number;
  readonly errors?: number;
  readonly spread?: number;
}
type Short = readonly [level: number, perSecond: number, more?: More];

function figures(levels: readonly Short[]): LevelFigures[] {
  const first = levels[0]![1];
  return levels.map(([level, speed, { p99Ms = 100, cpuShare = 0.1, errors = 0, spread = 0 } = {}]) => ({
    level,
    perSecond: { median: speed, least: speed * (1 - spread / 2), most: speed * (1 + spread / 2) },
    spread,
    wallMs: 1000,
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
    'nothing if the rounds of the best level differ by more than 30%',
    [
      [1, 10],
      [8, 79],
      [32, 300, { spread: 0.31 }],
    ],
    undefined,
  ],
  [
    'nothing if another level may be as good as the best, but differs too much to tell',
    [
      [1, 10],
      [8, 200, { spread: 0.9 }],
      [32, 300],
    ],
    undefined,
  ],
  [
    'a level although a hopeless one is noisy',
    [
      [1, 10, { spread: 2 }],
      [8, 79],
      [32, 300, { spread: 0.3 }],
    ],
    { level: 32, bound: 'level' },
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
