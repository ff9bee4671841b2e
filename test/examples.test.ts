import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const here = fileURLToPath(new URL('../examples/', import.meta.url));
const run = promisify(execFile);

/** Runs an example as a reader would, and returns what it prints, line by line. */
async function linesOf(example: string): Promise<string[]> {
  // Node 22 warns that it strips types.
  const env = { ...process.env, NODE_OPTIONS: '--disable-warning=ExperimentalWarning' };
  const { stdout, stderr } = await run(process.execPath, [`${example}.ts`], { cwd: here, env });
  expect(stderr).toBe('');
  return stdout.trimEnd().split('\n');
}

/** Removes the times from a line, since they differ from run to run. */
const timeless = (line: string): string => line.replaceAll(/\d+ ms/gu, 'N ms');

/** Lines that steps print when they run one after the other. */
const steps = (...names: readonly (string | number)[]): string[] =>
  names.flatMap((name) => [`step ${name} starts`, `step ${name} ends`]);

/** Returns the times of the matching lines, in milliseconds. */
function timesOf(lines: readonly string[], pattern: RegExp): number[] {
  const times = lines.filter((line) => pattern.test(line)).flatMap((line) => [...line.matchAll(/(\d+) ms/gu)]);
  return times.map(([, time]) => Number(time));
}

test('01: steps that depend on each other run one after the other, by await and by pipe()', async () => {
  const story = [
    'download starts',
    'download ends',
    'analyse starts',
    'analyse ends',
    'report starts',
    'report ends',
    'result: 5 words, the longest is rosebuds',
  ];
  expect(await linesOf('01-dependent-steps')).toEqual(['by await:', ...story, 'by pipe:', ...story]);
});

test('02: items one at a time, with a pause between the starts', async () => {
  const lines = await linesOf('02-one-at-a-time');
  expect(lines.map(timeless)).toEqual([
    'item 3 starts',
    'item 3 ends',
    'item 1 starts',
    'item 1 ends',
    'item 2 starts',
    'item 2 ends',
    'weights: 300 + 100 + 200 = 600',
    'took N ms, so the starts were N ms apart',
  ]);
  expect(timesOf(lines, /^took/u)[0]).toBeGreaterThanOrEqual(80);
});

test('03: wait() for all, and with a timeout after which the pending ones are cancelled', async () => {
  expect(await linesOf('03-wait-for-phases')).toEqual([
    'parse is done',
    'index is done',
    'publish is done',
    'without a timeout: 3 done, 0 pending',
    'parse is done',
    'with a timeout: 1 done, 2 pending, timed out: true',
    'publish stops: out of time',
    'index stops: out of time',
    'parse: fulfilled',
    'publish: cancelled',
    'index: cancelled',
  ]);
});

test('04: gather() gives the results in the order of the arguments', async () => {
  const lines = await linesOf('04-gather');
  expect(lines.map(timeless)).toEqual([
    'the slow one starts',
    'the fast one starts',
    'the fast one ends',
    'the slow one ends',
    'result of the slow one',
    'result of the fast one',
    'took N ms, and not 300',
  ]);
  expect(timesOf(lines, /^took/u)[0]).toBeGreaterThanOrEqual(199);
});

test('05: asCompleted() gives the shortest first, each with its index', async () => {
  expect(await linesOf('05-as-completed')).toEqual([
    'question 3: waited 40 ms',
    'question 2: waited 80 ms',
    'question 1: waited 120 ms',
    'question 0: waited 160 ms',
  ]);
});

test('06: chain() nests, and callbacks start the next', async () => {
  expect(await linesOf('06-chains')).toEqual([
    ...steps(1, 2.1, 2.2, 3),
    'results: [1,[2.1,2.2],3]',
    'step a starts',
    'the first is on its way',
    'step a ends',
    'callback for a',
    ...steps('b'),
    'callback for b',
    ...steps('c'),
    'callback for c',
    'all are done',
  ]);
});

test('07: tasks run while our own code continues', async () => {
  const lines = await linesOf('07-tasks');
  expect(lines.map(timeless)).toEqual([
    'long starts',
    'short starts',
    'our own code continues',
    'short ends',
    'long ends',
    'result of long',
    'result of short',
    'short was done already: awaiting it took no time',
    'took N ms, and not 300',
  ]);
  expect(timesOf(lines, /^took/u)[0]).toBeGreaterThanOrEqual(199);
});

test('08: all URLs of a list, one by one and together', async () => {
  const lines = await linesOf('08-fetch-all');
  const rows = [100, 2000, 30, 400].map(
    (length) => `SERVER/drip?delay=0.05&duration=0&numbytes=${length}: status=200, length=${length}`,
  );
  expect(lines.map((line) => timeless(line).replace(/^http:\/\/127\.0\.0\.1:\d+/u, 'SERVER'))).toEqual([
    ...rows,
    'one by one: 2530 bytes in N ms',
    ...rows,
    'together: 2530 bytes in N ms',
  ]);
  const [oneByOneMs, togetherMs] = timesOf(lines, /bytes in/u);
  expect(oneByOneMs).toBeGreaterThanOrEqual(199);
  expect(togetherMs).toBeGreaterThanOrEqual(49);
  expect(togetherMs).toBeLessThan(oneByOneMs!);
});

test('09: a semaphore of five never lets the server see six', async () => {
  const most = (await linesOf('09-semaphore')).map((line) =>
    /^a semaphore of (?<limit>\d+): 50 answers, at most (?<most>\d+) in flight$/u.exec(line),
  );
  expect(most.map((line) => Number(line?.groups!.limit))).toEqual([5, 20]);
  expect(most.map((line) => Number(line?.groups!.most))).toEqual([5, 20]);
});

test('10: the producer waits while the queue is full, and all consumers end when it closes', async () => {
  const lines = await linesOf('10-producer-consumers');
  const items = (pattern: RegExp): number[] =>
    lines.flatMap((line) => pattern.exec(line)?.slice(1, 2) ?? []).map((item) => Number(item));
  const all = Array.from({ length: 12 }, (_, index) => index + 1);
  expect(items(/^producer: (\d+)/u)).toEqual(all);
  expect(items(/^consumer \d: (\d+)/u).sort((a, b) => a - b)).toEqual(all);
  expect(items(/^producer: (\d+), after a wait/u).length).toBeGreaterThan(0);
  // Five in the queue, and one with each consumer.
  let ahead = 0;
  for (const line of lines) {
    if (/^producer: \d/u.test(line)) ahead += 1;
    if (/^consumer \d: \d/u.test(line)) ahead -= 1;
    expect(ahead).toBeLessThanOrEqual(7);
  }
  expect(lines).toContain('producer: the queue is closed');
  expect(lines.slice(-3)).toEqual(['consumer 1: the end', 'consumer 2: the end', 'consumed: 12']);
});

test('11: an outcome for each job, or the first error', async () => {
  expect(await linesOf('11-errors-as-values')).toEqual([
    'job 0: 5',
    'job 1 failed: RangeError: 11 is odd',
    'job 2: 6',
    'all failed: RangeError: 11 is odd',
  ]);
});

test('12: worker threads leave the event loop free', async () => {
  const lines = await linesOf('12-cpu-heavy');
  expect(lines.map(timeless)).toEqual([
    'in the event loop: 4, 4, 6 words, the event loop stood still for N ms',
    'in worker threads: 4, 4, 6 words, the event loop stood still for N ms',
  ]);
  const [inLoopMs, inThreadsMs] = timesOf(lines, /stood still/u);
  expect(inLoopMs).toBeGreaterThanOrEqual(50);
  expect(inThreadsMs).toBeLessThan(inLoopMs!);
});

test('13: requests over node:http, the global fetch and undici', async () => {
  const of = (client: string): string[] => [
    `${client}: /gzip gave 200 after 0 redirects`,
    `${client}: /redirect/2 gave 200 after 2 redirects`,
    `${client}: /status/404 gave 404 after 0 redirects`,
  ];
  expect(await linesOf('13-own-transport')).toEqual(['node:http', 'fetch', 'undici'].flatMap(of));
});

test('14: done callbacks hand each result to the next step', async () => {
  expect(await linesOf('21-dependent-callbacks')).toEqual([
    'our own code continues',
    'download: fulfilled',
    'count: fulfilled',
    'report: fulfilled',
    'result: 5 words',
  ]);
});

test('15: a task group ends its tasks together', async () => {
  expect(await linesOf('22-task-group')).toEqual([
    'user loaded, posts loaded',
    'news stops: Not done within 50 ms',
    'archive stops: Not done within 50 ms',
    'A task failed: Not done within 50 ms',
  ]);
});

test('16: a priority queue gives urgent work first', async () => {
  const lines = await linesOf('23-priority-queue');
  expect(lines.slice(0, 4)).toEqual([
    'ticket (priority 1)',
    'receipt (priority 1)',
    'letter (priority 2)',
    'poster (priority 3)',
  ]);
  expect(lines.slice(4).sort()).toEqual(['Ann goes home', 'Bob goes home']);
});

test('14: a token that expires is refreshed once for all requests that need it', async () => {
  expect(await linesOf('14-token-refresh')).toEqual(['20 of 20 are ok', 'tokens issued: 2']);
});

test('15: every message is signed with what it says', async () => {
  expect(await linesOf('15-signing')).toEqual([
    'signed GET: 200',
    'signed POST: 200',
    'unsigned GET: 403',
    'unsigned POST: 403',
  ]);
});

test('16: a cache answers without asking, or asks whether its answer still holds', async () => {
  const texts = 'content, content, content, content';
  expect(await linesOf('16-caching')).toEqual([
    `fresh for an hour: ${texts}; served 1, confirmed 0`,
    `never fresh: ${texts}; served 1, confirmed 3`,
  ]);
});

test('17: digest authentication answers a challenge once', async () => {
  expect(await linesOf('17-digest')).toEqual([
    'password secret: 200 200 200 in 4 messages',
    'password wrong: 401 401 401 in 6 messages',
  ]);
});

test('18: a login sets a cookie that the next requests send', async () => {
  expect(await linesOf('18-login')).toEqual([
    'before: 401',
    'before: 401',
    'login: 200 at /home',
    'after: 200',
    'after: 200',
  ]);
});

test('19: the pages of an API, as each leads on to the next', async () => {
  expect(await linesOf('19-pages')).toEqual([
    'first page: 10 11',
    '?page=2: 20 21',
    '?page=3: 30 31',
    '?page=4: 40 41',
  ]);
});

test('20: a crawl that was left is continued, and fetches nothing twice', async () => {
  const lines = await linesOf('20-crawl');
  expect(lines.filter((line) => line.startsWith('broken'))).toEqual(['broken: /missing']);
  expect(lines.filter((line) => !line.startsWith('broken'))).toEqual([
    '0 pages were done, 3 more are',
    '3 pages were done, 4 more are',
    '7 pages were done, 0 more are',
  ]);
});

test('every example has its test', () => {
  const tests = readFileSync(fileURLToPath(import.meta.url), 'utf8');
  const examples = readdirSync(here).filter((name) => /^\d\d-.*\.ts$/u.test(name));
  const untested = examples.filter((name) => !tests.includes(`'${name.replace(/\.ts$/u, '')}'`));
  // The worker of example 12 is a separate file.
  expect(untested).toEqual(['12-count-words.ts']);
});

test('19: spans of queue, attempts and retries, and of each message by the instrumentation of undici', async () => {
  expect(await linesOf('24-opentelemetry')).toEqual([
    'job',
    '  fetchmany',
    '    queue',
    '    attempt 1',
    '      GET /moved 302',
    '      GET /there 503',
    '    wait to retry',
    '    attempt 2',
    '      GET /moved 302',
    '      GET /there 200',
    'the server saw one trace: true',
  ]);
});
