import { once } from 'node:events';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { runCli, startCli, untilSays } from '../../../helpers/process/cli.ts';
import { ended } from '../../../helpers/process/module.ts';
import { after, held, respond, serve, silence } from '../../../helpers/servers/serve.ts';

const directory = mkdtempSync(join(tmpdir(), 'fetchmany-interrupt-'));
let files = 0;

function list(url: string, count: number): string {
  const path = join(directory, `list-${(files += 1)}.txt`);
  writeFileSync(path, Array.from({ length: count }, (_, at) => `${url}/${at}\n`).join(''));
  return path;
}

const records = (text: string): { kind: string; index: number }[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { kind: string; index: number });

test('Ctrl-C once: nothing new starts, what is in flight is finished, the rest is counted, and the way on is shown', async () => {
  const reply = held(respond(200));
  await using server = await serve(reply);
  const output = join(directory, 'once.jsonl');
  const child = startCli(['-i', list(server.url, 30_000), '-o', output, '--per-host', '3', '-H', 'X-Key: canary']);
  const end = ended(child);
  await server.seen(3);
  child.kill('SIGINT');
  await untilSays(child, 'stderr', 'nothing new starts');
  reply.release();
  const { code, stderr } = await end;
  expect(code).toBe(130);
  expect(records(readFileSync(output, 'utf8')).map(({ kind }) => kind)).toEqual(['response', 'response', 'response']);
  expect(server.requests).toHaveLength(3);
  expect(stderr).toContain('3 URLs in ');
  expect(stderr).toContain('fetchmany: stopped by SIGINT: 0 cut off in flight, 29,997 never started\n');
  const line = stderr.split('\n').at(-2)!;
  expect(line).toMatch(
    /^node .*bin\.ts --input=\S+ --output=\S+once\.jsonl --per-host=3 '--header=X-Key: \*\*\*' --resume$/,
  );
  expect(stderr).not.toContain('canary');
});

test('Ctrl-C twice: what is in flight is cut off and recorded', async () => {
  await using server = await serve(silence);
  const child = startCli(['-i', list(server.url, 50), '-j', '--per-host', '4', '--mode', 'gather']);
  const end = ended(child);
  await server.seen(4);
  child.kill('SIGINT');
  await untilSays(child, 'stderr', 'nothing new starts');
  const startedAt = performance.now();
  child.kill('SIGINT');
  const { code, stdout, stderr } = await end;
  expect(performance.now() - startedAt).toBeLessThan(2500);
  expect(code).toBe(130);
  expect(records(stdout)).toMatchObject([0, 1, 2, 3].map((index) => ({ index, kind: 'cancelled' })));
  expect(stderr).toContain('4 cut off in flight, 46 never started');
  expect(stderr).toContain('this run cannot be resumed; one that can is one with -o FILE.jsonl');
});

test('Ctrl-C once, and what is in flight takes too long: after 5 s it is cut off', async () => {
  await using server = await serve(silence);
  const child = startCli(['-j', ...[1, 2].map((path) => `${server.url}/${path}`)]);
  const end = ended(child);
  await server.seen(2);
  const startedAt = performance.now();
  child.kill('SIGINT');
  const { code, stdout } = await end;
  expect(performance.now() - startedAt).toBeGreaterThan(4900);
  expect(performance.now() - startedAt).toBeLessThan(8000);
  expect([code, records(stdout).map(({ kind }) => kind)]).toEqual([130, ['cancelled', 'cancelled']]);
});

test('Ctrl-C three times: it ends at once, also if nobody takes the records', async () => {
  const child = startCli(['-j'], { input: 'nonsense\n'.repeat(20_000), keepsInputOpen: true });
  const end = once(child, 'exit');
  // Of standard output not more is read than its start: it fills up, and whoever writes to it waits.
  await once(child.stdout!, 'readable');
  await sleep(500);
  child.kill('SIGINT');
  await untilSays(child, 'stderr', 'nothing new starts');
  child.kill('SIGINT');
  await untilSays(child, 'stderr', 'is cut off (once more');
  await sleep(300);
  expect(child.exitCode).toBeNull();
  child.kill('SIGINT');
  expect(await end).toEqual([130, null]);
});

test('SIGTERM is like Ctrl-C, with 143', async () => {
  await using server = await serve(after(300, respond(200)));
  const child = startCli(['-i', list(server.url, 50), '--format', 'json', '--per-host', '2']);
  const end = ended(child);
  await server.seen(2);
  child.kill('SIGTERM');
  const { code, stdout } = await end;
  expect(code).toBe(143);
  expect(JSON.parse(stdout)).toHaveLength(2);
});

test('Ctrl-C ends the wait for a silent standard input', async () => {
  await using server = await serve(respond(200));
  const child = startCli(['-j', '-i', '-'], { input: `${server.url}/1\n`, keepsInputOpen: true });
  const end = ended(child);
  await untilSays(child, 'stdout', '"status":200');
  const startedAt = performance.now();
  child.kill('SIGINT');
  const { code, stderr } = await end;
  expect(performance.now() - startedAt).toBeLessThan(2000);
  expect(code).toBe(130);
  expect(stderr).toContain('stopped by SIGINT: 0 cut off in flight, at least 0 never started');
});

test('Ctrl-C during the wait between two starts, or a long back-off, ends it', async () => {
  await using server = await serve(respond(503, { 'retry-after': '50' }));
  const paced = startCli([
    `${server.url}/1`,
    `${server.url}/2`,
    '--mode',
    'sequential',
    '--delay',
    '1h',
    '--retries',
    '0',
    '-j',
  ]);
  const pacedEnd = ended(paced);
  await untilSays(paced, 'stdout', '"status":503');
  paced.kill('SIGINT');
  expect(await pacedEnd).toMatchObject({ code: 130, stderr: expect.stringContaining('1 never started') });
  const waiting = startCli([`${server.url}/1`, '-j']);
  const waitingEnd = ended(waiting);
  await server.seen(2);
  await sleep(200);
  for (let time = 0; time < 2; time += 1) {
    waiting.kill('SIGINT');
    await sleep(100);
  }
  const { code, stdout } = await waitingEnd;
  expect([code, records(stdout).map(({ kind }) => kind)]).toEqual([130, ['cancelled']]);
});

test('a deadline after the end of the work changes nothing, nor keeps the process alive', async () => {
  await using server = await serve(respond(200));
  const startedAt = performance.now();
  expect(await runCli([`${server.url}/`, '--deadline', '1h', '-q'])).toMatchObject({ code: 0, stderr: '' });
  expect(performance.now() - startedAt).toBeLessThan(5000);
});
