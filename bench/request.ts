// Measures the CPU time of one request: 1 KB from one keep-alive host, against a bare loop over undici's `dispatch`,
// the least that any client over undici can cost. The argument is how many requests are in flight (default 50).
import { Pool } from 'undici';
import { startOwnServer } from '../cli/bench/own-server.ts';
import { createFetcher } from '../src/index.ts';
import { machine } from './machine.ts';
import { cpuPerRequest, interleave, table, type Candidate } from './rounds.ts';

// With fewer, most of the time would go to the compiler.
const requests = 100_000;
const rounds = 5;
const inFlight = Number(process.argv[2] ?? 50);

await using server = await startOwnServer();
const url = `${server.url}/bytes/1024`;

const pool = new Pool(server.url, { connections: inFlight });
const bare: Candidate = {
  name: 'bare dispatch loop',
  run: () => cpuPerRequest(requests, () => new Promise((resolve) => dispatchAll(resolve))),
};

function dispatchAll(done: () => void): void {
  let started = 0;
  let finished = 0;
  const next = (): void => {
    if (started === requests) return;
    started += 1;
    let length = 0;
    pool.dispatch(
      { method: 'GET', path: '/bytes/1024' },
      {
        onResponseData: (_controller, chunk) => void (length += chunk.length),
        onResponseEnd() {
          if (length !== 1024) throw new Error(`1024 bytes expected, ${length} came`);
          finished += 1;
          if (finished === requests) done();
          else next();
        },
        onResponseError(_controller, error) {
          throw error;
        },
        onRequestStart: () => undefined,
        onResponseStart: () => undefined,
      },
    );
  };
  for (let at = 0; at < inFlight; at += 1) next();
}

const fetcher = createFetcher({ concurrency: inFlight, perHost: { concurrency: inFlight }, responseBody: 'discard' });
const ours: Candidate = {
  name: 'asCompleted, every default on',
  run: () =>
    cpuPerRequest(requests, async () => {
      for await (const result of fetcher.asCompleted(Array.from({ length: requests }, () => url))) {
        if (result.kind !== 'response' || result.length !== 1024) throw new Error(`not a response: ${result.url}`);
      }
    }),
};

console.log(machine('undici', 'p-retry', 'p-limit'));
console.log(
  `${requests} requests of 1 KB a round, ${inFlight} in flight, median of ${rounds} rounds, CPU time per request\n`,
);
console.log(table(await interleave([bare, ours], rounds)));
await Promise.all([fetcher.close(), pool.close()]);
