import { mkdtempSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCli, shellCli } from '../helpers/process/cli.ts';
import { runShell, type Ended } from '../helpers/process/module.ts';
import { nastyStrings } from '../helpers/servers/nasty.ts';
import { respond, serve, type ScriptedServer } from '../helpers/servers/serve.ts';

let server: ScriptedServer;
let port: string;

beforeAll(async () => {
  server = await serve(respond(200));
  ({ port } = new URL(server.url));
});
afterAll(() => server[Symbol.asyncDispose]());

const directory = mkdtempSync(join(tmpdir(), 'fetchmany-input-'));
let files = 0;

function file(content: string | Uint8Array): string {
  const path = join(directory, `list-${(files += 1)}.txt`);
  writeFileSync(path, content);
  return path;
}

interface Row {
  readonly index: number;
  readonly url: string;
  readonly status?: number;
  readonly finalUrl?: string;
  readonly error?: { readonly code: string };
}

function rowsOf({ stdout }: Ended): Row[] {
  const rows = stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Row);
  return rows.sort((a, b) => a.index - b.index);
}

function outcomes(rows: readonly Row[]): (number | string | undefined)[] {
  return rows.map(({ status, error }) => status ?? error?.code);
}

const fetchList = (path: string, ...flags: string[]): Promise<Ended> =>
  runCli(['-j', '--retries', '0', '--default-scheme', 'none', '-i', path, ...flags]);

/** A line, its outcome, and the URL shown; `PORT` is the port of the server. */
type Line = readonly [id: string, line: string, outcome: number | RegExp, shown?: string];

const loopback: readonly Line[] = [
  '2130706433',
  '0x7f000001',
  '0X7F000001',
  '017700000001',
  '0177.0.0.1',
  '0x7f.0.0.1',
  '127.1',
  '127.0.1',
  '127.0.0.1.',
  '①②⑦.⓪.⓪.①',
  '１２７.0.0.1',
  '127。0。0。1',
  '%31%32%37.0.0.1',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
].map((host) => ['J18', `http://${host}:PORT/`, 200]);

const lines: readonly Line[] = [
  ['J8', '  \t http://127.0.0.1:PORT/blanks \t ', 200, 'http://127.0.0.1:PORT/blanks'],
  ['J10', 'http://127.0.0.1:PORT/#fragment', 200],
  ['J10', 'http://127.0.0.1:PORT/ # no comment', 200],
  ['J9', 'http://exa\tmple.test/', /^URL_INVALID$/],
  ['J9', 'http://127.0.0.1:PORT/a\tb', /^URL_INVALID$/],
  ['J5', 'http://127.0.0.1:PORT/a\rhttp://127.0.0.1:PORT/b', /^URL_INVALID$/],
  ['J5', 'http://127.0.0.1:PORT/\u000bx\u000cy', /^URL_INVALID$/],
  ['J5', 'http://127.0.0.1:PORT/\u0085', 200],
  ['J5', 'http://127.0.0.1:PORT/a\u2028b', 200],
  ['J6', 'http://127.0.0.1:PORT/\u0000', /^URL_INVALID$/],
  ['J7', `http://127.0.0.1:PORT/${'x'.repeat(1_000_000)}`, /^URL_TOO_LONG$/, ''],
  ['J7', `http://${'x'.repeat(1_000_000)}/`, /^URL_TOO_LONG$/, ''],
  ...Array.from({ length: 10 }, (): Line => ['J11', 'http://127.0.0.1:PORT/again', 200]),
  ['J12', '127.0.0.1:PORT/x', /^URL_INVALID$/],
  ['J12', 'localhost:PORT', /^URL_INVALID$/],
  ['J12', 'host/x', /^URL_INVALID$/],
  ['J12', '//127.0.0.1:PORT/x', /^URL_INVALID$/],
  ['J12', '/etc/passwd', /^URL_INVALID$/],
  ...['ftp://127.0.0.1/', 'file:///etc/passwd', 'javascript:alert(1)', 'ws://127.0.0.1/', 'data:,x'].map(
    (line): Line => ['J13', line, /^URL_SCHEME$/],
  ),
  ['J13', 'mailto:a@b.test', /^URL_SCHEME$/, 'mailto:***@b.test'],
  ['J13', 'httpss://127.0.0.1/', /^URL_SCHEME$/],
  ['J13', 'HTTP://127.0.0.1:PORT/', 200],
  ['J14', 'http://127.0.0.1:0/', /^URL_INVALID$/],
  ['J14', 'http://127.0.0.1:65536/', /^URL_INVALID$/],
  ['J14', 'http://127.0.0.1:99999/', /^URL_INVALID$/],
  ['J14', 'http://127.0.0.1:-1/', /^URL_INVALID$/],
  ['J14', 'http://127.0.0.1:8O/', /^URL_INVALID$/],
  ['J14', 'http://127.0.0.1:000PORT/', 200],
  ['J15', 'http://u:p%40@127.0.0.1:PORT/basic', 200, 'http://u:***@127.0.0.1:PORT/basic'],
  ['J15', 'http://token@127.0.0.1:PORT/', 200, 'http://***@127.0.0.1:PORT/'],
  ['J15', 'http://u:p@ss@127.0.0.1:PORT/', 200, 'http://u:***@127.0.0.1:PORT/'],
  ['J16', 'http://faß.localhost:PORT/', 200],
  ['J16', 'http://☃.localhost:PORT/', 200],
  ['J16', 'http://ｌｏｃａｌｈｏｓｔ:PORT/', 200],
  ['J16', 'http://loc\u00adalhost:PORT/', 200],
  ['J16', 'http://127.0.0.1:PORT/\u202egnp.exe', 200],
  ['J17', `http://${'x'.repeat(64)}.test/`, /^(URL_INVALID|DNS_NOT_FOUND)$/],
  ['J17', `http://${'x.'.repeat(130)}test/`, /^(URL_INVALID|DNS_NOT_FOUND)$/],
  ['J17', 'http://a..test/', /^(URL_INVALID|DNS_NOT_FOUND)$/],
  ['J17', 'http://xn--/', /^(URL_INVALID|DNS_NOT_FOUND)$/],
  ['J17', 'http://%zz/', /^URL_INVALID$/],
  ['J17', 'http://%00/', /^URL_INVALID$/],
  ['J17', 'http://a b/', /^URL_INVALID$/],
  ['J17', 'http://a<b>/', /^URL_INVALID$/],
  ['J17', 'http://', /^URL_INVALID$/],
  ['J17', 'http:///', /^URL_INVALID$/],
  ['J17', 'http://@/', /^URL_INVALID$/, 'http://***@/'],
  ...loopback,
  ['J18', 'http:127.0.0.1:PORT/', 200],
  ['J18', String.raw`http:\\127.0.0.1:PORT\x`, 200],
  ['J18', 'http:///127.0.0.1:PORT/', 200],
  ['J18', String.raw`http://127.0.0.1:PORT\@example.test/`, 200],
  ['J18', 'http://256.0.0.1/', /^URL_INVALID$/],
  ['J18', 'http://127.0.0.1.1/', /^URL_INVALID$/],
  ['J18', 'http://4294967296/', /^URL_INVALID$/],
  ['J19', 'http://[fe80::1%25eth0]:PORT/', /^URL_INVALID$/],
  ['J19', 'http://[fe80::1%eth0]:PORT/', /^URL_INVALID$/],
  ['J19', 'http://[::1/', /^URL_INVALID$/],
  ['J20', 'http://127.0.0.1:PORT/\u001b[2J', /^URL_INVALID$/],
  ['J20', 'http://127.0.0.1:PORT/😀?ä=ö', 200],
  ...nastyStrings
    .filter((text) => !/[\n@\uff20\ufe6b]/.test(text) && !/^[ \t\r]*$/.test(text))
    .map((text): Line => ['J29', text.toWellFormed(), /^URL_/, text.toWellFormed().replace(/^[ \t]+|[ \t\r]+$/g, '')]),
];

const withPort = (text: string): string => text.replaceAll('PORT', port);

describe('every line has one record, in order:', () => {
  const noise = ['', '   ', '\t', '# a comment', '  # another', '\r'];
  let rows: Row[] = [];
  let run: Ended;

  beforeAll(async () => {
    // Between the lines there are lines that do not count.
    const content = lines.flatMap(([, line], at) => [noise[at % noise.length]!, withPort(line)]);
    run = await fetchList(file(`\ufeff${content.join('\n')}\n${noise.join('\n')}`));
    rows = rowsOf(run);
  });

  test('there are as many records as lines, numbered from 0, and as many requests as responses', () => {
    expect([run.code, rows.length]).toEqual([1, lines.length]);
    expect(rows.map(({ index }) => index)).toEqual(Array.from(rows.keys()));
    expect(server.requests).toHaveLength(rows.filter(({ status }) => status === 200).length);
  });

  test.each(
    lines.map(([id, line, ...rest], index) => [id, JSON.stringify(line).slice(0, 80), index, ...rest] as const),
  )('%s %s', (_, __, index, outcome, shown) => {
    const row = rows[index]!;
    if (typeof outcome === 'number') expect(row).toMatchObject({ status: outcome });
    else expect(row.error?.code).toMatch(outcome);
    if (shown !== '') expect(row.url).toBe(withPort(shown ?? lines[index]![1]));
  });

  test('requests follow the URL standard', () => {
    const seen = (path: string): boolean => server.paths.includes(path);
    expect(['/blanks', '/', '/again', '/%F0%9F%98%80?%C3%A4=%C3%B6', '/%E2%80%AEgnp.exe'].every(seen)).toBe(true);
    expect(server.paths.filter((path) => path.includes('fragment'))).toEqual([]);
    expect(server.paths.filter((path) => path === '/again')).toHaveLength(10);
    const basic = server.requests.find(({ path }) => path === '/basic')!.headers.authorization;
    expect(basic).toBe(`Basic ${Buffer.from('u:p@').toString('base64')}`);
    expect(server.requests.some(({ headers }) => headers.host === `xn--fa-hia.localhost:${port}`)).toBe(true);
    for (const [index, [id]] of lines.entries()) {
      if (id === 'J18' && rows[index]!.status === 200 && !lines[index]![1].includes('[')) {
        expect(rows[index]!.finalUrl).toMatch(new RegExp(String.raw`^http://127\.0\.0\.1:${port}/`));
      }
    }
  });
});

describe('a list that', () => {
  const url = (path: string): string => `${server.url}/${path}`;

  test.each<[name: string, content: () => string | Uint8Array, outcome: (number | string)[]]>([
    ['J1 is empty', () => '', []],
    ['J1 has only blanks and comments', () => '\n \n\t\n#\n  # x\n\r\n', []],
    ['J1 has only a byte order mark', () => '\ufeff', []],
    ['J3 has a byte order mark', () => `\ufeff${url('')}\n${url('')}`, [200, 200]],
    ['J3 has a byte order mark in the middle', () => `${url('')}\n\ufeff${url('')}`, [200, 200]],
    ['J5 has Windows line ends', () => `${url('')}\r\n\r\n# x\r\n${url('')}\r\n`, [200, 200]],
    ['J5 has bare CR line ends', () => `${url('a')}\r${url('b')}\r`, ['URL_INVALID']],
    ['J8 has no line break at its end', () => url(''), [200]],
    ['J25 is gzip', () => gzipSync(`${url('')}\n`), [200]],
    ['J20 is not UTF-8', () => Buffer.from(`${url('\u00e9\u00ff')}\n${url('')}`, 'latin1'), ['URL_INVALID', 200]],
  ])('%s', async (_, content, expected) => {
    const run = await fetchList(file(content()));
    const wrong = expected.some((outcome) => outcome !== 200);
    const code = expected.length === 0 ? 3 : wrong ? 1 : 0;
    expect([run.code, outcomes(rowsOf(run))]).toEqual([code, expected]);
    if (code === 3) expect(run.stderr).toMatch(/^fetchmany: the input contains no URLs/);
  });

  test.each<[name: string, content: () => Buffer]>([
    ['J4 is UTF-16', () => Buffer.from(`\ufeff${url('')}\n${url('')}\n`, 'utf16le')],
    ['J4 is UTF-16, big-endian', () => Buffer.from(`\ufeff${url('')}\n${url('')}\n`, 'utf16le').swap16()],
  ])('%s is read by its byte order mark', async (_, content) => {
    const run = await fetchList(file(content()));
    expect([run.code, outcomes(rowsOf(run))]).toEqual([0, [200, 200]]);
  });

  test.each<[name: string, path: () => string]>([
    ['J2 does not exist', () => join(directory, 'none')],
    ['J2 is a directory', () => directory],
    ['J2 is below a regular file', () => join(file(''), 'x')],
    ['J2 has a name that is too long', () => join(directory, 'x'.repeat(300))],
    ['J2 has a name that a terminal would act on', () => join(directory, '\u001b[2J')],
  ])('%s is exit 3, before the first request', async (_, path) => {
    const before = server.requests.length;
    const run = await runCli([url(''), '-i', path()]);
    expect([run.code, run.stdout, server.requests.length]).toEqual([3, '', before]);
    // oxlint-disable-next-line no-control-regex -- an escape is what must not be there
    expect(run.stderr).toMatch(/^fetchmany: Cannot read [^\n\u001b]+\n$/);
  });

  test('J2 is a pipe without data has no URL', async ({ skip }) => {
    const pipe = join(directory, 'pipe');
    skip((await runShell(`mkfifo '${pipe}'`)).code !== 0, 'mkfifo is not installed');
    const run = await runShell(`(exec 3> '${pipe}') & ${shellCli} -j -i '${pipe}'`);
    expect([run.code, run.stdout]).toEqual([3, '']);
  });

  test('J6 is 1 MB of random bytes has a record for each line, in every format', async () => {
    const bytes = Buffer.alloc(1_000_000);
    let state = 12_345;
    for (let at = 0; at < bytes.length; at += 1) {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      bytes[at] = state >>> 16;
    }
    const list = file(bytes);
    // oxlint-disable-next-line no-control-regex -- blanks are what a line without a URL is made of
    const wanted = bytes
      .toString('latin1')
      .split('\n')
      .filter((line) => !/^[ \t]*(#|\r?$|[ \t\r]*$)/.test(line)).length;
    const [asLines, asArray, asText] = await Promise.all([
      fetchList(list, '-q'),
      runCli(['-q', '--default-scheme', 'none', '-i', list, '--format', 'json']),
      runCli(['-q', '--default-scheme', 'none', '-i', list]),
    ]);
    expect(rowsOf(asLines)).toHaveLength(wanted);
    expect(outcomes(rowsOf(asLines)).every((outcome) => String(outcome).startsWith('URL_'))).toBe(true);
    expect(JSON.parse(asArray.stdout)).toHaveLength(wanted);
    expect(asText.stdout.split('\n')).toHaveLength(wanted + 1);
  });

  test('J7 has a line of 50 MB takes little memory, and the next line is fetched', async () => {
    const peak = (path: string): Promise<Ended> => {
      const tell = 'process.on("exit",()=>process.stderr.write("peak "+process.resourceUsage().maxRSS))';
      const withPeak = shellCli.replace('--no-warnings', `--no-warnings --import 'data:text/javascript,${tell}'`);
      return runShell(`${withPeak} -q -j -i '${path}'`);
    };
    const large = file('');
    const line = Buffer.alloc(50_000_000, 'x');
    writeFileSync(large, Buffer.concat([line, Buffer.from(`\n${url('')}\n`), line]));
    const [small, big] = [await peak(file(url(''))), await peak(large)];
    expect(outcomes(rowsOf(big))).toEqual(['URL_TOO_LONG', 200, 'URL_TOO_LONG']);
    const [least, most] = [small, big].map(({ stderr }) => Number(/^peak (\d+)$/.exec(stderr)![1]));
    // In KB. The bytes pass through in pieces, and are collected now and then.
    expect(most! - least!).toBeLessThan(40_000);
  });

  test('J26 is still being written is fetched as it arrives', async () => {
    const run = await runShell(`(yes '${url('endless')}' | head -n 100000000) | ${shellCli} -q -i - | head -n 50`);
    expect([run.code, run.stdout.split('\n').length, run.stderr]).toEqual([0, 51, '']);
  });
});

test('J2 all lists and standard input are read, even if one has invalid lines', async () => {
  mkdirSync(join(directory, 'sub'));
  const run = await runCli(
    ['-j', '--default-scheme', 'none', '-i', file('nonsense\n'), '-i', '-', '-i', file(`${server.url}/`)],
    {
      input: `# only a comment\n${server.url}/`,
    },
  );
  expect(outcomes(rowsOf(run))).toEqual(['URL_INVALID', 200, 200]);
});
