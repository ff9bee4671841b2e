import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { inLanes } from '../../helpers/in-lanes.ts';
import { expectWhole } from '../../helpers/journal/checked-run.ts';
import { runCli, shellCli, startCli, untilSays } from '../../helpers/process/cli.ts';
import { ended, runShell, type Ended } from '../../helpers/process/module.ts';
import { after, held, respond, serve, silence, type Reply, type ScriptedServer } from '../../helpers/servers/serve.ts';
import { temporary } from '../../helpers/temporary.ts';
import { hasStrace } from '../../helpers/process/tools.ts';

const { path, file, directory } = temporary('resume');

const killRounds = Number(process.env['KILL_ROUNDS'] ?? 15);
const straceAll = process.env['STRACE_ALL'] !== undefined;
const straceTimeout = straceAll ? 900_000 : 90_000;
/** Numbers of system calls at which to inject something: some, or all with STRACE_ALL. */
const places = (some: readonly number[]): readonly number[] =>
  straceAll ? Array.from({ length: 200 }, (_, at) => at + 1) : some;
const canTrace = hasStrace();

const lengthOf = (on: string): number => Number(on.slice(1)) * 3;
const bodies: Reply = (response, seen) => respond(200, {}, 'x'.repeat(lengthOf(seen.path)))(response, seen);

const urlsOf = (server: ScriptedServer, count: number): string[] =>
  Array.from({ length: count }, (_, at) => `${server.url}/${at}`);

const listOf = (urls: readonly string[]): string => file(urls.join('\n'), '.txt');
const lines = (output: string): string[] => readFileSync(output, 'utf8').split('\n').slice(0, -1);

async function killAfter(child: ChildProcess, ms: number): Promise<Ended> {
  const end = ended(child);
  await sleep(ms);
  child.kill('SIGKILL');
  return end;
}

/** Runs the command under strace, which kills it at its Nth system call of a kind on the output or its lock. */
async function runKilledAt(
  call: string,
  at: number,
  { output, args }: { readonly output: string; readonly args: readonly string[] },
): Promise<boolean> {
  // Some machines only have the newer name: `linkat`.
  const calls = `?${call},?${call}at`;
  const { code } = await runShell(
    `UV_THREADPOOL_SIZE=1 strace -f -qq -o /dev/null -P ${output} -P ${output}.lock -e trace=${calls} ` +
      `-e inject=${calls}:signal=SIGKILL:when=${at} ${shellCli} ${args.join(' ')}`,
  );
  if (code !== 0) expect(code === null || code > 128).toBe(true);
  return code !== 0;
}

describe('kill -9', () => {
  test(
    `at random times, ${killRounds} rounds: no record is lost or written twice`,
    { timeout: 20_000 + killRounds * 15_000 },
    async () => {
      let kills = 0;
      const rounds = Array.from({ length: killRounds }, (_, round) => round);
      await inLanes(rounds, async () => {
        await using server = await serve(after(5, bodies));
        const urls = urlsOf(server, 150);
        const output = path('.jsonl');
        const args = ['-i', listOf(urls), '-o', output, '--resume', '-c', '4', '--per-host', '4', '-q'];
        let killed = 0;
        for (; killed < 2; killed += 1) {
          const { signal } = await killAfter(startCli(args), 200 + Math.random() * 400);
          if (signal === null) break;
        }
        const { code, stderr } = await runCli(args);
        expect([code, stderr]).toEqual([0, '']);
        expectWhole({ urls, output, asked: server.paths, kills: killed, concurrency: 4, lengthOf });
        kills += killed;
      });
      expect(kills).toBeGreaterThan(0);
    },
  );

  // strace counts each system call by itself: of several at once only the first would ever be met.
  test.skipIf(!canTrace).each([
    ['link', [1], 1],
    ['write', [1, 7], 10],
    ['fdatasync', [1, 7], 10],
    ['unlink', [1], 1],
  ])('at its Nth %s of the file or its lock', { timeout: straceTimeout }, async (call, some, most) => {
    let isOver = false;
    await inLanes(places(some), async (at) => {
      if (isOver) return;
      await using server = await serve(bodies);
      const urls = urlsOf(server, 10);
      const output = path('.jsonl');
      const args = ['-i', listOf(urls), '-o', output, '--resume', '-c', '2', '-q', '--fsync', 'record'];
      const isKilled = await runKilledAt(call, at, { output, args });
      const { code, stderr } = await runCli(args);
      expect([at, code, stderr]).toEqual([at, 0, '']);
      expectWhole({ urls, output, asked: server.paths, kills: 1, concurrency: 2, lengthOf });
      expect(isKilled).toBe(at <= most);
      isOver ||= !isKilled;
    });
  });
});

describe('recovery', () => {
  test.skipIf(!canTrace).each([
    ['incomplete', (bytes: Buffer) => bytes.subarray(0, -40), ['ftruncate', 'write', 'fdatasync']],
    ['without its line break', (bytes: Buffer) => bytes.subarray(0, -1), ['write']],
    ['followed by NULs', (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc(100)]), ['ftruncate']],
  ])('of a last record that is %s can be repeated after a kill', async (_, damage, calls) => {
    await using server = await serve(bodies);
    const urls = urlsOf(server, 4);
    const output = path('.jsonl');
    const args = ['-i', listOf(urls), '-o', output, '--resume', '-q', '--fsync', 'record'];
    await runCli(args);
    const damaged = damage(readFileSync(output));
    for (const call of calls) {
      writeFileSync(output, damaged);
      expect([call, await runKilledAt(call, 1, { output, args })]).toEqual([call, true]);
      const { code, stderr } = await runCli(args);
      expect([call, code, stderr]).toEqual([call, 0, '']);
      expectWhole({ urls, output, asked: server.paths, kills: server.requests.length, concurrency: 1, lengthOf });
    }
  });
});

describe('--fsync', () => {
  /** Lists the calls on the file, and the time at which each ended. */
  async function callsOf(output: string, command: string): Promise<{ readonly name: string; readonly at: number }[]> {
    const log = path('.log');
    const run = await runShell(`strace -f -ttt -T -qq -o ${log} -P ${output} -e trace=write,fdatasync ${command}`);
    expect(run.code).toBe(0);
    // A call interrupted by another thread is logged on two lines; the second has the end, but not the file name.
    return [
      ...readFileSync(log, 'utf8').matchAll(/^\d+ +([\d.]+) (?:<\.\.\. )?(write|fdatasync)\b.*<([\d.]+)>$/gm),
    ].map(([line, at, name, took]) => ({
      name: name!,
      at: Number(at) + (line.includes('resumed') ? 0 : Number(took)),
    }));
  }

  test.skipIf(!canTrace)('second: a record is on disk within a second of being written', async () => {
    await using server = await serve(after(150, bodies));
    const output = path('.jsonl');
    const list = listOf(urlsOf(server, 20));
    const calls = await callsOf(output, `${shellCli} -i ${list} -o ${output} -q --mode sequential`);
    expect(calls.filter(({ name }) => name === 'write')).toHaveLength(20);
    calls.forEach(({ name, at }, place) => {
      const sync = calls.slice(place).find((call) => call.name === 'fdatasync');
      if (name === 'write') expect((sync?.at ?? Infinity) - at).toBeLessThan(1);
    });
  });

  test.skipIf(!canTrace).each([
    ['record', /^(write fdatasync ){9}write fdatasync$/],
    ['never', /^(write ){9}write$/],
  ])('%s: the calls are in the documented order', async (policy, order) => {
    await using server = await serve(bodies);
    const output = path('.jsonl');
    const list = listOf(urlsOf(server, 10));
    const calls = await callsOf(output, `${shellCli} -i ${list} -o ${output} -q -c 1 --fsync ${policy}`);
    expect(calls.map(({ name }) => name).join(' ')).toMatch(order);
  });
});

describe('output faults', () => {
  test.skipIf(!canTrace).each([
    ['write', 'ENOSPC', 'no disk space left (DISK_FULL)'],
    ['write', 'EIO', 'the device failed (EIO)'],
    ['fdatasync', 'EIO', 'the device failed (EIO)'],
    ['fdatasync', 'ENOSPC', 'no disk space left (DISK_FULL)'],
  ])(
    '%s fails with %s: exit 4, and the run can be resumed',
    { timeout: straceTimeout },
    async (call, error, message) => {
      for (const at of places([1, 7])) {
        await using server = await serve(bodies);
        const urls = urlsOf(server, 8);
        const output = path('.jsonl');
        const args = ['-i', listOf(urls), '-o', output, '-c', '2', '--fsync', 'record'];
        const run = await runShell(
          `UV_THREADPOOL_SIZE=1 strace -f -qq -o /dev/null -P ${output} -e trace=${call} -e inject=${call}:error=${error}:when=${at} ${shellCli} ${args.join(' ')}`,
        );
        if (run.code === 0) {
          expect(at).toBeGreaterThan(8);
          break;
        }
        expect([run.code, run.stderr]).toEqual([4, expect.stringContaining(`Cannot write to ${output}: ${message}`)]);
        expect(run.stderr).toContain('to continue:');
        expect((await runCli([...args, '--resume'])).code).toBe(0);
        expectWhole({ urls, output, asked: server.paths, kills: 1, concurrency: 3, lengthOf });
      }
    },
  );

  test('the directory vanishes: exit 4 within seconds', async () => {
    await using server = await serve(after(20, bodies));
    const output = `${path()}/out.jsonl`;
    const child = startCli(['-i', '-', '-o', output], { keepsInputOpen: true });
    const end = ended(child);
    rmSync(dirname(output), { recursive: true, force: true });
    expect(await end).toMatchObject({ code: 4, stderr: expect.stringContaining('its directory does not exist') });
    const folder = path();
    mkdirSync(folder);
    const inPlace = `${folder}/out.jsonl`;
    const running = startCli(['-i', listOf(urlsOf(server, 2000)), '-o', inPlace]);
    const runningEnd = ended(running);
    await server.seen(20);
    rmSync(folder, { recursive: true });
    expect(await runningEnd).toMatchObject({ code: 4, stderr: expect.stringContaining('it was deleted while') });
    expect(server.requests.length).toBeLessThan(2000);
    expect(existsSync(`${inPlace}.lock`)).toBe(false);
  });
});

describe('a file that another process changes while it is written', () => {
  test.each([
    ['within a record', 0.6],
    ['to nothing', 0],
  ])('truncated %s: exit 4, and the run can be resumed', async (_, part) => {
    await using server = await serve(after(20, bodies));
    const urls = urlsOf(server, 400);
    const output = path('.jsonl');
    const args = ['-i', listOf(urls), '-o', output, '-q'];
    const run = startCli(args);
    const end = ended(run);
    await server.seen(60);
    const left = Math.floor(statSync(output).size * part);
    truncateSync(output, left);
    const kept = readFileSync(output, 'utf8').split('\n').length - 1;
    expect(await end).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('it was cut by another process while it was being written'),
    });
    // Nothing was appended.
    expect(statSync(output).size).toBe(left);
    const before = server.requests.length;
    expect(before).toBeLessThan(400);
    expect(await runCli([...args, '--resume'])).toMatchObject({ code: 0, stderr: '' });
    expect(server.requests.length - before).toBe(400 - kept);
    expectWhole({ urls, output, asked: server.paths, kills: before, concurrency: 1, lengthOf });
  });

  test('deleted, in another format: exit 4', async () => {
    await using server = await serve(after(20, bodies));
    const output = path('.csv');
    const run = startCli(['-i', listOf(urlsOf(server, 2000)), '-o', output]);
    const end = ended(run);
    await server.seen(20);
    rmSync(output);
    expect(await end).toMatchObject({ code: 4, stderr: expect.stringContaining('it was deleted while') });
    expect(server.requests.length).toBeLessThan(2000);
    expect(existsSync(`${output}.lock`)).toBe(false);
  });
});

describe('one process per file', () => {
  test.each(['csv', 'jsonl'])('in format %s, whatever the other process writes', async (format) => {
    const first = held(bodies);
    await using server = await serve({ '/0': first, '*': bodies });
    const output = path('.jsonl');
    const run = startCli([`${server.url}/0`, '-o', output, '--format', format, '-q']);
    const end = ended(run);
    await server.seen(1);
    for (const other of ['text', 'jsonl']) {
      const second = await runCli([`${server.url}/1`, '-o', output, '--format', other, '--overwrite']);
      expect(second).toMatchObject({ code: 4, stderr: expect.stringContaining(`process ${run.pid} on`) });
    }
    first.release();
    expect(await end).toMatchObject({ code: 0, stderr: '' });
    expect(readFileSync(output, 'utf8')).toContain('/0');
    expect(existsSync(`${output}.lock`)).toBe(false);
    expect(server.requests).toHaveLength(1);
  });

  test('a second process is refused while the first runs, even with --resume, but not after a kill', async () => {
    await using server = await serve({ '/0': [silence, bodies], '*': bodies });
    const urls = urlsOf(server, 3);
    const output = path('.jsonl');
    const args = ['-i', listOf(urls), '-o', output, '-q'];
    const first = startCli(args);
    await server.seen(3);
    for (const more of ['--resume', '--overwrite', '-q']) {
      const second = await runCli([...args, more]);
      expect(second).toMatchObject({ code: 4, stderr: expect.stringContaining(`process ${first.pid} on`) });
    }
    const killed = ended(first);
    first.kill('SIGKILL');
    await killed;
    expect(existsSync(`${output}.lock`)).toBe(true);
    expect(await runCli([...args, '--resume'])).toMatchObject({ code: 0, stderr: '' });
    expect(existsSync(`${output}.lock`)).toBe(false);
    expectWhole({ urls, output, asked: server.paths, kills: 1, concurrency: 1, lengthOf });
  });
});

describe('interrupted', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('by %s: the printed command continues the run', async (signal, code) => {
    const first = held(bodies);
    await using server = await serve(first);
    const urls = urlsOf(server, 40);
    const output = path('.jsonl');
    const child = startCli(['-i', listOf(urls), '-o', output, '-c', '5', '--overwrite'], { cwd: directory });
    const end = ended(child);
    await server.seen(5);
    child.kill(signal);
    await untilSays(child, 'stderr', 'finishing requests, up to 5 s');
    first.release();
    const { code: interrupted, stderr } = await end;
    expect(interrupted).toBe(code);
    const command = stderr.split('\n').at(-2)!;
    expect(command).toMatch(/ --resume$/);
    expect(existsSync(`${output}.lock`)).toBe(false);
    const resumed = await runShell(`cd ${directory}; PATH=${dirname(process.execPath)}:$PATH; ${command}`);
    expect([resumed.code, resumed.stderr]).toEqual([
      0,
      expect.stringMatching(/skipped 5 URLs already recorded\n35 URLs in /),
    ]);
    expectWhole({ urls, output, asked: server.paths, kills: 0, concurrency: 5, lengthOf });
  });

  test('one skipped URL is reported in the singular', async () => {
    await using server = await serve({ '*': bodies });
    const args = [...urlsOf(server, 1), '-o', path('.jsonl')];
    expect((await runCli(args)).code).toBe(0);
    expect((await runCli([...args, '--resume'])).stderr).toBe(
      'fetchmany: skipped 1 URL already recorded\nfetchmany: all URLs are already done\n',
    );
  });

  test('a cancelled request is made again, and its later record counts', async () => {
    await using server = await serve({ '/0': [silence, bodies], '*': bodies });
    const urls = urlsOf(server, 4);
    const output = path('.jsonl');
    const args = ['-i', listOf(urls), '-o', output];
    expect(await runCli([...args, '--deadline', '700ms'])).toMatchObject({ code: 7 });
    expect(lines(output).filter((line) => line.includes('"cancelled"'))).toHaveLength(1);
    expect((await runCli([...args, '--resume'])).code).toBe(0);
    expectWhole({ urls, output, asked: server.paths, kills: 1, concurrency: 1, lengthOf });
    expect(await runCli([...args, '--resume'])).toMatchObject({
      code: 0,
      stderr: 'fetchmany: skipped 4 URLs already recorded\nfetchmany: all URLs are already done\n',
    });
  });

  test.each(['gather', 'sequential'])('in mode %s the indexes refer to the whole list', async (mode) => {
    await using server = await serve(bodies);
    const urls = urlsOf(server, 9);
    const output = path('.jsonl');
    await runCli(['-i', listOf(urls.slice(3, 5)), '-o', output]);
    await runCli(['-i', listOf(urls), '-o', output, '--resume', '--mode', mode]);
    const indexes = lines(output).map((line) => (JSON.parse(line) as { index: number }).index);
    expect(indexes.slice(2)).toEqual([0, 1, 2, 5, 6, 7, 8]);
  });
});

test('--max-errors that is exceeded by the last records says that all URLs were done', async () => {
  await using server = await serve(respond(404));
  const run = await runCli(['-i', listOf(urlsOf(server, 3)), '--max-errors', '2']);
  expect(run.code).toBe(7);
  expect(run.stderr).toMatch(/more than 2 of the records are not ok \(--max-errors\): all URLs were done$/m);
});

test('--max-errors ends the run with exit 7, counts what is left, and allows a resume', async () => {
  await using server = await serve(respond(404));
  const output = path('.jsonl');
  const args = ['-i', listOf(urlsOf(server, 300)), '-o', output, '-c', '2'];
  const run = await runCli([...args, '--max-errors', '5']);
  expect(run.code).toBe(7);
  expect(run.stderr).toMatch(/more than 5 of the records are not ok \(--max-errors\): 29\d URLs not started/);
  expect(run.stderr).toMatch(/--resume\n$/);
  const rest = await runCli([...args, '--resume', '--max-errors', '50%']);
  expect([rest.code, lines(output).length]).toEqual([7, expect.any(Number)]);
  expect(lines(output).length).toBeLessThan(70);
});

test('the exit code covers the records of earlier runs', async () => {
  await using server = await serve({ '/0': respond(404), '/1': bodies });
  const output = path('.jsonl');
  await runCli([`${server.url}/0`, '-o', output]);
  const rest = await runCli([`${server.url}/0`, `${server.url}/1`, '-o', output, '--resume']);
  expect(rest).toMatchObject({ code: 1, stderr: expect.stringContaining('1 of them not ok (--retry-failed fetches') });
});

test('a URL that --retry-failed fetched successfully counts as ok, however the list was shuffled', async () => {
  await using server = await serve({ '/0': [respond(404), bodies], '*': bodies });
  const urls = urlsOf(server, 3);
  const output = path('.jsonl');
  const run = async (list: readonly string[], ...more: string[]): Promise<Ended> =>
    runCli(['-i', listOf(list), '-o', output, '--resume', ...more]);
  expect((await run(urls)).code).toBe(1);
  expect((await run(urls.toReversed(), '--retry-failed')).code).toBe(0);
  for (const list of [urls, urls.toReversed(), urls.slice(0, 1)]) {
    for (const more of [[], ['--retry-failed']]) {
      const { code, stderr } = await run(list, ...more);
      expect([code, stderr]).toEqual([
        0,
        expect.stringMatching(/^fetchmany: skipped \d URLs? already recorded\n.*already done\n$/),
      ]);
    }
  }
  expect(server.paths.filter((on) => on === '/0')).toHaveLength(2);
  expect(server.requests).toHaveLength(4);
});

test('a stop while records are read back: no request is made, and the file is unchanged', async () => {
  await using server = await serve(bodies);
  const output = path('.jsonl');
  const args = ['-i', listOf(urlsOf(server, 3)), '-o', output];
  await runCli([...args]);
  const records = readFileSync(output, 'utf8');
  const long = `${records.repeat(30_000)}{"index":7,"ur`;
  writeFileSync(output, long);
  const run = await runCli([...args, `${server.url}/4`, '--resume', '--deadline', '1ms']);
  expect([run.code, run.stderr]).toEqual([
    7,
    expect.stringMatching(/the rest of the list was not read\n.*\n.* --resume .*\n$/),
  ]);
  expect(readFileSync(output, 'utf8') === long).toBe(true);
  expect(existsSync(`${output}.lock`)).toBe(false);
  expect(server.requests).toHaveLength(3);
  expect((await runCli([...args, `${server.url}/4`, '--resume'])).code).toBe(0);
  expect(server.requests).toHaveLength(4);
});

test.each([
  ['NULs', '\0'.repeat(4096), 'it contains no records, only blank lines or NULs'],
  ['blank lines', '\n\n', 'it contains no records, only blank lines or NULs'],
  ['another version', '{"version":2,"index":0}\n', 'line 1 is from another version of fetchmany (record version 2)'],
])('a file of %s is refused with exit 4 and one line, and not changed', async (_, content, message) => {
  const output = file(content, '.jsonl');
  expect(await runCli(['http://127.0.0.1:1/', '-o', output, '--resume'])).toMatchObject({
    code: 4,
    stderr: `fetchmany: Cannot write to ${output}: it cannot be resumed, as ${message}; choose another file, or move this one away\n`,
  });
  expect(readFileSync(output, 'utf8')).toBe(content);
});

test('a hostile file is refused with exit 4 and one line', async () => {
  const output = file('<html>\n', '.jsonl');
  expect(await runCli(['http://127.0.0.1:1/', '-o', output, '--resume'])).toEqual({
    code: 4,
    signal: null,
    stdout: '',
    stderr: expect.stringMatching(
      /^fetchmany: Cannot write to \S+: it cannot be resumed, as line 1 is not a fetchmany record.*\n$/,
    ),
  });
});
