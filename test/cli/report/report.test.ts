import { appendFileSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startServer, type TestServer } from '../../../cli/server/server.ts';
import { parseRecord } from '../../../src/http/record.ts';
import { jsonl } from '../../../src/outputs/formats/jsonl.ts';
import { runCli, shellCli } from '../../helpers/process/cli.ts';
import { runShell, type Ended } from '../../helpers/process/module.ts';
import { cancelled, failure, response } from '../../helpers/results.ts';

const directory = mkdtempSync(join(tmpdir(), 'fetchmany-report-'));
let files = 0;

function file(content: string | Uint8Array, name = `run-${(files += 1)}.jsonl`): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

const { row } = jsonl({ includeHeaders: true });
const at = (second: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();

const results = [
  response({ url: 'https://a.example/1', at: at(0), elapsedMs: 1000, headers: { server: 'x' } }),
  response({ index: 1, url: 'https://b.example/', ok: false, status: 404, at: at(1), elapsedMs: 500 }),
  failure('TIMEOUT', { index: 2, url: 'https://a.example/2', at: at(2), elapsedMs: 3000 }),
  cancelled({ index: 3, url: 'https://c.example/' }),
];
const recorded = results.map(row).join('');

const urls = ({ stdout }: Ended): string[] =>
  stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => parseRecord(line)!.url);

test('report counts the time in which a host was held, and says why it was given up', async () => {
  const held = failure('CONNECT_REFUSED', { url: 'http://a.example/1', at: at(0), elapsedMs: 200, attempts: 4 });
  const down = failure('HOST_DOWN', { index: 1, url: 'http://a.example/2', elapsedMs: 0, attempts: 0 });
  const message = 'http://a.example is down: 14 requests failed in 15 s (last: CONNECT_REFUSED)';
  const records = [
    { ...(JSON.parse(row(held)) as object), timingsMs: { queue: 14_800 } },
    {
      ...(JSON.parse(row(down)) as object),
      at: undefined,
      timingsMs: { queue: 15_000 },
      error: { code: 'HOST_DOWN', message, retryable: true },
    },
  ];
  const { stdout } = await runCli(['report', file(records.map((record) => JSON.stringify(record)).join('\n'))]);
  expect(stdout).toContain('2 URLs in 15.0 s:');
  expect(stdout).toMatch(/down +http:\/\/a\.example \(1 given up, CONNECT_REFUSED\)/);
  expect(stdout).not.toContain('speed-up');
});

describe('fetchmany report', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.close());

  test('prints the same summary as the run, except for the wall time', async () => {
    const output = join(directory, 'real.jsonl');
    const paths = ['/status/200', '/bytes/100', '/status/404', '/redirect/1', '/delay/0.2'];
    const run = await runCli(['-o', output, ...paths.map((path) => server.url + path), 'nonsense']);
    expect(run.code).toBe(1);
    const report = await runCli(['report', output]);
    expect([report.code, report.stderr]).toEqual([0, '']);
    const withoutClock = (text: string): string[] =>
      text
        .split('\n')
        .filter((line) => !/^ {2}(throughput|speed-up|bottleneck|tip)/.test(line))
        .map((line) => line.replace(/ in .*?:/, ':'));
    expect(withoutClock(report.stdout)).toEqual(withoutClock(run.stderr));
    expect(report.stdout).toMatch(/^6 URLs in \d+ ms: 4 ok, 1 bad status, 1 failed\n/);
  });

  test('measures wall time from the first start to the last end', async () => {
    expect((await runCli(['report', file(recorded)])).stdout).toMatch(/^4 URLs in 5.00 s: /);
  });

  test('summarizes several files, gzipped files and standard input', async () => {
    const packed = file(gzipSync(recorded), 'packed.jsonl.gz');
    const run = await runCli(['report', file(recorded), packed, '-'], { input: recorded });
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(run.stdout).toMatch(/^12 URLs in 5.00 s: 3 ok, 3 bad status, 3 failed, 3 cancelled\n/);
    expect((await runCli(['report'], { input: recorded })).stdout).toMatch(/^4 URLs in /);
  });

  test.each([
    ['jsonl', recorded],
    ['json', `[\n${recorded.trimEnd().replaceAll('\n', ',\n')}\n]\n`],
    ['csv', /^index,url,.*\n0,https:\/\/a.example\/1,GET,response,true,200,.*\n(.*\n){3}$/],
    ['text', /^200 +5123 +1.000s {2}https:\/\/a.example\/1\n(.*\n){3}$/],
    ['table', /^ +# {2}STATUS.*\n +0 {2}200 +5.1 KB +1.00 s +1 {2}https:\/\/a.example\/1\n(.*\n){3}$/],
  ])('prints rows as %s, and the summary to standard error', async (format, rows) => {
    const run = await runCli(['report', file(recorded), '--format', format]);
    if (typeof rows === 'string') expect(run.stdout).toBe(rows);
    else expect(run.stdout).toMatch(rows);
    expect([run.code, run.stderr]).toEqual([0, expect.stringMatching(/^4 URLs in 5.00 s: /)]);
  });

  test('writes rows to a file, in the format of its extension', async () => {
    const output = join(directory, 'rows.csv');
    const run = await runCli(['report', file(recorded), '-q', '-o', output]);
    expect(run).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect(readFileSync(output, 'utf8').split('\n')).toHaveLength(6);
    const again = await runCli(['report', file(recorded), '-o', output]);
    expect([again.code, again.stderr]).toEqual([4, expect.stringContaining('it already exists')]);
    expect((await runCli(['report', file(recorded), '-q', '-o', output, '--overwrite'])).code).toBe(0);
  });

  test.each([
    [['--only', 'ok'], ['https://a.example/1']],
    [
      ['--only', 'unexpected,cancelled'],
      ['https://b.example/', 'https://c.example/'],
    ],
    [
      ['--only', 'failed', '--only', 'cancelled'],
      ['https://a.example/2', 'https://c.example/'],
    ],
    [['--only', 'not-ok', '--host', 'a.example'], ['https://a.example/2']],
    [['--code', 'timeout'], ['https://a.example/2']],
    [
      ['--status', '200,400-499'],
      ['https://a.example/1', 'https://b.example/'],
    ],
    [['--host', 'https://c.example'], ['https://c.example/']],
    [['--host', 'd.example'], []],
  ])('%j selects records', async (flags, chosen) => {
    const run = await runCli(['report', file(recorded), '-j', ...flags]);
    expect([run.code, urls(run)]).toEqual([0, chosen]);
    expect(run.stderr).toContain(`fetchmany: ${chosen.length} of 4 records match\n`);
  });

  test('counts a URL that a resumed run fetched again once', async () => {
    const list = file(
      ['/status/200', '/status/503', '/unreliable'].map((path) => server.url + path).join('\n'),
      'list.txt',
    );
    const output = join(directory, 'resumed.jsonl');
    const flags = ['-q', '-i', list, '-o', output, '--retries', '0'];
    await runCli(flags);
    await runCli([...flags, '--resume', '--retry-failed']);
    await runCli([...flags, '--resume', '--retry-failed']);
    const lines = readFileSync(output, 'utf8').split('\n').length - 1;
    expect(lines).toBeGreaterThan(4);
    const report = await runCli(['report', output]);
    expect(report.stdout).toMatch(/^3 URLs in /);
    expect(report.stderr).toBe(`fetchmany: left out ${lines - 3} earlier records of URLs that were fetched again\n`);
    const piped = await runCli(['report', '-'], { input: readFileSync(output) });
    expect(piped.stdout).toMatch(new RegExp(`^${lines} URLs in `));
    expect(piped.stderr).toBe(
      `fetchmany: counted ${lines - 3} earlier records of URLs that were fetched again: a pipe can be read only once; ` +
        'pass the file by name to leave them out\n',
    );
  });

  test('skips an incomplete last line, and says so', async () => {
    const torn = file(recorded.slice(0, -5));
    const run = await runCli(['report', torn]);
    expect([run.code, run.stdout]).toEqual([0, expect.stringMatching(/^3 URLs in /)]);
    expect(run.stderr).toBe(`fetchmany: ${torn}: line 4 is incomplete (interrupted write?) and was skipped\n`);
  });

  test.each(['json', 'csv'])(
    'exits with 3 at an invalid line, after complete %s of the records before',
    async (format) => {
      const bad = file(`${row(results[0]!)}${row(results[1]!)}what is this?\n${row(results[2]!)}`);
      const run = await runCli(['report', bad, '--format', format]);
      expect(run.code).toBe(3);
      if (format === 'json') expect(JSON.parse(run.stdout)).toHaveLength(2);
      else expect(run.stdout.split('\n')).toHaveLength(4);
      expect(run.stderr).toMatch(/^2 URLs in /);
      expect(run.stderr).toContain(`fetchmany: Cannot read ${bad}: line 3 is not a fetchmany record; records`);
    },
  );

  test('exits with 3 if there are no records, also with -q, and leaves an older file as it is', async () => {
    const [empty, page] = [file(''), file('mine', '.html')];
    const stderr = 'fetchmany: the input contains no records\n';
    expect(await runCli(['report', empty])).toMatchObject({ code: 3, stdout: '', stderr });
    expect(await runCli(['report', empty, '-q', '--html', page, '--overwrite'])).toMatchObject({ code: 3, stderr });
    expect(readFileSync(page, 'utf8')).toBe('mine');
  });

  test('exits with 0 if no record matches', async () => {
    const stderr = 'fetchmany: 0 of 4 records match\n';
    expect(await runCli(['report', file(recorded), '--status', '599'])).toMatchObject({ code: 0, stdout: '', stderr });
  });

  test.each([
    [['/none.jsonl'], 3, 'Cannot read /none.jsonl: no such file; check the path'],
    [[tmpdir()], 3, `Cannot read ${tmpdir()}: it is a directory; name a file of records`],
    [
      ['-', '--only', 'bad'],
      2,
      '--only must be one of ok, unexpected, failed, cancelled, not-ok, such as --only failed: got "bad"',
    ],
    [['-', '--code', 'TIMOUT'], 2, '--code "TIMOUT" is not an error code of fetchmany; did you mean TIMEOUT?'],
    [['-', '--code', '404'], 2, '--code must be an error code of fetchmany, such as --code TIMEOUT: got "404"'],
    [
      ['-', '--status', 'x'],
      2,
      '--status must be a list of status codes and ranges, such as --status 200-399,404: got "x"',
    ],
    [
      ['-', '--host', 'a/b'],
      2,
      '--host must be a host, with or without a scheme and a port, such as --host example.com: got "a/b"',
    ],
    [['-', '--onli', 'ok'], 2, 'unknown option --onli; did you mean --only?'],
  ])('with arguments %j exits with %j and one line', async (args, code, message) => {
    expect(await runCli(['report', ...args])).toEqual({
      code,
      signal: null,
      stdout: '',
      stderr: `fetchmany: ${message}\n`,
    });
  });

  test('refuses to overwrite its input', async () => {
    const path = file(recorded);
    const run = await runCli(['report', path, '-o', path, '--overwrite']);
    expect([run.code, run.stderr]).toEqual([2, expect.stringContaining('is also an input')]);
    expect(readFileSync(path, 'utf8')).toBe(recorded);
  });

  test('exits quietly when its reader closes the pipe', async () => {
    const path = file(recorded.repeat(20_000));
    const run = await runShell(`${shellCli} report ${path} -j | head -1; exit \${PIPESTATUS[0]}`);
    expect([run.code, urls(run), run.stderr]).toEqual([0, ['https://a.example/1'], '']);
  });

  test('shows no control characters from a file', async () => {
    const evil = '\u001b]0;title\u0007\u202e';
    const path = file(row(response({ url: `http://a/${evil}`, finalUrl: `http://a/${evil}`, redirects: 1, id: evil })));
    for (const format of ['text', 'table', 'jsonl', 'json']) {
      const run = await runCli(['report', path, '--format', format]);
      // oxlint-disable-next-line no-control-regex -- control characters are what this looks for
      expect(run.stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    }
  });

  test('reads a long file in bounded memory', async () => {
    const path = join(directory, 'long.jsonl');
    const rows = results.map(row);
    for (let block = 0; block < 40; block += 1) {
      const lines = Array.from({ length: 5000 }, (_, line) =>
        rows[line % 4]!.replace(/"index":\d+/, `"index":${block * 5000 + line}`),
      );
      appendFileSync(path, lines.join(''));
    }
    expect(statSync(path).size).toBeGreaterThan(40_000_000);
    const limits = '--max-old-space-size=24 --max-semi-space-size=2';
    const run = await runShell(`NODE_OPTIONS='${limits}' ${shellCli} report ${path} --format csv | wc -l`);
    expect(run.stdout.trim()).toBe('200001');
    expect(run.stderr).toMatch(/^200,000 URLs in /);
  }, 60_000);
});
