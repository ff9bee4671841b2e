import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startServer } from '../../../cli/server/server.ts';
import { formatRate } from '../../../src/text/quantity.ts';
import { runCli } from '../../helpers/process/cli.ts';
import { startInTerminal } from '../../helpers/process/terminal.ts';

interface Printed {
  readonly source: string;
  readonly levels: readonly {
    readonly level: number;
    readonly speedUp: number;
    readonly ok: number;
    readonly perSecond: { readonly median: number };
  }[];
  readonly choice: { readonly level: number; readonly bound: string } | null;
}

const small = ['--requests', '8', '--levels', '4', '--repeat', '2'];

test('fetchmany bench measures the built-in server, prints a table, and recommends a level', async () => {
  const { code, stdout, stderr } = await runCli(['bench', ...small]);
  expect(code).toBe(0);
  expect(stderr).toContain('sending 42 requests to the built-in test server');
  expect(stderr).toContain('concurrent requests per host: as many as the level');
  expect(stdout).toMatch(/^level +ok\/s +spread +speed-up +p50 +p90 +p99 +CPU +errors$/m);
  expect([...stdout.matchAll(/^ +(\d) .* 0$/gm)].map(([, level]) => level)).toEqual(['1', '4']);
  // On a busy machine the rounds may differ too much.
  expect(stdout).toMatch(/^Recommended: -c ([14]) --per-host \1, [^]*^Bottleneck: |^Too noisy to choose: /m);
  for (const line of `${stdout}${stderr}`.split('\n')) expect(line.length, line).toBeLessThanOrEqual(100);
  for (const line of stdout.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
});

test('fetchmany bench -j prints one object, in which concurrent requests are faster', async () => {
  const { code, stdout, stderr } = await runCli(['bench', '-qj', ...small]);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout.split('\n')).toHaveLength(2);
  const { source, levels, choice } = JSON.parse(stdout) as Printed;
  expect(source).toBe('embedded server');
  expect(levels).toMatchObject([
    { level: 1, speedUp: 1, ok: 16, errors: {} },
    { level: 4, ok: 16, errors: {} },
  ]);
  expect(levels[1]!.speedUp).toBeGreaterThan(1);
  expect([1, 4, undefined]).toContain(choice?.level);
  expect(levels[1]!.speedUp).toBeCloseTo(levels[1]!.perSecond.median / levels[0]!.perSecond.median);
  expect(JSON.parse(stdout)).toMatchObject({
    rounds: 2,
    requests: 8,
    machine: { cores: expect.any(Number) },
    node: process.version,
    versions: { fetchmany: expect.any(String) },
  });
});

test('fetchmany bench sends as many requests as it announced', async () => {
  await using server = await startServer();
  const file = join(mkdtempSync(join(tmpdir(), 'bench-')), 'urls.txt');
  writeFileSync(file, `# slow\n${server.url}/delay/0.01\n\n${server.url}/delay/0.02\n`);
  const { code, stdout, stderr } = await runCli(['bench', '-i', file, ...small]);
  expect(code).toBe(0);
  const announced = Number(/sending (\d+) requests to 1 host/.exec(stderr)![1]);
  expect(server.requests).toBe(announced);
  expect(stdout).toContain('Your list (2 URLs on 1 host)');
});

/** Undoes the wrapping, whose places follow the lengths of the figures. */
function inOneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}

test('fetchmany bench --once requests each URL of the list once at each level', { timeout: 60_000 }, async () => {
  await using server = await startServer();
  const file = join(mkdtempSync(join(tmpdir(), 'bench-')), 'urls.txt');
  writeFileSync(file, Array.from({ length: 12 }, () => `${server.url}/delay/0.02\n`).join(''));
  const { code, stdout, stderr } = await runCli(['bench', '--once', '-i', file]);
  expect([code, server.requests]).toEqual([0, 24]);
  expect(stderr).toContain('level 50 lowered to 12: a round has only 12 requests');
  expect(inOneLine(stdout)).toMatch(/with -c 12 --per-host 6 .* --per-host 6 allowed only 6 concurrent requests/);
  const compared = await runCli(['bench', '--once', '-i', file, '--levels', '4']);
  expect([compared.code, server.requests]).toEqual([0, 24 + 24]);
  expect(compared.stderr).toContain('sending 24 requests to 1 host (2 levels x 1 round x 12)');
  expect(inOneLine(compared.stdout)).toMatch(
    / Speed-up: [\d.]+ x \(one by one [\d.]+ m?s, with -c 4 --per-host 6 [\d.]+ m?s\)\. $/,
  );
});

test(
  'fetchmany bench asks before it sends many requests to other machines, unless --yes is given',
  { timeout: 60_000 },
  async () => {
    const args = 'bench http://192.0.2.1/ --requests 1 --repeat 1 -t 50ms';
    const run = startInTerminal(args);
    await run.until((output) => output.includes('Send 2 requests to 192.0.2.1? [y/N] '));
    run.type('n\r');
    const { code, stdout } = await run.end;
    expect(code).toBe(2);
    expect(stdout).toContain('nothing was sent');
    const allowed = await runCli([...args.split(' '), '--yes']);
    expect(allowed.code).toBe(1);
    expect(allowed.stdout).toContain('Every request failed.');
  },
);

test('fetchmany bench respects --per-host, and names it as the bottleneck', async () => {
  await using server = await startServer();
  const args = ['bench', `${server.url}/delay/0.2`, '--per-host', '2', '--requests', '8', '--levels', '8', '-qj'];
  const { stdout } = await runCli([...args, '--repeat', '1']);
  const { levels, choice } = JSON.parse(stdout) as Printed;
  expect(levels[1]!.speedUp).toBeLessThan(3);
  expect(choice).toEqual({ level: 8, bound: 'per-host' });
});

test('fetchmany bench counts failed requests, does not retry them, and exits with 1', async () => {
  await using server = await startServer();
  const { code, stdout } = await runCli(['bench', `${server.url}/status/503`, '-q', ...small]);
  expect(code).toBe(1);
  expect(server.requests).toBe(42);
  expect(stdout).toContain('Errors at level 4: 16 x 503.');
  expect(stdout).toContain('Every request failed.');
});

test('fetchmany bench measures nothing if the input is empty', async () => {
  const { code, stdout, stderr } = await runCli(['bench', '-i', '-'], { input: '# nothing\n' });
  expect([code, stdout]).toEqual([3, '']);
  expect(stderr).toContain('the input contains no URLs');
});

test('fetchmany bench --html writes a page with the printed figures', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'bench-')), 'page.html');
  const args = ['bench', '--requests', '8', '--levels', '4', '--repeat', '1', '-q', '--html', file];
  const { code, stdout } = await runCli([...args, '-j']);
  expect(code).toBe(0);
  const { levels } = JSON.parse(stdout) as { levels: { perSecond: { median: number } }[] };
  const page = readFileSync(file, 'utf8');
  expect(levels).toHaveLength(2);
  for (const { perSecond } of levels) expect(page).toContain(`>${formatRate(perSecond.median)}<`);
  const again = await runCli(args);
  expect([again.code, again.stdout]).toEqual([4, '']);
  expect(again.stderr).toContain('it already exists; add --overwrite to replace it');
});

test.each([
  [['--level', '8'], 2, 'unknown option --level; did you mean --levels?'],
  [
    ['--levels', '8,0'],
    2,
    '--levels must be a list of whole numbers of at least 1, such as --levels 1,8,32: got "8,0"',
  ],
  [['--once'], 2, '--once measures your own list: pass URLs, or a list with -i urls.txt'],
  [['--once', 'example.com', '--repeat', '2'], 2, 'leave out --repeat'],
  [['http://192.0.2.1/', 'http://[2001:db8::1]/'], 2, 'requests to 192.0.2.1 and 1 other host; add --yes to allow it'],
  [['--repeat', 'twice'], 2, '--repeat must be a whole number of at least 1, such as --repeat 3: got "twice"'],
  [['-i', '/no/such/list'], 3, '/no/such/list'],
  [['--html', '/no/such/folder/page.html'], 4, 'its directory does not exist'],
])('fetchmany bench rejects %j', async (args, expected, message) => {
  const { code, stdout, stderr } = await runCli(['bench', ...args]);
  expect([code, stdout]).toEqual([expected, '']);
  expect(stderr).toContain(message);
});
