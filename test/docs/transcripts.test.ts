import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startServer, type TestServer } from '../../cli/server/server.ts';
import { shellCli } from '../helpers/process/cli.ts';
import { runShell } from '../helpers/process/module.ts';
import { hasTool } from '../helpers/process/tools.ts';
import { codeBlocksOf } from './documented.ts';

const pages = ['README.md', 'docs/recipes.md', 'docs/reports.md'];
const transcripts = pages.flatMap(codeBlocksOf).filter(({ language }) => language === 'console');

let server: TestServer;
let directory: string;
beforeAll(async () => {
  server = await startServer();
  directory = mkdtempSync(join(tmpdir(), 'fetchmany-transcripts-'));
  writeFileSync(join(directory, 'urls.txt'), localized('https://example.com/json\nhttps://example.com/status/404\n'));
  const people = 'name,url\nAnn,https://example.com/json\nBob,https://example.com/status/404\n';
  writeFileSync(join(directory, 'people.csv'), localized(people));
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true });
});

function localized(text: string): string {
  return text.replaceAll('https://example.com', server.url);
}

/** Splits a transcript into commands and what each prints. */
function stepsOf(code: string): { readonly command: string; readonly output: string }[] {
  return code
    .split(/^\$ /m)
    .slice(1)
    .map((step) => {
      const end = step.indexOf('\n');
      return { command: step.slice(0, end), output: step.slice(end + 1) };
    });
}

/** Replaces times, rates and ports, which differ from run to run, and leaves out lines that depend on the speed. */
function comparable(output: string): string[] {
  return output
    .replaceAll(server.url, 'https://example.com')
    .replaceAll('https://', '')
    .replaceAll(/\d+-\d+-\d+T[\d:.]+Z/g, 'TIME')
    .replaceAll(/"(\w+)":\d+\.\d+/g, '"$1":N')
    .replaceAll(/\b[\d,]+(?:\.\d+)?(?: (?:ms|s|min \d+ s)\b|s\b)/g, 'N s')
    .replaceAll(/\b[\d,]+(?:\.\d+)? (?:B|KB|MB)\/s/g, 'N B/s')
    .replaceAll(/\b[\d,]+(?:\.\d+)? URLs\/s/g, 'N URLs/s')
    .replaceAll(/ +/g, ' ')
    .split('\n')
    .filter((line) => line !== '' && !/^ (?:speed-up|bottleneck|slowest) /.test(line));
}

describe.skipIf(!hasTool('jq'))('the transcripts of the documentation', () => {
  test.each(transcripts)('$place prints what it says', { timeout: 60_000 }, async ({ code }) => {
    for (const { command, output } of stepsOf(code)) {
      const shell = `fetchmany() { ${shellCli} "$@"; }; cd '${directory}'; ${localized(command)}`;
      // Rows come through `cat` and the summary does not, so that on one stream either may be first.
      const { stdout, stderr } = await runShell(shell);
      expect(comparable(stdout + stderr), command).toEqual(comparable(output));
    }
  });

  test('there are some', () => {
    expect(transcripts.length).toBeGreaterThanOrEqual(3);
  });
});
