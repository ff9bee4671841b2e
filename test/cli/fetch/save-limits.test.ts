import { randomBytes, createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readRecordLines } from '../../helpers/read-record-lines.ts';
import { runCli, shellCli } from '../../helpers/process/cli.ts';
import { runShell } from '../../helpers/process/module.ts';
import { hasStrace } from '../../helpers/process/tools.ts';
import { respond, serve, type Reply } from '../../helpers/servers/serve.ts';
import { temporary } from '../../helpers/temporary.ts';

const { path, file } = temporary('save-limits');
const canTrace = hasStrace();
const echo: Reply = (response, { path: on }) => respond(200, {}, `body of ${on}`)(response, {} as never);

describe('--save', () => {
  test('saves thousands of URLs that all want one name', { timeout: 60_000 }, async () => {
    await using server = await serve(echo);
    const folder = path();
    const urls = Array.from({ length: 3000 }, (_, at) => `${server.url}/${at}/same`);
    const list = file(urls.join('\n'));
    const { code, stdout } = await runCli(['-i', list, '--save', folder, '--save-as', '{name}', '-j', '-q']);
    expect(code).toBe(0);
    expect(readdirSync(folder)).toHaveLength(3000);
    for (const { file: name, url } of readRecordLines(stdout).slice(0, 100)) {
      expect(readFileSync(join(folder, String(name)), 'utf8')).toBe(`body of ${new URL(String(url)).pathname}`);
    }
  });

  // The tests may run as root, for whom no folder is closed.
  test.skipIf(!canTrace)('fails what belongs into a folder that it may not enter, and nothing else', async () => {
    await using server = await serve(echo);
    const folder = path();
    const urls = ['/a/1', '/closed/2', '/b/3'].map((on) => server.url + on);
    const inject = `-P ${folder}/closed -e trace=mkdir -e inject=mkdir:error=EACCES`;
    const args = [...urls, '--save', folder, '--save-as', "'{path}'", '-j', '-q'];
    const { code, stdout } = await runShell(`strace -f -qq -o /dev/null ${inject} ${shellCli} ${args.join(' ')}`);
    expect(code).toBe(1);
    const records = readRecordLines(stdout);
    expect(records.map(({ file: name }) => name)).toEqual(['a/1', undefined, 'b/3']);
    expect(records[1]).toMatchObject({ kind: 'failure', error: { code: 'FILE_IO' } });
    expect(readdirSync(folder).sort()).toEqual(['a', 'b']);
  });

  test.skipIf(!canTrace)('waits for a slow disk with that body, and with no other', { timeout: 60_000 }, async () => {
    const body = randomBytes(20_000_000);
    let large: ServerResponse | undefined;
    let unsent = 0;
    await using server = await serve({
      '/large': (response) => {
        large = response.writeHead(200, { 'content-length': body.length });
        response.end(body);
      },
      '/small': (response, seen) => {
        unsent = large?.writableLength ?? 0;
        return echo(response, seen);
      },
    });
    const folder = path();
    const list = file(
      [`${server.url}/large`, ...Array.from({ length: 10 }, () => `${server.at('b.localhost')}/small`)].join('\n'),
    );
    const key = createHash('sha256').update(`GET\n${server.url}/large\n`).digest('hex').slice(0, 32);
    const inject = `-P ${folder}/.fetchmany/${key}.part -e trace=pwritev -e inject=pwritev:delay_enter=100000`;
    const args = [
      '-i',
      list,
      '--save',
      folder,
      '--save-as',
      "'{path}'",
      '-j',
      '-q',
      '--per-host',
      '1',
      '--idle-timeout',
      '10s',
    ];
    const { code, stdout } = await runShell(`strace -f -qq -o /dev/null ${inject} ${shellCli} ${args.join(' ')}`);
    expect(code).toBe(0);
    const urls = stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { url: string }).url);
    expect(urls.at(-1)).toBe(`${server.url}/large`);
    // The last of the others was asked for while the server still had most of the large one.
    expect(unsent).toBeGreaterThan(body.length / 4);
    expect(readFileSync(join(folder, 'large')).equals(body)).toBe(true);
  });

  test('goes on with a body that fell silent', async () => {
    const body = randomBytes(300_000);
    await using server = await serve([
      (response) => {
        response.writeHead(200, { etag: '"1"', 'content-length': body.length });
        response.write(body.subarray(0, 200_000));
      },
      (response, { headers }) => {
        const start = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1]);
        const range = `bytes ${start}-${body.length - 1}/${body.length}`;
        respond(206, { etag: '"1"', 'content-range': range }, body.subarray(start))(response, {} as never);
      },
    ]);
    const folder = path();
    const args = [`${server.url}/f`, '--save', folder, '--save-as', '{path}', '-j', '-q', '--idle-timeout', '1s'];
    const { code, stdout } = await runCli(args);
    expect(code).toBe(0);
    const [record] = readRecordLines(stdout);
    expect(record).toMatchObject({ length: body.length });
    // More attempts than two, on a machine that stood still for a second.
    expect(record!['resumedFrom']).toBeGreaterThanOrEqual(200_000);
    expect(server.requests.slice(0, 2).map(({ headers }) => headers['if-range'])).toEqual([undefined, '"1"']);
    expect(readFileSync(join(folder, 'f')).equals(body)).toBe(true);
  });

  test('reports a body that fell silent as BODY_TIMEOUT', async () => {
    await using server = await serve(
      (response) => void response.writeHead(200, { 'content-length': 10 }).write('half'),
    );
    const folder = path();
    const { code, stdout } = await runCli([
      `${server.url}/f`,
      '--save',
      folder,
      '-j',
      '-q',
      '--idle-timeout',
      '300ms',
      '--retries',
      '0',
    ]);
    expect(code).toBe(1);
    expect(readRecordLines(stdout)[0]).toMatchObject({ error: { code: 'BODY_TIMEOUT' } });
  });
});
