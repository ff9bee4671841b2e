import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startServer, type TestServer } from '../../cli/server/server.ts';
import { shellCli } from '../helpers/process/cli.ts';
import { runShell } from '../helpers/process/module.ts';
import { hasTool } from '../helpers/process/tools.ts';
import { comparable } from './comparable.ts';
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

/** Leaves out what differs from run to run, and the scheme, which is another one here. */
function told(output: string): string[] {
  return comparable(output.replaceAll(server.url, 'https://example.com').replaceAll('https://', ''));
}

describe.skipIf(!hasTool('jq'))('the transcripts of the documentation', () => {
  test.each(transcripts)('$place prints what it says', async ({ code }) => {
    for (const { command, output } of stepsOf(code)) {
      const shell = `fetchmany() { ${shellCli} "$@"; }; cd '${directory}'; ${localized(command)}`;
      // Rows come through `cat` and the summary does not, so that on one stream either may be first.
      const { stdout, stderr } = await runShell(shell);
      expect(told(stdout + stderr), command).toEqual(told(output));
    }
  });

  test('there are some', () => {
    expect(transcripts.length).toBeGreaterThanOrEqual(3);
  });
});
