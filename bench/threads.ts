// Measures whether a second thread would pay: one fetcher against two in worker threads with half of the hosts each,
// for small bodies, large ones over TLS, and large ones to unpack. Prints the wall time and the CPU time of all
// threads.
import { once } from 'node:events';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { median } from '../cli/bench/level-figures.ts';
import { createFetcher } from '../src/index.ts';
import { startBareServer, type ServerKind } from './bare-server.ts';
import { machine } from './machine.ts';

const hosts = 8;
const rounds = 5;
const kinds: readonly (readonly [ServerKind, requests: number, what: string])[] = [
  ['plain', 20_000, '1 KB'],
  ['tls', 4_000, '100 KB over TLS'],
  ['gzip', 4_000, '100 KB from gzip'],
];

interface Share {
  readonly urls: readonly string[];
}

interface Taken {
  readonly wallMs: number;
  readonly cpuMs: number;
}

if (isMainThread) await compare();
else await work(workerData as Share);

async function compare(): Promise<void> {
  console.log(machine('undici'));
  console.log(`${hosts} hosts, 50 in flight, median of ${rounds} rounds; ratios of one thread to two\n`);
  for (const [kind, requests, what] of kinds) {
    await using server = await startBareServer(hosts, kind);
    const urls = Array.from({ length: requests }, (_, at) => `${server.hosts[at % hosts]}/0/${at}`);
    const one: Taken[] = [];
    const two: Taken[] = [];
    for (let round = -1; round < rounds; round += 1) {
      const alone = await takenBy(shares(urls, 1));
      const together = await takenBy(shares(urls, 2));
      if (round >= 0) [one, two].forEach((all, at) => all.push(at === 0 ? alone : together));
    }
    tell(what, one, two);
  }
}

/** All requests to a host go to one thread, so that limits per host stay exact. */
function shares(urls: readonly string[], count: number): Share[] {
  return Array.from({ length: count }, (_, share) => ({ urls: urls.filter((_url, at) => at % count === share) }));
}

/** Measures all threads together, without the time that they take to start. */
async function takenBy(all: readonly Share[]): Promise<Taken> {
  const workers = all.map((share) => new Worker(new URL(import.meta.url), { workerData: share }));
  await Promise.all(workers.map((worker) => once(worker, 'message')));
  const startedAt = performance.now();
  const before = process.cpuUsage();
  const done = workers.map((worker) => once(worker, 'message'));
  for (const worker of workers) worker.postMessage('go');
  await Promise.all(done);
  const { user, system } = process.cpuUsage(before);
  const wallMs = performance.now() - startedAt;
  await Promise.all(workers.map((worker) => worker.terminate()));
  return { wallMs, cpuMs: (user + system) / 1000 };
}

async function work({ urls }: Share): Promise<void> {
  const limits = { concurrency: 50, perHost: { concurrency: 50 } };
  await using fetcher = createFetcher({ ...limits, responseBody: 'discard', tls: { rejectUnauthorized: false } });
  // Warm up first: opening connections and compiling code are not measured.
  await fetchAll(urls.slice(0, 1000));
  parentPort!.postMessage('ready');
  await once(parentPort!, 'message');
  await fetchAll(urls);
  parentPort!.postMessage('done');

  async function fetchAll(some: readonly string[]): Promise<void> {
    for await (const { kind, url } of fetcher.asCompleted(some)) {
      if (kind !== 'response') throw new Error(`not a response: ${url}`);
    }
  }
}

function tell(what: string, one: readonly Taken[], two: readonly Taken[]): void {
  const middle = (all: readonly Taken[], of: keyof Taken): number => median(all.map((taken) => taken[of]));
  const ratio = (of: keyof Taken): string =>
    `${median(one.map((taken, round) => taken[of] / two[round]![of])).toFixed(2)} x`;
  const wall = `wall ${middle(one, 'wallMs').toFixed(0)} to ${middle(two, 'wallMs').toFixed(0)} ms, ${ratio('wallMs')}`;
  const cpu = `CPU ${middle(one, 'cpuMs').toFixed(0)} to ${middle(two, 'cpuMs').toFixed(0)} ms, ${ratio('cpuMs')}`;
  console.log(`${what.padEnd(18)} ${wall.padEnd(34)} ${cpu}`);
}
