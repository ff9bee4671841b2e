import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startServer, type TestServer } from '../../../cli/server/server.ts';
import { binPath, runCli, shellCli, startCli, untilSays } from '../../helpers/process/cli.ts';
import { ended, runShell, type Ended } from '../../helpers/process/module.ts';
import { respond, serve } from '../../helpers/servers/serve.ts';

const directory = mkdtempSync(join(tmpdir(), 'fetchmany-fetch-'));
let files = 0;
let server: TestServer;

beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

function file(content: string | Uint8Array, name = `list-${(files += 1)}.txt`): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

const local = (...paths: string[]): string[] => paths.map((path) => server.url + path);
const lines = (text: string): string[] => text.split('\n').slice(0, -1);

const inTerminal = (env: string, flags = ''): Promise<Ended> =>
  runShell(
    `TERM=xterm NO_COLOR= ${env} script -qec "${shellCli} ${flags} ${server.url}/status/200" /dev/null < /dev/null`,
  );

interface Row {
  readonly index: number;
  readonly url: string;
  readonly kind: string;
  readonly status?: number;
  readonly length?: number;
  readonly error?: { readonly code: string };
  readonly headers?: object;
}

const rows = ({ stdout }: Ended): Row[] => lines(stdout).map((line) => JSON.parse(line) as Row);
const byIndex = (run: Ended): Row[] => rows(run).sort((a, b) => a.index - b.index);
const codes = (run: Ended): (number | string | undefined)[] =>
  byIndex(run).map(({ status, error }) => status ?? error?.code);

describe('exit codes', () => {
  test('0 if everything is ok', async () => {
    const { code, stdout, stderr } = await runCli(local('/status/200', '/bytes/7'));
    expect(code).toBe(0);
    expect(lines(stdout)).toHaveLength(2);
    expect(stderr).toMatch(/^2 URLs in /);
  });

  test('1 if a status is unexpected or a request fails', async () => {
    expect((await runCli(local('/status/404'))).code).toBe(1);
    expect((await runCli(['nonsense'])).code).toBe(1);
    expect((await runCli(['--retries', '0', 'http://127.0.0.1:1/'])).code).toBe(1);
    expect((await runCli([...local('/status/404'), '--expect', '404'])).code).toBe(0);
    expect((await runCli([...local('/status/200'), '--expect', '404'])).code).toBe(1);
  });

  test('2 without URLs if standard input is a terminal', async () => {
    const terminal = await runShell(`script -qec "${shellCli}" /dev/null < /dev/null`);
    expect([terminal.code, terminal.stdout]).toEqual([2, expect.stringContaining('no URLs given')]);
  });

  test.each([
    ['/none/urls.txt', 'Cannot read /none/urls.txt: no such file; check the path'],
    ['/none\u001b[2J', String.raw`Cannot read /none\x1b[2J: no such file; check the path`],
    [directory, `Cannot read ${directory}: it is a directory; name a list of URLs or requests`],
  ])('3 if %j cannot be read, before anything is sent or overwritten', async (path, message) => {
    const output = file('kept');
    const before = server.requests;
    const run = await runCli([...local('/status/200'), '-i', path, '-o', output, '--overwrite']);
    expect(run).toEqual({ code: 3, signal: null, stdout: '', stderr: `fetchmany: ${message}\n` });
    expect(server.requests).toBe(before);
    expect(readFileSync(output, 'utf8')).toBe('kept');
  });

  test('3 if reading a list fails, with a record for every URL read before', async () => {
    const first = file(`${local('/status/200').join('\n')}\n`);
    const second = file(Buffer.from('PK\u0003\u0004'));
    const run = await runCli(['-j', '-i', first, '-i', second]);
    expect([run.code, codes(run)]).toEqual([3, [200]]);
    expect(run.stderr).toMatch(/^1 URL in [^]*fetchmany: Cannot read .*: it is a ZIP archive.*\n$/);
  });

  test('4 if the output cannot be written', async () => {
    const none = await runCli([...local('/status/200'), '-o', '/none/out.txt']);
    expect([none.code, none.stderr]).toEqual([
      4,
      'fetchmany: Cannot write to /none/out.txt: its directory does not exist; create it first\n',
    ]);
    const full = await runShell(`${shellCli} ${server.url}/status/200 > /dev/full`);
    expect([full.code, full.stderr]).toEqual([
      4,
      expect.stringMatching(/^fetchmany: Cannot write to standard output: no disk space left.*\n$/),
    ]);
    const many = await runShell(`yes ${server.url}/bytes/1 | ${shellCli} -o /dev/full -j`);
    expect([many.code, many.stderr]).toEqual([4, expect.stringMatching(/no disk space left.*\n$/)]);
  });

  test('4 if the output is not empty, unless it may be overwritten', async () => {
    const output = file('old records\n'.repeat(100), 'out.jsonl');
    const refused = await runCli([...local('/status/200'), '-o', output]);
    expect([refused.code, refused.stderr]).toEqual([4, expect.stringContaining('it already exists; add --overwrite')]);
    expect(readFileSync(output, 'utf8')).toContain('old records');
    expect((await runCli([...local('/status/200'), '-o', output, '--overwrite'])).code).toBe(0);
    expect(lines(readFileSync(output, 'utf8')).map((line) => (JSON.parse(line) as Row).status)).toEqual([200]);
  });

  test('2 if the output is also an input', async () => {
    const list = file(local('/status/200').join('\n'));
    const run = await runCli(['-i', list, '-o', list, '--overwrite']);
    expect([run.code, run.stderr]).toEqual([2, expect.stringContaining('is also an input')]);
    expect(readFileSync(list, 'utf8')).toBe(local('/status/200').join('\n'));
    const piped = await runShell(`${shellCli} -o ${list} --overwrite < ${list}`);
    expect([piped.code, readFileSync(list, 'utf8')]).toEqual([2, local('/status/200').join('\n')]);
    const odd = await runCli([...local('/status/200'), '-o', `${list}/x`]);
    expect([odd.code, odd.stderr]).toEqual([4, expect.stringContaining('a part of its path is not a directory')]);
  });

  test('7 if the deadline is reached: running requests are recorded, the rest is counted', async () => {
    const list = file(
      Array.from({ length: 40 }, () => `${server.url}/delay/5\n`).join('') + local('/status/200').join(''),
    );
    const startedAt = performance.now();
    const run = await runCli(['-i', list, '--deadline', '700ms', '--per-host', '4', '-j']);
    expect(performance.now() - startedAt).toBeLessThan(4000);
    expect([run.code, rows(run).map(({ kind }) => kind)]).toEqual([7, Array(4).fill('cancelled')]);
    expect(run.stderr).toContain('fetchmany: deadline of 700 ms reached: 4 requests cancelled, 37 URLs not started\n');
  });

  test('0 without a message if the reader closes the pipe', async () => {
    const endless = await runShell(`yes ${server.url}/bytes/1 | ${shellCli} | head -1; echo "\${PIPESTATUS[1]}"`);
    expect(lines(endless.stdout)).toEqual([expect.stringMatching(/^200 /), '0']);
    expect(endless.stderr).toBe('');
    const failing = await runShell(`yes nonsense | ${shellCli} --format json | head -1; echo "\${PIPESTATUS[1]}"`);
    expect(lines(failing.stdout)).toEqual(['[', '0']);
  });

  test('3 and a message if the input contains no URLs', async () => {
    const stderr = 'fetchmany: the input contains no URLs (with --allow-empty, this is no error)\n';
    for (const content of ['', '\n\n  \n', '# only\n# comments\n', '\ufeff']) {
      expect(await runCli(['-i', file(content)])).toMatchObject({ code: 3, stdout: '', stderr });
    }
    expect(await runCli(['-q'])).toMatchObject({ code: 3, stdout: '', stderr });
    expect(await runCli(['--format', 'json', '-q'])).toMatchObject({ code: 3, stdout: '[\n]\n' });
    expect((await runCli(['--format', 'csv', '-q'])).stdout).toMatch(/^index,url,.*\n$/);
  });

  test('0 for an input without URLs if that is allowed', async () => {
    const run = await runCli(['--allow-empty']);
    expect(run).toMatchObject({ code: 0, stdout: '', stderr: 'fetchmany: the input contains no URLs\n' });
    expect(await runCli(['--allow-empty', '-q'])).toMatchObject({ code: 0, stdout: '', stderr: '' });
  });
});

describe('input', () => {
  test('is read from arguments, files and standard input, in this order', async () => {
    const [a, b] = [file('c:1\n'), file('e:1\n')];
    const run = await runCli(['a:1', '-i', a, 'b:1', '-i', '-', '-i', b, '-j', '-q'], { input: 'd:1\n' });
    expect(byIndex(run).map(({ url }) => url)).toEqual(['a:1', 'b:1', 'c:1', 'd:1', 'e:1']);
  });

  test('is read from standard input if there is no other', async () => {
    expect(codes(await runCli(['-j'], { input: `${server.url}/status/204` }))).toEqual([204]);
  });

  test('streams: the first record is written before standard input ends', async () => {
    const child = startCli(['-j', '-i', '-'], { keepsInputOpen: true });
    const end = ended(child);
    child.stdin!.write(`${server.url}/status/200\n${server.url}/half`);
    await untilSays(child, 'stdout', '"status":200');
    child.stdin!.end('-a-line\n');
    const run = await end;
    expect(codes(run)).toEqual([200, 404]);
    expect(byIndex(run)[1]!.url).toMatch(/half-a-line$/);
  });

  test('has one record per line, whatever the line contains', async () => {
    const content = [
      `\ufeff${server.url}/status/200\r`,
      '# a comment',
      '',
      `   ${server.url}/status/204#frag  \t`,
      'ftp://example.com/',
      'no-scheme.example/x',
      `http://exa\tmple.com/`,
      `http://127.0.0.1:0/`,
      `http://${'x'.repeat(1_000_000)}/`,
      '\u001b]0;title\u0007',
      'http://127.0.0.1:1/dead',
      `${server.url}/status/200`,
      `${server.url}/status/200`,
    ].join('\n');
    const run = await runCli(['-i', file(content), '-j', '--retries', '0', '--default-scheme', 'none']);
    expect(run.code).toBe(1);
    expect(codes(run)).toEqual([
      200,
      204,
      'URL_SCHEME',
      'URL_INVALID',
      'URL_INVALID',
      'URL_INVALID',
      'URL_TOO_LONG',
      'URL_INVALID',
      'CONNECT_REFUSED',
      200,
      200,
    ]);
    expect(byIndex(run).map(({ index }) => index)).toEqual(Array.from({ length: 11 }, (_, index) => index));
  });

  test('that is binary has one record per line, in every format', async () => {
    const bytes = Buffer.from(Array.from({ length: 20_000 }, (_, at) => (at * 7919 + (at >> 3)) % 256));
    const list = file(bytes);
    const run = await runCli(['-i', list, '-j', '-q']);
    expect(run.code).toBe(1);
    const count = rows(run).length;
    expect(count).toBeGreaterThan(10);
    const asJson = await runCli(['-i', list, '--format', 'json', '-q']);
    expect((JSON.parse(asJson.stdout) as Row[]).length).toBe(count);
    const asText = await runCli(['-i', list, '-q']);
    expect(lines(asText.stdout)).toHaveLength(count);
  });

  test('from a terminal gets a prompt', async () => {
    const { stdout } = await runShell(`script -qec "timeout -s KILL 1.5 ${shellCli} -i -" /dev/null < /dev/null`);
    expect(stdout).toContain('reading URLs from the terminal, one per line; Ctrl-D ends the list');
  });
});

describe('output', () => {
  const formats = ['text', 'jsonl', 'json', 'csv'] as const;
  const count: Record<(typeof formats)[number], (output: string) => number> = {
    text: (output) => lines(output).length,
    jsonl: (output) => lines(output).map((line) => JSON.parse(line) as Row).length,
    json: (output) => (JSON.parse(output) as Row[]).length,
    csv: (output) => lines(output).length - 1,
  };

  test.each(
    formats.flatMap((format) => ['as-completed', 'gather', 'sequential'].map((mode) => [format, mode] as const)),
  )('as %s in mode %s has one record per URL, and the summary counts them', async (format, mode) => {
    const mixed = Array.from({ length: 30 }, (_, at) => `${server.url}/status/${at % 10 === 0 ? 404 : 200}?${at}`);
    const run = await runCli(['-i', file([...mixed, 'nonsense'].join('\n')), '--format', format, '--mode', mode]);
    expect([run.code, count[format](run.stdout)]).toEqual([1, 31]);
    expect(run.stderr).toMatch(/^31 URLs in .*: 27 ok, 3 bad status, 1 failed\n/);
  });

  test('in mode gather is in input order, and as early as possible', async () => {
    const list = file(
      local('/delay/1', '/status/200', 'nonsense', '/delay/0.5', '/status/404')
        .join('\n')
        .replace(/.*nonsense/, 'not a URL'),
    );
    const run = await runCli(['-i', list, '--mode', 'gather', '-j']);
    expect(rows(run).map(({ index, status, error }) => [index, status ?? error?.code])).toEqual([
      [0, 200],
      [1, 200],
      [2, 'URL_INVALID'],
      [3, 200],
      [4, 404],
    ]);
    expect(run.stderr).toMatch(/in 1\.\d+ s/);
  });

  test('in mode sequential keeps its delay', async () => {
    await using scripted = await serve(respond(200));
    const run = await runCli(
      [1, 2, 3].map((path) => `${scripted.url}/${path}`).concat('--mode', 'sequential', '--delay', '150ms', '-j'),
    );
    expect(run.code).toBe(0);
    expect(scripted.maxInFlight()).toBe(1);
    // Not the arrival times at the server: the first request had to wait for its connection.
    const starts = run.stdout
      .trim()
      .split('\n')
      .map((line) => Date.parse((JSON.parse(line) as { at: string }).at));
    expect(starts).toHaveLength(3);
    for (const [at, start] of starts.slice(1).entries()) expect(start - starts[at]!).toBeGreaterThanOrEqual(148);
  });

  test('contains no escape sequence in any format, nor on stderr', async () => {
    const evil = 'http://h\u001b]0;evil\u0007/\u009b2J\u202e';
    for (const format of formats) {
      const run = await runCli(['-v', '--format', format, evil]);
      const said = format === 'csv' ? run.stderr : run.stdout + run.stderr;
      // oxlint-disable-next-line no-control-regex -- control characters are what this looks for
      expect(said, format).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    }
  });

  test('has colours on a terminal only, and not if they are disabled', async () => {
    const green = '\u001b[32m200';
    expect((await inTerminal('')).stdout).toContain(green);
    expect((await inTerminal('NO_COLOR=1')).stdout).not.toContain('\u001b[');
    expect((await inTerminal('TERM=dumb')).stdout).not.toContain('\u001b[');
    expect((await inTerminal('', '--no-color')).stdout).not.toContain('\u001b[');
    expect((await runCli(local('/status/200'))).stdout).not.toContain('\u001b[');
  });

  test('has response headers with --include-headers', async () => {
    expect(rows(await runCli([...local('/status/200'), '-j']))[0]!.headers).toBeUndefined();
    const [row] = rows(await runCli([...local('/response-headers?X-Own=1'), '-j', '--include-headers']));
    expect(row!.headers).toMatchObject({ 'x-own': '1' });
  });

  test('never contains a password', async () => {
    const url = server.url.replace('//', '//user:canary@');
    const list = file(
      `${url}/status/200\n${url}/status/404\nhttp://user:canary@127.0.0.1:1/\nhttp://user:canary@:0/\n`,
    );
    for (const format of formats) {
      const run = await runCli([
        '-v',
        '--retries',
        '0',
        '-i',
        list,
        '--format',
        format,
        '-H',
        'X-Key: canary',
        '-d',
        'canary',
      ]);
      expect(run.stdout + run.stderr, format).not.toContain('canary');
    }
  });

  test('is only records with -q, and explains failures with -v', async () => {
    expect((await runCli(['-q', 'nonsense'])).stderr).toBe('');
    const { stderr } = await runCli(['-v', '--retries', '0', 'http://127.0.0.1:1/']);
    expect(stderr).toMatch(/^fetchmany: http:\/\/127\.0\.0\.1:1\/: CONNECT_REFUSED: .*; caused by: .*ECONNREFUSED/);
  });
});

describe('requests', () => {
  test('have the given method, headers and body', async () => {
    await using scripted = await serve(respond(200));
    const body = file(Buffer.from([0, 255, 10]));
    const url = `${scripted.url}/`;
    await runCli([url, '-d', '"a"=1', '-H', 'X-One: 1', '-H', 'X-One: 2', '-H', 'User-Agent: me']);
    await runCli([url, '-X', 'PUT', '-d', `@${body}`, '-H', 'content-type: text/plain']);
    await runCli([url, '-d', '@-'], { input: 'piped' });
    await runCli([url, '-XHEAD']);
    expect(scripted.requests.map(({ method }) => method)).toEqual(['POST', 'PUT', 'POST', 'HEAD']);
    expect(scripted.requests.map((seen) => seen.body)).toEqual(
      ['"a"=1', '\u0000\u00ff\n', 'piped', ''].map((text) => Buffer.from(text, 'latin1')),
    );
    expect(scripted.requests[0]!.headers).toMatchObject({
      'x-one': '1, 2',
      'user-agent': 'me',
      'content-type': 'application/x-www-form-urlencoded',
    });
    expect(scripted.requests[1]!.headers['content-type']).toBe('text/plain');
  });

  test('with -k cause a warning, as does a variable that has no effect', async () => {
    expect((await runCli(['-k', '-q', ...local('/status/200')])).stderr).toMatch(
      /^fetchmany: WARNING: -k: certificates are NOT verified.*\n$/,
    );
    const { stderr } = await runCli(['-q', ...local('/status/200')], { env: { NODE_TLS_REJECT_UNAUTHORIZED: '0' } });
    expect(stderr).toMatch(/^fetchmany: WARNING: NODE_TLS_REJECT_UNAUTHORIZED=0 has no effect.*\n$/);
  });

  test('with --block-private go to public addresses only', async () => {
    const run = await runCli([...local('/status/200'), '--block-private', '-j', '-q']);
    expect([run.code, codes(run)]).toEqual([1, ['ADDRESS_BLOCKED']]);
  });

  test('respect the limits', async () => {
    await using scripted = await serve(async (response) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      response.end();
    });
    const list = file(Array.from({ length: 30 }, (_, at) => `${scripted.at(`h${at % 3}`)}/${at}`).join('\n'));
    const run = await runCli(['-q', '-c', '4', '--per-host', '2', '-i', list]);
    expect(run.code).toBe(0);
    expect(scripted.maxInFlight()).toBeLessThanOrEqual(4);
    for (const host of ['h0', 'h1', 'h2']) expect(scripted.maxInFlight(host)).toBeLessThanOrEqual(2);
  });
});

test('a run exits by itself, without a warning', async () => {
  const { code, stderr } = await runShell(
    `timeout 10 '${process.execPath}' '${binPath}' -q ${local('/status/200').join('')}`,
  );
  expect([code, stderr]).toEqual([0, '']);
});
