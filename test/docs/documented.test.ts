import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startServer, type TestServer } from '../../cli/server/server.ts';
import { shellCli } from '../helpers/process/cli.ts';
import { ended, type Ended } from '../helpers/process/module.ts';
import { hasTool } from '../helpers/process/tools.ts';
import { codeBlocksOf, type CodeBlock } from './documented.ts';

const pages = [
  'README.md',
  'docs/recipes.md',
  'docs/library.md',
  'docs/coming-from.md',
  'docs/asyncio.md',
  'docs/resume.md',
  'docs/reports.md',
];
const blocks = pages.flatMap(codeBlocksOf);
const index = new URL('../../src/index.ts', import.meta.url).href;

let server: TestServer;
let directory: string;
let recordedAt: string;

beforeAll(async () => {
  server = await startServer();
  directory = mkdtempSync(join(tmpdir(), 'fetchmany-docs-'));
  recordedAt = makeWorkplace();
  await run('bash', ['-c', `${shellCli} -q -i urls.txt -o results.jsonl`], recordedAt);
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true });
});

/** Makes a directory with the files that the documentation takes for granted. */
function makeWorkplace(): string {
  const place = mkdtempSync(join(directory, 'at-'));
  const urls = ['/get', '/status/404', '/bytes/100'].map((path) => `${server.url}${path}\n`).join('');
  for (const name of ['urls.txt', 'smoke.txt']) writeFileSync(join(place, name), urls);
  writeFileSync(join(place, 'urls.txt.gz'), gzipSync(urls));
  return place;
}

/** Replaces the hosts of the documentation by the embedded server. */
function localized(code: string): string {
  return code.replaceAll(/https:\/\/(?:api\.)?example\.(?:com|org)/g, server.url);
}

function run(command: string, args: readonly string[], cwd: string): Promise<Ended> {
  const child = spawn(command, args, { cwd, stdio: 'pipe', env: { ...process.env, TOKEN: 'a-token' } });
  child.stdin.end();
  return ended(child);
}

/** Returns the commands of a block without their comments. Installing is not for a test, and curl needs the network. */
function commandsOf({ code }: CodeBlock): string[] {
  return code
    .split('\n')
    .map((line) => line.replace(/ +#.*$/, '').trim())
    .filter((line) => /^fetchmany\b/.test(line) || /\| fetchmany\b/.test(line));
}

/** These pages have commands with lists of their own, which `commands.test.ts` runs. */
const shellBlocks = blocks.filter(
  (block) =>
    block.language === 'sh' && !/^docs\/(?:recipes|coming-from)\.md/.test(block.place) && commandsOf(block).length > 0,
);

describe.skipIf(!hasTool('jq'))('the commands of the documentation', () => {
  test.each(shellBlocks)('$place run', { timeout: 60_000 }, async (block) => {
    const place = makeWorkplace();
    // Reports need a recorded run.
    copyFileSync(join(recordedAt, 'results.jsonl'), join(place, 'results.jsonl'));
    const shims = `fetchmany() { ${shellCli} "$@"; }; curl() { echo '<loc>${server.url}/xml</loc>'; };`;
    for (const command of commandsOf(block)) {
      // A block may write the file that this test recorded before.
      if (/-o results\.jsonl(?!.*--resume)/.test(command)) rmSync(join(place, 'results.jsonl'), { force: true });
      const quick = command.replace(/^fetchmany bench(?!.*--once).*/, '$& --repeat 1 --levels 2 --requests 4');
      const { code, stderr } = await run('bash', ['-c', `set -o pipefail; ${shims} ${localized(quick)}`], place);
      expect([0, 1], `${command}\n${stderr}`).toContain(code);
      expect(stderr, command).not.toMatch(/Cannot|unknown|internal error|must be/);
    }
  });
});

const programs = blocks.filter(({ language }) => language === 'ts');
/**
 * True where Node can run `await using`; elsewhere the programs declare constants, and the process ends without a
 * close.
 */
const hasUsing = Number(process.versions.node.split('.')[0]) >= 24;

/** Makes a program of a snippet: the names it takes for granted are declared before it, unless it declares them. */
function programOf({ code }: CodeBlock): string {
  const imports = (code.match(/^import .*$/gm) ?? []).map((line) =>
    line.replace(
      /'fetchmany(?:\/(\w+))?'/,
      (_, entry = 'index') => `'${new URL(`../../src/${entry}.ts`, import.meta.url).href}'`,
    ),
  );
  const rest = localized(code.replaceAll(/^import .*$\n?/gm, ''));
  const needsFetcher = !/using fetcher/.test(rest) && /fetcher\./.test(rest);
  return [
    ...imports,
    ...(needsFetcher ? [`import { createFetcher } from '${index}';`, 'const fetcher = createFetcher();'] : []),
    `const urls = ['${server.url}/json', '${server.url}/status/404', 'nonsense'];`,
    'const use = (_: unknown): void => undefined;',
    'const [loadUser, loadPosts] = [(_: AbortSignal) => ({ name: "Ann" }), async (_: AbortSignal) => ["a post"]];',
    'const jobs = [() => 1, async () => 2];',
    '{',
    hasUsing ? rest : rest.replaceAll('await using ', 'const '),
    '}',
    'void [urls, use, loadUser, loadPosts, jobs];',
    "console.log('came to its end');",
  ].join('\n');
}

describe('the programs of the documentation', () => {
  test.each(programs)('$place runs', async (block) => {
    const place = makeWorkplace();
    mkdirSync(join(place, 'program'));
    writeFileSync(join(place, 'program', 'main.ts'), programOf(block));
    const { code, stdout, stderr } = await run(process.execPath, ['--no-warnings', 'program/main.ts'], place);
    expect(stderr).not.toMatch(/(?:Type|Reference|Syntax)Error/);
    expect([code, stdout.trimEnd().split('\n').at(-1)]).toEqual([0, 'came to its end']);
  });

  test('each page has code to run', () => {
    for (const page of pages) expect(blocks.some(({ place }) => place.startsWith(page))).toBe(true);
    expect([shellBlocks.length, programs.length].every((count) => count >= 4)).toBe(true);
  });
});
