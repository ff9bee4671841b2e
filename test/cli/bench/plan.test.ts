import { expect, test } from 'vitest';
import { benchFlags, readBenchPlan } from '../../../cli/bench/plan.ts';
import { benchHelp } from '../../../cli/help.ts';

test.each([
  [[], [1, 8, 32], 96],
  [['--levels', '8'], [1, 8], 96],
  [['--levels', '64,1,4,64'], [1, 4, 64], 128],
  [['--levels', '1'], [1], 96],
  [['--levels=2', '--requests=2'], [1, 2], 2],
])('readBenchPlan() of %j', (argv, levels, requests) => {
  expect(readBenchPlan(argv)).toMatchObject({ levels, requests, rounds: 3, perHost: undefined });
});

test('benchHelp names every flag, with its letter', () => {
  for (const [name, flag] of Object.entries(benchFlags)) {
    expect(benchHelp).toContain(`${'short' in flag ? `-${flag.short}, ` : ''}--${name}`);
  }
});

test('benchHelp names no flag that there is not, and fits a terminal', () => {
  for (const [, name] of benchHelp.matchAll(/--([a-z][\w-]*)/g)) expect(Object.keys(benchFlags)).toContain(name);
  for (const line of benchHelp.split('\n')) expect(line.length, line).toBeLessThanOrEqual(96);
});
