import { expect, test } from 'vitest';
import { readBenchPlan } from '../../../cli/bench/bench-plan.ts';

test.each([
  [[], [1, 8, 32], 96],
  [['--levels', '8'], [1, 8], 96],
  [['--levels', '64,1,4,64'], [1, 4, 64], 128],
  [['--levels', '1'], [1], 96],
  [['--levels=2', '--requests=2'], [1, 2], 2],
])('readBenchPlan(%j)', (argv, levels, requests) => {
  expect(readBenchPlan(argv)).toMatchObject({ levels, requests, rounds: 3, perHost: undefined });
});
