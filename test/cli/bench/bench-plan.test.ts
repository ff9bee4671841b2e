import { expect, test } from 'vitest';
import { fitPlan, readBenchPlan, type BenchPlan } from '../../../cli/bench/bench-plan.ts';

test.each([
  [[], [1, 8, 32], 96],
  [['--levels', '8'], [1, 8], 96],
  [['--levels', '64,1,4,64'], [1, 4, 64], 128],
  [['--levels', '1'], [1], 96],
  [['--levels=2', '--requests=2'], [1, 2], 2],
  [['--once', '-i', 'urls.txt'], [1, 50], Infinity],
])('readBenchPlan(%j)', (argv, levels, requests) => {
  const rounds = argv.includes('--once') ? 1 : 3;
  expect(readBenchPlan(argv)).toMatchObject({ levels, requests, rounds, perHost: undefined });
});

test.each([
  [['--requests', '30'], 30, [1, 8], 30],
  [['--requests', '30'], 1, [1, 8], 30],
  [[], 5, [1, 8, 32], 96],
  [['--once', 'example.com'], 20, [1, 20], 20],
  [['--once', 'example.com', '--levels', '8,16,32'], 20, [1, 8, 16, 20], 20],
])('fitPlan(%j) for a list of %i URLs has no level that a round cannot fill', (argv, length, levels, requests) => {
  expect(fitPlan(readBenchPlan(argv) as BenchPlan, length)).toMatchObject({ levels, requests });
});
