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

test('Ctrl-C once: running requests finish, the rest is counted, and the resume command is printed', async () => {
  const reply = held(respond(200));
  await using server = await serve(reply);
  const output = join(directory, 'once.jsonl');
  const child = startCli(['-i', list(server.url, 30_000), '-o', output, '--per-host', '3', '-H', 'X-Key: canary']);
  const end = ended(child);
  await server.seen(3);
  child.kill('SIGINT');
  await untilSays(child, 'stderr', 'finishing requests, up to 5 s');
  reply.release();
  const { code, stderr } = await end;
  expect(code).toBe(130);
  expect(records(readFileSync(output, 'utf8')).map(({ kind }) => kind)).toEqual(['response', 'response', 'response']);
  expect(server.requests).toHaveLength(3);
  expect(stderr).toContain('3 URLs in ');
  expect(stderr).toContain('fetchmany: stopped by SIGINT: 29,997 URLs not started\n');
  const line = stderr.split('\n').at(-2)!;
  expect(line).toMatch(
    /^node .*bin\.ts --input=\S+ --output=\S+once\.jsonl --per-host=3 '--header=X-Key: \*\*\*' --resume$/,
  );
  expect(stderr).not.toContain('canary');
});

test('Ctrl-C twice: running requests are cancelled and recorded', async () => {
  await using server = await serve(silence);
  const child = startCli(['-i', list(server.url, 50), '-j', '--per-host', '4', '--mode', 'gather']);
  const end = ended(child);
  await server.seen(4);
  child.kill('SIGINT');
  await untilSays(child, 'stderr', 'finishing requests, up to 5 s');
  const startedAt = performance.now();
  child.kill('SIGINT');
  const { code, stdout, stderr } = await end;
  expect(performance.now() - startedAt).toBeLessThan(2500);
  expect(code).toBe(130);
  expect(records(stdout)).toMatchObject([0, 1, 2, 3].map((index) => ({ index, kind: 'cancelled' })));
  expect(stderr).toContain('4 requests cancelled, 46 URLs not started');
  expect(stderr).toContain('this run cannot be resumed; use -o FILE.jsonl next time');
});

test('Ctrl-C once: requests that are still running after 5 s are cancelled', async () => {
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

test('Ctrl-C three times: the process exits at once, even if nobody reads the records', async () => {
  const child = startCli(['-j'], { input: 'http://[nonsense\n'.repeat(20_000), keepsInputOpen: true });
  const end = once(child, 'exit');
  // Read only the start of standard output: the pipe fills up, and the writer waits.
  await once(child.stdout!, 'readable');
  await sleep(500);
  child.kill('SIGINT');
  await untilSays(child, 'stderr', 'finishing requests, up to 5 s');
  child.kill('SIGINT');
  await untilSays(child, 'stderr', 'cancelling running requests (press Ctrl-C again to exit now)');
  await sleep(300);
  expect(child.exitCode).toBeNull();
  child.kill('SIGINT');
  expect(await end).toEqual([130, null]);
});

test('SIGTERM acts like Ctrl-C, with exit code 143', async () => {
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
  expect(stderr).toContain('stopped by SIGINT: the rest of the list was not read');
});

test('Ctrl-C ends the wait between two starts, and a long back-off', async () => {
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
  expect(await pacedEnd).toMatchObject({ code: 130, stderr: expect.stringContaining('1 URL not started') });
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

test('a deadline that is not reached has no effect, and does not keep the process alive', async () => {
  await using server = await serve(respond(200));
  const startedAt = performance.now();
  expect(await runCli([`${server.url}/`, '--deadline', '1h', '-q'])).toMatchObject({ code: 0, stderr: '' });
  expect(performance.now() - startedAt).toBeLessThan(5000);
});
