import { closeSync, mkdtempSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { runCli, shellCli } from '../../../helpers/process/cli.ts';
import { runShell } from '../../../helpers/process/module.ts';
import { after, held, respond, serve, silence, type ScriptedServer } from '../../../helpers/servers/serve.ts';
import { startInTerminal } from '../../../helpers/process/terminal.ts';

const directory = mkdtempSync(join(tmpdir(), 'fetchmany-progress-'));
let files = 0;

function list({ url }: ScriptedServer, count: number): string {
  const path = join(directory, `list-${(files += 1)}.txt`);
  writeFileSync(path, Array.from({ length: count }, (_, at) => `${url}/${at}\n`).join(''));
  return path;
}

const file = (ending: string): string => join(directory, `out-${(files += 1)}.${ending}`);
/** Matches the progress display. */
const inFlight = /in flight +\d/;
const some = (output: string): boolean => inFlight.test(output);
// oxlint-disable-next-line no-control-regex -- escape sequences are what this looks for
const escapes = /\u001b/;

function visible({ isCursorShown, wraps, strange }: ReturnType<ReturnType<typeof startInTerminal>['screen']>): object {
  return { isCursorShown, wraps, strange };
}
const asBefore = { isCursorShown: true, wraps: true, strange: [] };

describe.concurrent('progress on a terminal', () => {
  test('is shown during the run, and gone at the end', async () => {
    const reply = held(respond(200));
    await using server = await serve(reply);
    const run = startInTerminal(`-i ${list(server, 9)} -o ${file('jsonl')}`);
    await run.until((output) => output.includes('0 of 9 (0%)') && some(output));
    expect(run.screen().text).toMatch(
      /^0 of 9 \(0%\) {2}\d s so far {2}0\.0\/s now .*\n {2}in flight {3}6 of 50, 3 waiting \(--per-host 6\)$/,
    );
    expect(run.screen().cursor).toEqual([0, 0]);
    reply.release();
    expect((await run.end).code).toBe(0);
    expect(run.screen().text).toMatch(/^9 URLs in .*: 9 ok\n {2}throughput/);
    expect(run.screen().text).not.toMatch(inFlight);
    expect(visible(run.screen())).toEqual(asBefore);
  });

  test('stays below the rows, which are complete', async () => {
    await using server = await serve(after(150, respond(200)));
    const run = startInTerminal(`-i ${list(server, 40)} --per-host 4`);
    await run.until((output) => output.split('in flight').length > 4);
    expect(run.screen().text).toMatch(
      /^STATUS .*\n(200 .*\n)+\d+ of 40 .*\n {2}in flight {3}\d of 50, \d+ waiting \(--per-host 4\)$/,
    );
    expect((await run.end).code).toBe(0);
    expect(run.screen().text).toMatch(/^STATUS .*\n(200 .*\n){40}40 URLs in .*: 40 ok\n/);
    expect(run.screen().text).not.toMatch(inFlight);
    expect(visible(run.screen())).toEqual(asBefore);
  });

  test('damages no row of a JSON array, whose lines end late', async () => {
    await using server = await serve(after(150, respond(200)));
    const run = startInTerminal(`-i ${list(server, 30)} --per-host 4 --format json`, { columns: 4000 });
    expect((await run.end).code).toBe(0);
    const { text } = run.screen();
    const array = text.slice(0, text.indexOf('\n]\n') + 3);
    expect(JSON.parse(array)).toHaveLength(30);
    expect(text.slice(array.length)).toMatch(/^30 URLs/);
  });

  test('stays below messages, too', async () => {
    await using server = await serve(after(300, (response) => void response.destroy()));
    // Four hosts, as one that fails more often would be held.
    const urls = Array.from({ length: 12 }, (_, at) => `${server.at(`h${at % 4}`)}/${at}`);
    const run = startInTerminal(`-v --retries 0 ${urls.join(' ')} -c 3 -o ${file('csv')}`);
    await run.until((output) => output.split('NO_RESPONSE').length > 3 && some(output));
    expect(run.screen().text).toMatch(/^(fetchmany: http:[^]*?\n)+\d+ of 12/);
    await run.end;
    expect(run.screen().text).not.toMatch(inFlight);
    expect(run.screen().text.match(/NO_RESPONSE:/g)).toHaveLength(12);
    // A message longer than the display covers it, so the screen does not show whether it was erased.
    expect(run.output()).toContain('\r\u001b[Jfetchmany: http:');
  });

  test.each([
    ['Ctrl-C', (run: ReturnType<typeof startInTerminal>) => run.type('\u0003')],
    ['SIGTERM', (run: ReturnType<typeof startInTerminal>) => void process.kill(run.pid(), 'SIGTERM')],
  ])('is gone after %s, whether once, twice or three times', async (_, interrupt) => {
    await using server = await serve(silence);
    await Promise.all(
      [2, 3].map(async (times) => {
        const run = startInTerminal(`-i ${list(server, 9)} -o ${file('jsonl')}`);
        await run.until(some);
        interrupt(run);
        await run.until((output) => output.includes('finishing requests'));
        await run.until((output) => /  stopping(?!;)/.test(output));
        // Two signals sent at once may arrive as one.
        for (let count = 1; count < times; count += 1) {
          interrupt(run);
          if (count === 1 && times === 3) await run.until((output) => output.includes('cancelling running requests'));
        }
        await run.end;
        const { text } = run.screen();
        expect(text).toContain('finishing requests, up to 5 s');
        expect(text).not.toMatch(inFlight);
        if (times === 2) expect(text).toContain('6 requests cancelled, 3 URLs not started');
        expect(visible(run.screen())).toEqual(asBefore);
      }),
    );
  });

  test('is cleared while the process is suspended, and comes back', async () => {
    await using server = await serve(silence);
    const run = startInTerminal(`-i ${list(server, 9)} -o ${file('jsonl')}`);
    await run.until(some);
    process.kill(run.pid(), 'SIGTSTP');
    await vi.waitFor(() => expect(readFileSync(`/proc/${run.pid()}/stat`, 'utf8')).toContain(') T '), 5000);
    await vi.waitFor(() => expect(run.screen().text).toBe(''), 5000);
    const before = run.output().length;
    process.kill(run.pid(), 'SIGCONT');
    await run.until(() => inFlight.test(run.output().slice(before)));
    process.kill(run.pid(), 'SIGKILL');
    await run.end;
  });

  test('is gone after an error', async () => {
    await using server = await serve(after(400, respond(200)));
    const env = 'TERM=xterm sh -c \'ulimit -f 1; exec "$@"\' sh';
    const run = startInTerminal(`-i ${list(server, 500)} -o ${file('csv')}`, { env, columns: 200 });
    await run.until(some);
    expect((await run.end).code).toBe(4);
    expect(run.screen().text).toMatch(/^fetchmany: Cannot write to .*: it has reached the maximum file size.*$/);
    expect(visible(run.screen())).toEqual(asBefore);
  });

  test('has its lines shortened to the width, even when it changes', async () => {
    const reply = held(respond(200));
    await using server = await serve(reply);
    const run = startInTerminal(`-i ${list(server, 9)} -o ${file('jsonl')}`, { columns: 30 });
    await run.until(some);
    expect(run.screen().widest).toBeLessThan(30);
    for (const columns of [20, 12, 5, 1, 200]) {
      const before = run.output().length;
      run.resize(columns);
      await run.until((output) => output.length > before + 20);
      const lines = run.screen().text.split('\n');
      if (columns < 200) for (const line of lines) expect(line.length).toBeLessThanOrEqual(Math.max(1, columns - 1));
      else await run.until((output) => output.includes('0.0/s overall'));
    }
    reply.release();
    await run.end;
    expect(run.screen().text).not.toMatch(inFlight);
  });

  test('is no higher than the terminal', async () => {
    await using server = await serve(silence);
    const run = startInTerminal(`-i ${list(server, 9)} -o ${file('jsonl')} --deadline 2s`, { rows: 2 });
    await run.until((output) => output.includes('0 of 9'));
    expect(run.screen().text).toMatch(/^0 of 9 [^\n]*$/);
    await run.end;
  });

  test('is one line beside a pipe', async () => {
    await using server = await serve(after(200, respond(200)));
    const run = startInTerminal(`-i ${list(server, 30)} --per-host 4 -j | cat > /dev/null`);
    await run.until((output) => output.includes(' of 30'));
    expect(run.screen().text).toMatch(/^\d+ of 30 [^\n]*$/);
    await run.end;
    expect(run.screen().text).toMatch(/^30 URLs/);
  });

  test.each([
    ['with --no-progress', '--no-progress', 'TERM=xterm', 900],
    ['with -q', '-q', 'TERM=xterm', 900],
    ['with TERM=dumb', '', 'TERM=dumb', 900],
  ])('is not shown %s', async (_, flags, env, ms) => {
    await using server = await serve(after(ms, respond(200)));
    const run = startInTerminal(`-i ${list(server, 2)} ${flags} -o ${file('jsonl')}`, { env });
    expect((await run.end).code).toBe(0);
    expect(run.output()).not.toMatch(escapes);
    expect(run.output()).not.toMatch(inFlight);
  });

  test('is not shown for a very short run', async () => {
    await using server = await serve(after(280, respond(200)));
    const run = startInTerminal(`${server.url}/ -o ${file('jsonl')}`);
    await run.end;
    const tookMs = Number(/^1 URL in (\d+) ms/.exec(run.screen().text)?.[1] ?? Infinity);
    // A busy machine may make the run longer than that.
    if (tookMs < 480) expect(run.output()).not.toMatch(escapes);
  });

  test('shows what was done before', async () => {
    await using server = await serve(after(400, respond(200)));
    const [input, output] = [list(server, 8), file('jsonl')];
    await runCli(['-q', '-i', input, '-o', output, '--per-host', '1', '--deadline', '1400ms']);
    const run = startInTerminal(`-i ${input} -o ${output} --resume --per-host 1`);
    await run.until((text) => /[3-7] of 8 \(\d+%, [23] from earlier run\)/.test(text));
    expect((await run.end).code).toBe(0);
  });

  test('shows no total for a pipe', async () => {
    const pipe = file('pipe');
    await runShell(`mkfifo ${pipe}`);
    const writer = openSync(pipe, 'r+');
    const run = startInTerminal(`-i ${pipe} -o ${file('jsonl')}`);
    await run.until((output) => output.includes('0 done  1 s so far') && some(output));
    closeSync(writer);
    await run.end;
    expect(run.screen().text).toBe('fetchmany: the input contains no URLs (with --allow-empty, this is no error)');
  });

  test('estimates no end before the end of a pause', async () => {
    await using server = await serve({ '/paused': [respond(429, { 'retry-after': '9' })], '*': respond(200) });
    const paused = Array.from({ length: 4 }, () => `${server.url}/paused`).join(' ');
    const others = Array.from({ length: 40 }, (_, at) => `${server.at('other')}/${at}`).join(' ');
    const run = startInTerminal(`${paused} ${others} -o ${file('jsonl')} --deadline 6s`);
    await run.until((output) => /40 of 44 \(90%\) {2}[5-9] s left/.test(output));
    await run.end;
  });
});

describe.concurrent('progress without a terminal', () => {
  test('is not shown', async () => {
    await using server = await serve(after(700, respond(200)));
    const { stdout, stderr } = await runCli(['-i', list(server, 2)]);
    expect(stdout + stderr).not.toMatch(escapes);
    expect(stderr).toMatch(/^2 URLs in /);
    const mixed = await runShell(`${shellCli} -i ${list(server, 2)} 2>&1 | cat`);
    expect(mixed.stdout).not.toMatch(escapes);
  });

  test('is a plain line every 10 s with --progress plain', async () => {
    await using server = await serve(silence);
    const args = ['-i', list(server, 9), '--progress', 'plain', '-q', '--deadline', '10500ms', '-o', file('jsonl')];
    const { stderr } = await runCli(args);
    const [first, ...others] = stderr.split('\n');
    expect(first).toMatch(
      /^fetchmany: 0 of 9 \(0%\), 0\.0\/s now, 0\.0\/s overall, 10 s so far, 6 in flight, 3 waiting \(--per-host 6\), oldest 1\d s: http:\/\/127\.0\.0\.1:\d+\/0$/,
    );
    expect(others.join('\n')).not.toContain('in flight, 3 waiting');
  }, 30_000);
});

test('a progress display does not keep the process alive', async () => {
  await using server = await serve(respond(200));
  const startedAt = performance.now();
  const { code } = await runCli([`${server.url}/`, '--progress', 'plain', '-q']);
  expect([code, performance.now() - startedAt < 5000]).toEqual([0, true]);
});
