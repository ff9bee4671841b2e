import { expect, test } from 'vitest';
import { runCli } from '../../helpers/process/cli.ts';

test('fetchmany demo fetches sequentially and concurrently, and prints each row and the speed-up', async () => {
  const { code, stdout, stderr } = await runCli(['demo']);
  expect([code, stderr]).toEqual([0, '']);
  const paths = [...stdout.matchAll(/^ {2}200 .*\/delay\/(\d)$/gm)].map(([, seconds]) => seconds);
  expect(paths).toHaveLength(10);
  expect(paths.slice(0, 5)).toEqual(['1', '2', '1', '2', '1']);
  expect(paths.slice(5)).toEqual(['1', '1', '1', '2', '2']);
  const [oneByOne, together] = [...stdout.matchAll(/total (\d+\.\d+)s/g)].map(([, seconds]) => Number(seconds));
  expect(oneByOne).toBeGreaterThan(6.9);
  expect(together).toBeLessThan(oneByOne! / 2);
  expect(stdout).toMatch(/\d\.\dx faster/);
  expect(stdout.trimEnd()).toMatch(/ -i urls\.txt$/);
  for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
});
