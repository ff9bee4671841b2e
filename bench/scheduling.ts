// Measures the quality of the order: lists sorted by host, as most lists are, against the shortest time that the limit
// per host allows. With the argument `long`: a million URLs in ten runs, all read ahead, which takes six minutes.
import { createFetcher } from '../src/index.ts';
import { startBareServer } from './bare-server.ts';
import { machine } from './machine.ts';
import { median } from '../cli/bench/level-figures.ts';

const perHost = 6;
await using server = await startBareServer(100);

console.log(machine());
if (process.argv[2] === 'long') {
  await longRuns();
  process.exit();
}
console.log(`lists sorted by host, ${perHost} in flight to each: median time, and its ratio to the ideal\n`);

const sorted = byHost(100, 50, 50);
tell('100 hosts x 50 URLs x 50 ms', 450, await repeated(5, () => millisecondsFor(sorted, 600)));

// Interleaved: the time of the other hosts beside a slow one, and without it.
const fast = byHost(7, 50, 50, 1);
const slow = Array.from({ length: 20 }, () => `${server.hosts[0]}/500`);
const alone: number[] = [];
const beside: number[] = [];
for (let round = 0; round < 5; round += 1) {
  alone.push(await millisecondsFor(fast, 50));
  beside.push(await millisecondsFor([...slow, ...fast], 50, { counts: (url) => !slow.includes(url) }));
}
tell('7 hosts, behind a slow one', median(alone), median(beside));

const runs = byHost(10, 3000, 20);
tell('10 hosts x 3,000 URLs x 20 ms', 10_000, await repeated(1, () => millisecondsFor(runs, 60)));

function byHost(hosts: number, urls: number, delayMs: number, from = 0): string[] {
  return server.hosts
    .slice(from, from + hosts)
    .flatMap((host) => Array.from({ length: urls }, (_, at) => `${host}/${delayMs}/${at}`));
}

function* millionUrls(): Generator<string> {
  for (const host of server.hosts.slice(0, 10)) for (let at = 0; at < 100_000; at += 1) yield `${host}/20/${at}`;
}

async function longRuns(): Promise<void> {
  const readAhead = 1_000_000;
  console.log(`${perHost} in flight to each, --read-ahead ${readAhead}: time, and its ratio to the ideal\n`);
  tell('10 hosts x 100,000 x 20 ms', 333_333, await millisecondsFor(millionUrls(), 60, { readAhead }));
  console.log(`peak RSS ${(process.resourceUsage().maxRSS / 1000).toFixed(0)} MB`);
}

/** Resolves with the milliseconds until the last URL that counts is done. */
async function millisecondsFor(
  urls: Iterable<string>,
  concurrency: number,
  { counts = () => true, readAhead = 20_000 }: { counts?: (url: string) => boolean; readAhead?: number } = {},
): Promise<number> {
  const limits = { concurrency, perHost: { concurrency: perHost }, readAhead };
  await using fetcher = createFetcher({ ...limits, responseBody: 'discard' });
  let lastMs = 0;
  const startedAt = performance.now();
  for await (const { url, kind } of fetcher.asCompleted(urls)) {
    if (kind !== 'response') throw new Error(`not a response: ${url}`);
    if (counts(url)) lastMs = performance.now() - startedAt;
  }
  return lastMs;
}

async function repeated(rounds: number, measure: () => Promise<number>): Promise<number> {
  const figures: number[] = [];
  for (let round = 0; round < rounds; round += 1) figures.push(await measure());
  return median(figures);
}

function tell(name: string, idealMs: number, milliseconds: number): void {
  const times = `${milliseconds.toFixed(0).padStart(6)} ms of ${idealMs.toFixed(0).padStart(6)} ms`;
  console.log(`${name.padEnd(30)} ${times}  ${(milliseconds / idealMs).toFixed(2)} x`);
}
