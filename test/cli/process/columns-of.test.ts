import { expect, test } from 'vitest';
import { columnsOf } from '../../../cli/process/columns-of.ts';
import { shellCli } from '../../helpers/process/cli.ts';
import { runShell } from '../../helpers/process/module.ts';
import { respond, serve } from '../../helpers/servers/serve.ts';

test.each([
  [{ isTTY: true, columns: 132 }, 132],
  [{ isTTY: true, columns: 0 }, 80],
  [{ isTTY: true }, 80],
  [{ columns: 132 }, undefined],
  [{}, undefined],
])('columnsOf(%j) is %j', (stream, columns) => {
  expect(columnsOf(stream)).toBe(columns);
});

test('a terminal that reports 0 columns gets the summary of one that has 80', async () => {
  await using server = await serve(respond(200));
  const summaryAt = async (columns: number): Promise<string[]> => {
    const command = `stty cols ${columns}; ${shellCli} --no-progress ${server.url}/`;
    const { stdout } = await runShell(`script -qec "${command}" /dev/null < /dev/null`);
    return stdout.split('\r\n').map((line) => line.replaceAll(/[\d.,]+/g, '0'));
  };
  const lines = await summaryAt(0);
  expect(lines).toContainEqual(expect.stringMatching(/^0 URL in 0 m?s: 0 ok$/));
  expect(lines).toHaveLength((await summaryAt(80)).length);
});
