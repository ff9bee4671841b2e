import { describe, expect, test } from 'vitest';
import { readQueueStatus } from '../../src/distributed/status.ts';
import { recordsOf } from '../helpers/distributed/check-records.ts';
import { hasRedis } from '../helpers/distributed/redis.ts';
import { openBench, runList, startWorkers, until, urlsOf } from '../helpers/distributed/runs.ts';
import { temporary } from '../helpers/temporary.ts';

const { path } = temporary('status');

describe.skipIf(!hasRedis)('readQueueStatus()', { timeout: 60_000 }, () => {
  test('lists workers that wait for a run, until they leave', async () => {
    const bench = await openBench(0);
    const { queue } = bench.redis;
    const { stop, ended } = startWorkers(2, { queue });
    await until(async () => (await readQueueStatus(queue)).workers.length === 2);
    const { run, workers } = await readQueueStatus(queue);
    const idle = { pid: process.pid, chunks: 0, concurrency: 0 };
    expect([run, ...workers]).toMatchObject([null, idle, idle]);

    await runList(queue, urlsOf(bench.sites, 20, 2), { output: path('.jsonl') });
    await until(async () => (await readQueueStatus(queue)).workers.length === 2);
    expect((await readQueueStatus(queue)).run).toMatchObject({ state: 'ended' });
    stop.abort();
    await ended;
    expect((await readQueueStatus(queue)).workers).toEqual([]);
  });

  test('has the totals of a run that was stopped or has ended, and no speed', async () => {
    const bench = await openBench(5);
    const { queue } = bench.redis;
    const urls = urlsOf(bench.sites, 300, 3);
    const output = path('.jsonl');
    const stop = new AbortController();
    startWorkers(1, { queue });
    const onRecord = (): void => void (recordsOf(output).length > 40 && stop.abort());
    await runList(queue, urls, { output, fetcher: { perHost: { concurrency: 2 } }, stop: stop.signal, onRecord });
    const { length: done } = recordsOf(output);
    expect(done).toBeLessThan(300);
    const stopped = await readQueueStatus(queue);
    expect(stopped.run).toMatchObject({ state: 'stopping', total: 300, hasCoordinator: false });
    expect(stopped.figures).toEqual({ done, ok: done, perSecond: 0, outstanding: 0, leftMs: null });

    await runList(queue, urls, { output, start: 'resume' });
    const ended = await readQueueStatus(queue);
    expect(ended.run).toMatchObject({ state: 'ended', total: 300 });
    expect(ended.figures).toEqual({ done: 300, ok: 300 - done, perSecond: 0, outstanding: 0, leftMs: null });
  });

  test('sees the coordinator while the server is full', async () => {
    const bench = await openBench(20);
    const { queue, client } = bench.redis;
    const notices: string[] = [];
    startWorkers(1, { queue });
    const done = runList(queue, urlsOf(bench.sites, 100, 5), {
      output: path('.jsonl'),
      leaseMs: 3000,
      fetcher: { perHost: { concurrency: 1 } },
      onNotice: (notice) => notices.push(notice),
    });
    await until(async () => bench.sites.visits.length > 0);
    await client.config('SET', 'maxmemory', '1');
    await until(async () => notices.some((notice) => notice.includes('is full')));
    for (let renewals = 0; renewals < 2; renewals += 1) {
      let leftMs = Infinity;
      await until(async () => {
        const before = leftMs;
        leftMs = await client.pttl('{fetchmany}:lock');
        expect(leftMs).toBeGreaterThan(0);
        return leftMs > before;
      });
    }
    expect((await readQueueStatus(queue)).run).toMatchObject({ state: 'running', hasCoordinator: true });
    await client.config('SET', 'maxmemory', '0');
    await done;
  });
});
