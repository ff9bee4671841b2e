// Runs the library for a long time against servers that fail in many ways: 200 requests in flight, over HTTP/1.1, TLS and HTTP/2,
// some of them cancelled. Prints memory as it goes. Fails if an input has no result or two, if memory grows, or if a socket is left.
// The argument is the number of minutes (15). Start it with --expose-gc: memory is then measured after a collection.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { createFetcher, type Fetcher } from '../src/index.ts';
import { median } from '../cli/bench/level-figures.ts';
import { machine } from './machine.ts';

const minutes = Number(process.argv[2] ?? 15);
const samples = 30;
const maxGrowth = 1.15;

interface Greeting {
  readonly origins: readonly string[];
  readonly cert: string;
  readonly words: readonly string[];
}

const server = fork(new URL('soak-server.ts', import.meta.url), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
const [{ origins, cert, words }] = (await once(server, 'message')) as [Greeting];
const fetcher = createFetcher({
  concurrency: 200,
  readAhead: 1000,
  perHost: { concurrency: 200 },
  http2: true,
  tls: { ca: cert },
  timeoutMs: 1000,
  retry: { retries: 1 },
});

console.log(machine());
console.log(`200 in flight for ${minutes} minutes, ${words.length} kinds of answers\n`);
const quick = words.filter((word) => word !== 'silence');
const until = performance.now() + minutes * 60_000;
const outcomes = new Map<string, number>();
let inputs = 0;
let results = 0;
const [rssMB] = await Promise.all([watch(), run(fetcher), cancelSome(fetcher)]);
await fetcher.close();
await sleep(1000);
const open = await openAtServer();
const left = process.getActiveResourcesInfo().filter((name) => /^(TCP|TLS)/.test(name)).length;
server.disconnect();

console.log(
  [...outcomes]
    .sort(([, a], [, b]) => b - a)
    .map(([name, count]) => `${name} ${count}`)
    .join(', '),
);
// The first fifth warms up.
const early = median(rssMB.slice(samples / 5, (2 * samples) / 5));
const late = median(rssMB.slice(-samples / 5));
console.log(`\n${inputs} inputs, ${results} results; RSS ${early.toFixed(0)} MB early, ${late.toFixed(0)} MB late`);
console.log(`sockets left: ${left} here, ${open} at the server`);
if (inputs !== results || late > early * maxGrowth || left > 0 || open > 0) process.exitCode = 1;

function* urls(): Generator<string> {
  while (performance.now() < until) {
    const origin = origins[inputs % origins.length]!;
    // Silence costs a slot for a whole second, so it is rare.
    const word = inputs % 1000 === 0 ? 'silence' : quick[inputs % quick.length]!;
    inputs += 1;
    yield `${origin}/${word}/${inputs}`;
  }
}

async function run(over: Fetcher): Promise<void> {
  for await (const result of over.asCompleted(urls())) {
    results += 1;
    const name = result.kind === 'response' ? String(result.status) : result.error.code;
    outcomes.set(name, (outcomes.get(name) ?? 0) + 1);
  }
}

/** Cancels requests in all states. */
async function cancelSome(over: Fetcher): Promise<void> {
  for (let at = 0; performance.now() < until; at += 1) {
    const url = `${origins[at % origins.length]}/${quick[at % quick.length]}`;
    await over.fetch(url, { signal: AbortSignal.timeout(at % 40) });
  }
}

async function watch(): Promise<number[]> {
  const figures: number[] = [];
  for (let sample = 1; sample <= samples; sample += 1) {
    await sleep((minutes * 60_000) / samples);
    globalThis.gc?.();
    const { rss, heapUsed, external } = process.memoryUsage();
    figures.push(rss / 1e6);
    const all = [rss, heapUsed, external].map((bytes) => `${(bytes / 1e6).toFixed(0).padStart(4)} MB`);
    const sockets = process.getActiveResourcesInfo().filter((name) => name.startsWith('TCP')).length;
    console.log(
      `${String(results).padStart(9)} results   RSS ${all[0]}   heap ${all[1]}   external ${all[2]}   sockets ${sockets}`,
    );
  }
  return figures;
}

async function openAtServer(): Promise<number> {
  const answered = once(server, 'message');
  server.send('count');
  const [count] = (await answered) as [number];
  return count;
}
