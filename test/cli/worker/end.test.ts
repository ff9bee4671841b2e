import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readQueueStatus } from '../../../src/distributed/status.ts';
import { compared, exactlyOne, recordsOf } from '../../helpers/distributed/check-records.ts';
import { hasRedis } from '../../helpers/distributed/redis.ts';
import { openBench, runList, startWorkers, until, urlsOf, type Bench } from '../../helpers/distributed/runs.ts';
import { startCli, untilSays } from '../../helpers/process/cli.ts';
import { temporary } from '../../helpers/temporary.ts';

const { path, file } = temporary('worker-end');

/** No test waits for this lease: a chunk that another worker gets was handed back. */
const leaseMs = 600_000;
/** Nor does a worker give up after 5 s: where a request is aborted, a signal did it. */
const patience = file(
  `const { setTimeout } = globalThis;
   globalThis.setTimeout = (run, ms, ...args) => setTimeout(run, ms === 5000 ? ${leaseMs} : ms, ...args);`,
  '.mjs',
);

/** A run of 40 URLs of 2 hosts, whose worker is a process with 6 requests in flight that have no response. */
interface Course {
  readonly bench: Bench;
  readonly worker: ChildProcess;
  /** Answers what is in flight, and all that comes. */
  readonly release: () => void;
  /** Has another worker do the rest, and returns how many requests were made in all, and by how many attempts. */
  readonly finish: () => Promise<{ readonly visits: number; readonly attempts: number }>;
}

async function begin(): Promise<Course> {
  const held: ServerResponse[] = [];
  let isHeld = true;
  const bench = await openBench(0, (_request, response) => isHeld && held.push(response) > 0);
  const { queue } = bench.redis;
  const urls = urlsOf(bench.sites, 40, 2);
  const output = path('.jsonl');
  const worker = startCli(['worker', '--queue', queue], { env: { NODE_OPTIONS: `--import=${patience}` } });
  onTestFinished(() => void worker.kill('SIGKILL'));
  const done = runList(queue, urls, { output, leaseMs, fetcher: { perHost: { concurrency: 3 } } });
  await until(async () => held.length === 6);
  return {
    bench,
    worker,
    release() {
      isHeld = false;
      for (const response of held.splice(0)) response.end();
    },
    async finish() {
      startWorkers(1, { queue });
      await done;
      const records = recordsOf(output);
      expect(compared(records, urls)).toEqual(exactlyOne);
      return {
        visits: bench.sites.visits.length,
        attempts: records.reduce((sum, record) => sum + record.attempts, 0),
      };
    },
  };
}

async function signal(worker: ChildProcess): Promise<void> {
  const said = untilSays(worker, 'stderr', 'SIGTERM: finishing running requests, up to 5 s; the rest is handed back');
  worker.kill('SIGTERM');
  await said;
}

async function exitOf(worker: ChildProcess): Promise<number | null> {
  if (worker.exitCode === null) await once(worker, 'exit');
  return worker.exitCode;
}

describe.skipIf(!hasRedis)('fetchmany worker', { timeout: 60_000 }, () => {
  test('on SIGTERM starts nothing more, finishes what is in flight, and hands the rest back at once', async () => {
    const { bench, worker, release, finish } = await begin();
    await signal(worker);
    release();
    expect(await exitOf(worker)).toBe(0);
    expect(bench.sites.visits.length).toBe(6);
    const { chunks, workers } = await readQueueStatus(bench.redis.queue);
    expect([chunks.taken, workers]).toEqual([0, []]);
    expect(await finish()).toEqual({ visits: 40, attempts: 40 });
  });

  test('on a second SIGTERM aborts what is in flight, and hands that back too', async () => {
    const { worker, release, finish } = await begin();
    await signal(worker);
    worker.kill('SIGTERM');
    expect(await exitOf(worker)).toBe(0);
    release();
    expect(await finish()).toEqual({ visits: 46, attempts: 46 });
  });
});
