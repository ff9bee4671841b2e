// Fetches over loopback sockets from servers that limit, fail or never answer, all at once, in about 80 seconds. Prints
// what was lost, what was sent more than once, and the time beside the least possible. Then, one after another, from
// servers with a knee: `--per-host auto` beside fixed limits, in about four minutes. `auto` as an argument runs only those.
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { startOwnServer } from '../cli/bench/own-server.ts';
import { createFetcher, type Concurrency, type FetcherOptions, type FetchResult } from '../src/index.ts';
import { machine } from './machine.ts';

interface Scene {
  readonly name: string;
  readonly urls: readonly string[];
  /** Seconds that the server's limit makes necessary. */
  readonly leastSeconds: number;
  readonly options?: FetcherOptions;
}

interface End {
  readonly lost: number;
  readonly sentAgain: number;
  readonly seconds: number;
  readonly unsent: number;
}

await using server = await startOwnServer();
const silent = await startSilentServer();
const dead = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
const pages = (path: string, count: number, query = ''): string[] =>
  Array.from({ length: count }, (_, page) => `${server.url}${path}/${page}${query}`);
// Another origin on the same server. Its pages are slow, so that the machine is not what limits them.
const healthy = Array.from(
  { length: 600 },
  (_, page) => `${server.url.replace('127.0.0.1', 'localhost')}/delay/0.05?${page}`,
);

const scenes: readonly Scene[] = [
  { name: '100 in 10 s, plain 429', urls: pages('/limit/window/100/10', 400, '?key=plain'), leastSeconds: 30 },
  { name: '20/s, 20 at once, plain 429', urls: pages('/limit/bucket/20/20', 600), leastSeconds: 29 },
  {
    name: '100 in 10 s, X-RateLimit-*',
    urls: pages('/limit/window/100/10', 400, '?key=told&tell=x-ratelimit'),
    leastSeconds: 30,
  },
  {
    name: '503 for 60 s',
    urls: pages('/limit/outage/10/60', 3000),
    leastSeconds: 75,
    options: { perHost: { rate: 200 } },
  },
  {
    name: 'resets for 20 s',
    urls: pages('/limit/outage/12/20', 3000, '?how=reset'),
    leastSeconds: 35,
    options: { perHost: { rate: 200 } },
  },
  {
    name: 'healthy beside a silent host',
    urls: [...Array.from({ length: 50_000 }, (_, page) => `${dead}/${page}`), ...healthy],
    leastSeconds: 5,
    options: { timeoutMs: 10_000, readAhead: 100_000 },
  },
  { name: 'healthy alone', urls: healthy, leastSeconds: 5 },
];

console.log(machine());
if (process.argv[2] !== 'auto') await runScenes();
silent.close();
await runKnees();

async function runScenes(): Promise<void> {
  console.log('scene                         URLs  lost  unsent  sent again  seconds  / least');
  const ends = await Promise.all(scenes.map(run));
  for (const [at, { name, urls, leastSeconds }] of scenes.entries()) {
    const { lost, unsent, sentAgain, seconds } = ends[at]!;
    const figures = [String(lost).padStart(6), String(unsent).padStart(8), String(sentAgain).padStart(12)];
    const times = `${seconds.toFixed(1).padStart(9)}  ${(seconds / leastSeconds).toFixed(2).padStart(7)}`;
    console.log(`${name.padEnd(28)} ${String(urls.length).padStart(5)}${figures.join('')}${times}`);
  }
}

async function run({ urls, options }: Scene): Promise<End> {
  await using fetcher = createFetcher(options);
  const startedAt = performance.now();
  let [lost, unsent, sentAgain] = [0, 0, 0];
  let lastOkAt = startedAt;
  let lastAt = startedAt;
  for await (const result of fetcher.asCompleted(urls)) {
    lastAt = performance.now();
    if (result.ok) lastOkAt = lastAt;
    else if (isUnsent(result)) unsent += 1;
    else lost += 1;
    sentAgain += Math.max(0, result.attempts - 1);
  }
  // The time of a silent host is printed apart; the result is the time of the other hosts.
  if (unsent > 0) console.log(`  given up after ${((lastAt - startedAt) / 1000).toFixed(1)} s: ${unsent} URLs`);
  return { lost, unsent, sentAgain, seconds: (lastOkAt - startedAt) / 1000 };
}

function isUnsent(result: FetchResult): boolean {
  return result.kind === 'failure' && result.error.code === 'HOST_DOWN';
}

/** Compares a learned limit with fixed ones. A knee of 16 at 50 ms serves 320 URLs/s at best. */
async function runKnees(): Promise<void> {
  const count = 6000;
  const fixed = [16, 24, 32, 48];
  const knees: readonly (readonly [name: string, query: string])[] = [
    ['knee', ''],
    ['collapse past 32, 503 past 100', '&collapse=32&most=100'],
  ];
  console.log(`${'server'.padEnd(32)} at once    URLs/s  / best     p50  not ok`);
  for (const [name, query] of knees) {
    let best = 0;
    for (const limit of [...fixed, 'auto' as const]) {
      const urls = pages('/limit/knee/16/50', count, `?key=${limit}${query}`);
      const { perSecond, medianMs, notOk } = await atOnce(urls, limit);
      if (limit !== 'auto') best = Math.max(best, perSecond);
      const share = (perSecond / best).toFixed(2);
      const figures = `${perSecond.toFixed(1).padStart(8)}  ${share.padStart(6)}  ${medianMs.toFixed(0).padStart(6)}`;
      console.log(`${name.padEnd(32)} ${String(limit).padStart(7)}  ${figures}  ${String(notOk).padStart(6)}`);
    }
  }
}

interface Speed {
  readonly perSecond: number;
  readonly medianMs: number;
  readonly notOk: number;
}

async function atOnce(urls: readonly string[], limit: Concurrency): Promise<Speed> {
  await using fetcher = createFetcher({ concurrency: 256, perHost: { concurrency: limit } });
  const startedAt = performance.now();
  const times: number[] = [];
  let notOk = 0;
  for await (const { ok, elapsedMs } of fetcher.asCompleted(urls)) {
    if (ok) times.push(elapsedMs);
    else notOk += 1;
  }
  const seconds = (performance.now() - startedAt) / 1000;
  const medianMs = times.sort((a, b) => a - b)[times.length >> 1] ?? Number.NaN;
  return { perSecond: times.length / seconds, medianMs, notOk };
}

/** Accepts connections and never answers. */
async function startSilentServer(): Promise<Server> {
  const listener = createServer((socket) => void socket.resume().on('error', () => undefined));
  await once(listener.listen(0, '127.0.0.1'), 'listening');
  return listener;
}
