import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { shellCli } from '../helpers/process/cli.ts';
import { runShell, type Ended } from '../helpers/process/module.ts';
import { hasTool } from '../helpers/process/tools.ts';
import { serve, type ScriptedServer } from '../helpers/servers/serve.ts';

let server: ScriptedServer;
let directory: string;

/** A site with a sitemap, that answers every other request with 200. */
beforeAll(async () => {
  server = await serve((response, { path, body }) => {
    if (path === '/robots.txt') response.end(`Sitemap: ${server.url}/map.xml\n`);
    else if (path === '/map.xml') response.end(`<urlset><url><loc>${server.url}/a</loc></url></urlset>`);
    else response.end(body);
  });
});
afterAll(() => server[Symbol.asyncDispose]());

/** Returns the shell commands of a page, block by block. */
function blocksOf(page: string): string[] {
  const text = readFileSync(new URL(`../../docs/${page}`, import.meta.url), 'utf8');
  return [...text.matchAll(/```sh\n([^]*?)```/g)].map(([, commands = '']) => commands.trim());
}

/** Makes a directory with every file that the commands name. */
function prepare(block: string): void {
  directory = mkdtempSync(join(tmpdir(), 'fetchmany-docs-'));
  const { url } = server;
  const urls = `${url}/1\n${url}/2\n${url}/2\n`;
  const record = { index: 0, url, method: 'GET', kind: 'failure', ok: false, length: 0, elapsedMs: 1, attempts: 1 };
  const error = { code: 'TIMEOUT', message: 'No response', retryable: true };
  const har = { log: { entries: [{ request: { method: 'GET', url: `${url}/har`, headers: [] } }] } };
  const files: Readonly<Record<string, string | Uint8Array>> = {
    'urls.txt': urls,
    'urls.txt.gz': gzipSync(urls),
    'smoke.txt': urls,
    'files.txt': urls,
    'ids.txt': urls,
    'yesterday.jsonl': `${JSON.stringify({ ...record, error })}\n`,
    'people.csv': `name,url\n"Smith, Ann",${url}/ann\nBob,${url}/bob\n`,
    'ids.csv': 'id,team\n7,blue\na/b,red\n',
    'requests.jsonl': `${JSON.stringify({ url: `${url}/items`, json: { id: 7 } })}\n`,
    'token.txt': 'abc\n',
    'headers.txt': 'X-Key: abc\n',
    'login.txt': 'user=me&password=abc',
    'page.har': JSON.stringify(har),
    'commands.sh': `curl '${url}/curl' -H 'accept: */*'\n`,
    ...(block.startsWith('fetchmany report') && { 'results.jsonl': `${JSON.stringify({ ...record, error })}\n` }),
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(directory, name), content);
}

/** Runs the commands of a block as a reader would, with the test's server in place of example.com. */
async function run(block: string): Promise<Ended> {
  prepare(block);
  const commands = block.replaceAll(/https:\/\/example\.com(?=[/'" ]|$)/gm, server.url);
  return runShell(`set -e; fetchmany() { ${shellCli} "$@"; }; TOKEN=t; cd '${directory}'\n${commands}`);
}

describe.each(['recipes.md', 'lists.md', 'identity.md'])('docs/%s', (page) => {
  const blocks = blocksOf(page);

  test('has commands', () => {
    expect(blocks.length).toBeGreaterThanOrEqual(3);
  });

  test.for(blocks)('%s', async (block, { skip }) => {
    if (block.includes('jq ') && !hasTool('jq')) skip();
    const { code, stderr } = await run(block);
    expect(stderr).not.toContain('unknown option');
    // diff exits 1 if it finds differences.
    expect(block.includes('fetchmany diff') ? [0, 1] : [0], stderr).toContain(code);
  });
});

/** Finds the block of a page that has a text. */
function blockWith(text: string): string {
  const block = [...blocksOf('recipes.md'), ...blocksOf('lists.md')].find((commands) => commands.includes(text));
  expect(block, text).toBeDefined();
  return block!;
}

test('the status is added to a table', async () => {
  await run(blockWith('-o checked.csv'));
  const table = parse(readFileSync(join(directory, 'checked.csv')));
  const status = table[0]!.indexOf('status');
  expect(table.map((row) => [row[0], row[status]])).toEqual([
    ['name', 'status'],
    ['Smith, Ann', '200'],
    ['Bob', '200'],
  ]);
});

test('an API is called once for each id, with the token', async () => {
  const before = server.requests.length;
  await run(blockWith('--rate 50/s'));
  const seen = server.requests.slice(before);
  expect(seen.map(({ path, headers }) => [path, headers.authorization])).toEqual([
    ['/items/7', 'Bearer t'],
    ['/items/a%2Fb', 'Bearer t'],
  ]);
});

test('each URL gets its own body', async () => {
  const before = server.requests.length;
  await run(blockWith('requests.jsonl'));
  const bodies = server.requests.slice(before).map(({ method, body }) => `${method} ${body.toString()}`);
  expect(bodies.sort()).toEqual(['POST {"id":"7"}', 'POST {"id":"a/b"}', 'POST {"id":7}']);
});

test('a site is checked from its sitemap', async () => {
  const before = server.requests.length;
  await run(blockWith('-o site.jsonl'));
  expect(server.requests.slice(before).map(({ method, path }) => `${method} ${path}`)).toEqual([
    'GET /robots.txt',
    'GET /map.xml',
    'HEAD /a',
  ]);
});
