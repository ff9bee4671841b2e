import { describe, expect, onTestFinished, test } from 'vitest';
import { serverOfEarlierRun, type RunState } from '../../src/distributed/broker.ts';
import { holdOf, type Past } from '../../src/distributed/first-hold.ts';
import { openRedisBroker } from '../../src/distributed/redis/redis-broker.ts';
import { readQueueStatus } from '../../src/distributed/status.ts';
import { compared, exactlyOne, recordsOf } from '../helpers/distributed/check-records.ts';
import { hasRedis } from '../helpers/distributed/redis.ts';
import { openBench, runList, startWorkers, until, urlsOf } from '../helpers/distributed/runs.ts';
import { temporary } from '../helpers/temporary.ts';

const { path } = temporary('first-hold');

const run = { server: 'now', state: 'running', leaseMs: 30_000 } as RunState;
const earlier = (fields: Partial<RunState> = {}): RunState => ({ ...run, ...fields });
const nothing: Past = { earlier: undefined, isSame: false, isDrained: false, sinceMs: Infinity };
const none = { ms: 0, heldServer: undefined, notice: undefined };
const byOthers = (time: string): string =>
  `no work is handed out for ${time}: workers may still be at work for an earlier run that has not ended`;
const byServer = 'no work is handed out for 30.0 s: the queue was restarted, replaced or emptied';

describe('holdOf()', () => {
  test.for<[what: string, past: Partial<Past>, intervalMs: number, hold: ReturnType<typeof holdOf>]>([
    ['there was no run', {}, 0, none],
    ['the earlier run has ended', { earlier: earlier({ state: 'ended', server: 'old' }) }, 0, none],
    ['the run is continued on the same server', { earlier: earlier(), isSame: true }, 0, none],
    ['no worker has a chunk of the earlier one', { earlier: earlier(), isDrained: true }, 0, none],
    [
      'a worker may be at work for the earlier one',
      { earlier: earlier({ leaseMs: 90_000 }) },
      0,
      { ms: 90_000, heldServer: serverOfEarlierRun, notice: byOthers('1 min 30 s') },
    ],
    [
      'the run is continued on another server',
      { earlier: earlier({ server: 'old' }), isSame: true },
      0,
      { ms: 30_000, heldServer: '', notice: byServer },
    ],
    [
      'it was killed in such a hold, and is continued',
      { earlier: earlier({ server: serverOfEarlierRun }), isSame: true },
      0,
      { ms: 30_000, heldServer: serverOfEarlierRun, notice: byServer },
    ],
    ['hosts were asked just now, at a high rate', { sinceMs: 10 }, 500, { ...none, ms: 500 }],
    ['the last request was long ago', { sinceMs: 3000 }, 2000, none],
    [
      'hosts were asked just now, at a low rate',
      { sinceMs: 1000, earlier: earlier(), isSame: true },
      90_000,
      {
        ...none,
        ms: 90_000,
        notice: 'no work is handed out for 1 min 30 s: an earlier run may have just asked these hosts',
      },
    ],
    [
      'nobody knows when the earlier one asked',
      { earlier: earlier(), isDrained: true },
      90_000,
      {
        ...none,
        ms: 30_000,
        notice: 'no work is handed out for 30.0 s: an earlier run may have just asked these hosts',
      },
    ],
  ])('where %s', ([, past, intervalMs, hold]) => {
    expect(holdOf({ ...nothing, ...past }, run, intervalMs)).toEqual(hold);
  });
});

describe.skipIf(!hasRedis)('a new run after one that has not ended', { timeout: 60_000 }, () => {
  /** Nobody waits for it. */
  const leaseMs = 600_000;

  test('begins at once where no worker has a chunk', async () => {
    const bench = await openBench(0);
    const { queue } = bench.redis;
    const killed = new AbortController();
    const old = runList(queue, urlsOf(bench.sites, 300, 30), {
      output: path('.jsonl'),
      leaseMs,
      signal: killed.signal,
    });
    await until(async () => (await readQueueStatus(queue)).chunks.out > 0);
    killed.abort();
    await old;
    // As if it had been killed: its chunks wait for workers.
    expect((await readQueueStatus(queue)).chunks.out).toBeGreaterThan(0);
    const urls = urlsOf(bench.sites, 60, 3);
    const output = path('.jsonl');
    const notices: string[] = [];
    const { id } = (await readQueueStatus(queue)).run!;
    const done = runList(queue, urls, { output, leaseMs, onNotice: (notice) => notices.push(notice) });
    await until(async () => (await readQueueStatus(queue)).run?.id !== id);
    startWorkers(1, { queue });
    await done;
    expect(compared(recordsOf(output), urls)).toEqual(exactlyOne);
    expect(bench.sites.visits.length).toBe(60);
    expect(notices.filter((notice) => notice.includes('no work is handed out'))).toEqual([]);
  });

  test('waits for a lease where a worker has one, says so, and takes no record of it', async () => {
    const bench = await openBench(0);
    const { queue } = bench.redis;
    const shortMs = 3000;
    const killed = new AbortController();
    const options = { output: path('.jsonl'), leaseMs: shortMs, signal: killed.signal };
    const old = runList(queue, urlsOf(bench.sites, 300, 30), options);
    const worker = await openRedisBroker(queue, 'fetchmany');
    onTestFinished(() => worker.close());
    await worker.connect();
    await until(async () => (await worker.take('worker', 100)) !== undefined);
    const { id } = (await worker.readRun())!;
    killed.abort();
    await old;

    const urls = urlsOf(bench.sites, 60, 3);
    const output = path('.jsonl');
    const notices: string[] = [];
    const startedAt = performance.now();
    const done = runList(queue, urls, { output, leaseMs: shortMs, onNotice: (notice) => notices.push(notice) });
    await until(async () => notices.includes(byOthers('3.00 s')));
    await until(async () => (await readQueueStatus(queue)).run?.id !== id);
    startWorkers(1, { queue });
    const commit = { payload: new Uint8Array(), chunks: [], pauses: [] };
    expect(await worker.commit({ ...commit, run: id })).toBe(false);
    expect((await readQueueStatus(queue)).run).toMatchObject({
      isHeld: true,
      heldFor: 'earlier-run',
      leaseMs: shortMs,
    });
    expect(bench.sites.visits).toEqual([]);
    await done;
    expect(bench.sites.visits[0]!.at - startedAt).toBeGreaterThan(shortMs);
    expect(compared(recordsOf(output), urls)).toEqual(exactlyOne);
  });
});
