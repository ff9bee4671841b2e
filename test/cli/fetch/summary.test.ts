import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { parseRecord, type ResultRecord } from '../../../src/http/record.ts';
import { runCli, startCli } from '../../helpers/process/cli.ts';
import { ended, type Ended } from '../../helpers/process/module.ts';
import { after, respond, serve, type Reply, type Script, type ScriptedServer } from '../../helpers/servers/serve.ts';

const directory = mkdtempSync(join(tmpdir(), 'fetchmany-summary-'));
let files = 0;
const file = (): string => join(directory, `out-${(files += 1)}.jsonl`);

interface Summary {
  readonly count: number;
  readonly wallMs: number;
  readonly bounds: readonly { readonly bound: string; readonly share: number }[];
  readonly [name: string]: unknown;
}

function summaryOf({ stderr }: Ended): Summary {
  const lines = stderr.split('\n').filter((line) => line.startsWith('{'));
  expect(lines).toHaveLength(1);
  return JSON.parse(lines[0]!) as Summary;
}

const numbered = (count: number, from: string): string[] => Array.from({ length: count }, (_, at) => `${from}/${at}`);

describe.concurrent('the summary names the bottleneck', () => {
  const slow: Reply = after(60, respond(200));

  test.for<[bound: string, script: Script, run: (server: ScriptedServer) => string[]]>([
    ['hostConcurrency', slow, ({ url }) => [...numbered(100, url), '--per-host', '3']],
    [
      'concurrency',
      slow,
      (server) => [...['a', 'b', 'c', 'd'].flatMap((name) => numbered(40, server.at(name))), '-c', '4'],
    ],
    ['rate', slow, ({ url }) => [...numbered(45, url), '--rate', '20/s']],
    ['hostRate', slow, ({ url }) => [...numbered(45, url), '--host-rate', '20/s']],
    [
      'pause',
      [respond(429, { 'retry-after': '3' }), respond(200)],
      ({ url }) => [...numbered(8, url), '--per-host', '1'],
    ],
    ['sequence', slow, ({ url }) => [...numbered(40, url), '--mode', 'sequential']],
    ['interval', respond(200), ({ url }) => [...numbered(7, url), '--mode', 'sequential', '--delay', '500ms']],
  ])('%s', async ([bound, script, run]) => {
    await using server = await serve(script);
    const { bounds } = summaryOf(await runCli(['-o', file(), ...run(server), '--summary', 'json']));
    expect(bounds[0]).toMatchObject({ bound });
    expect(bounds[0]!.share).toBeGreaterThan(0.5);
  });

  test('in words', async () => {
    await using server = await serve(slow);
    const { stderr } = await runCli(['-o', file(), ...numbered(100, server.url), '--per-host', '3']);
    expect(stderr).toMatch(/^ {2}bottleneck {2}--per-host 3 \(\d+% of the time\)/m);
  });

  test('beside the limits that were learned', async () => {
    await using server = await serve(slow);
    const limits = ['-c', 'auto:60', '--per-host', 'auto:8'];
    const { stderr, code } = await runCli(['-o', file(), ...numbered(60, server.url), ...limits]);
    expect(stderr).toMatch(/^ {2}at once {5}all hosts 50 -> \d+/m);
    expect(code).toBe(0);
  });

  test('slow input', async () => {
    await using server = await serve(respond(200));
    const child = startCli(['--summary', 'json', '-j'], { keepsInputOpen: true });
    const end = ended(child);
    for (const [at, url] of numbered(8, server.url).entries()) {
      child.stdin!.write(`${url}\n`);
      await server.seen(at + 1);
      await sleep(250);
    }
    child.stdin!.end();
    const { bounds } = summaryOf(await end);
    expect(bounds[0]).toMatchObject({ bound: 'input' });
  });

  test('but not for a run that was too short, or that ran all at once', async () => {
    await using server = await serve({ '/slow': after(900, respond(200)), '*': respond(200) });
    expect(summaryOf(await runCli([`${server.url}/`, '--summary', 'json'])).bounds).toEqual([]);
    const { stderr } = await runCli([`${server.url}/slow`]);
    expect(stderr).toMatch(/^1 URL in /);
    expect(stderr).not.toContain('held up');
  });
});

describe('--summary json', () => {
  test('equals a recount of the records', async () => {
    await using server = await serve({
      '/gone': respond(404),
      '/broken': (response) => void response.destroy(),
      '/flaky': [respond(503), respond(200, {}, 'x'.repeat(99))],
      '*': after(20, respond(200, {}, 'hello')),
    });
    const output = file();
    const urls = [
      ...numbered(30, server.url),
      ...numbered(5, server.at('other')),
      ...['/gone', '/broken', '/flaky', '/gone'].map((path) => server.url + path),
      'nonsense',
    ];
    const run = await runCli([...urls, '-q', '-o', output, '--summary', 'json']);
    expect(run.stderr.split('\n')).toHaveLength(2);
    const records = readFileSync(output, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => parseRecord(line)!);
    const summary = summaryOf(run);
    const responses = records.filter((record) => record.kind === 'response');
    const failures = records.filter((record) => record.kind === 'failure');
    const tried = records.filter(({ attempts }) => attempts > 0);
    expect(summary).toMatchObject({
      count: 40,
      responses: responses.length,
      ok: records.filter(({ ok }) => ok).length,
      failures: failures.length,
      cancelled: 0,
      statuses: counts(responses.map(({ status }) => status)),
      unexpected: { 404: 2 },
      codes: counts(failures.map(({ error }) => error.code)),
      retries: sum(tried.map(({ attempts }) => attempts - 1)),
      length: sum([...responses, ...failures].map(({ length }) => length)),
      wireLength: sum(responses.map(({ wireLength }) => wireLength)),
      elapsedMs: expect.closeTo(sum(records.map(({ elapsedMs }) => elapsedMs)), 1),
      before: { done: 0, notOk: 0 },
      halted: null,
      neverStarted: 0,
    });
    const times = tried.map(({ elapsedMs }) => elapsedMs).toSorted((a, b) => a - b);
    const { p50, max } = summary['percentilesMs'] as { p50: number; max: number };
    expect(max).toBe(times.at(-1));
    expect(p50 / times[Math.ceil(times.length / 2) - 1]!).toBeCloseTo(1, 2);
    const { known, failing } = summary['hosts'] as { known: number; failing: object[] };
    expect(known).toBe(2);
    expect(failing).toEqual([
      expect.objectContaining({ host: server.url, count: 34, notOk: notOkAt(records, server.url) }),
    ]);
  });

  test('counts what was done before, and what was not started', async () => {
    await using server = await serve(after(300, respond(200)));
    const [urls, output] = [numbered(9, server.url), file()];
    const args = [...urls, '-o', output, '--per-host', '1', '--summary', 'json'];
    const first = summaryOf(await runCli([...args, '--deadline', '1s']));
    expect(first).toMatchObject({ halted: 'deadline', neverStarted: 9 - first.count });
    const second = summaryOf(await runCli([...args, '--resume']));
    expect(second['before']).toEqual({ done: 9 - second.count, notOk: 0 });
    expect(second.count).toBeGreaterThan(4);
    expect(summaryOf(await runCli([...args, '--resume']))).toMatchObject({ count: 0, before: { done: 9, notOk: 0 } });
  });

  test('is omitted if records were lost', async () => {
    const { code, stderr } = await runCli(['-o', '/dev/full', '--summary', 'json', 'nonsense']);
    expect([code, stderr]).toEqual([4, expect.stringMatching(/^fetchmany: Cannot write to [^\n]*\n$/)]);
  });
});

function counts(values: readonly (string | number)[]): Record<string, number> {
  const all: Record<string, number> = {};
  for (const value of values) all[value] = (all[value] ?? 0) + 1;
  return all;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function notOkAt(records: readonly ResultRecord[], host: string): number {
  return records.filter(({ url, ok }) => url.startsWith(`${host}/`) && !ok).length;
}
