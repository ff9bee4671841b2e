import { describe, expect, test } from 'vitest';
import { ConnectionNotice } from '../../src/distributed/connection-watch.ts';
import { compared, exactlyOne, recordsOf } from '../helpers/distributed/check-records.ts';
import { hasRedis } from '../helpers/distributed/redis.ts';
import { openBench, runList, startWorkers, until, urlsOf } from '../helpers/distributed/runs.ts';
import { temporary } from '../helpers/temporary.ts';

const { path } = temporary('connection-watch');

test('ConnectionNotice speaks once after five seconds without an answer, and once when there is one', () => {
  const lost = 'lost the connection to the queue at redis://queue:6379/0 (ECONNRESET); waiting for it';
  const notice = new ConnectionNotice('redis://queue:6379/0');
  const fail = (now: number, askedAt = now): string | undefined => notice.failed({ askedAt, now, failure: lost });
  expect([notice.answered(), fail(1000), fail(5999), notice.answered()]).toEqual(Array(4).fill(undefined));
  expect([fail(7000), fail(11_999)]).toEqual([undefined, undefined]);
  expect([fail(12_000), fail(13_000), fail(60_000)]).toEqual([lost, undefined, undefined]);
  expect([notice.answered(), notice.answered()]).toEqual([
    'connected again to the queue at redis://queue:6379/0',
    undefined,
  ]);
  // One that is there and does not answer was asked five seconds ago.
  expect(fail(75_000, 70_000)).toBe(lost);
});

describe.skipIf(!hasRedis)('while the server is gone', { timeout: 120_000 }, () => {
  test('the coordinator and each worker say so, and when it is back; none says that there is no worker', async () => {
    const bench = await openBench(0);
    const { redis } = bench;
    const { queue } = redis;
    const urls = urlsOf(bench.sites, 400, 4);
    const output = path('.jsonl');
    const said: { readonly coordinator: string[]; readonly worker: string[] } = { coordinator: [], worker: [] };
    const states: string[] = [];
    startWorkers(1, { queue, onNotice: (notice) => said.worker.push(notice) });
    const done = runList(queue, urls, {
      output,
      leaseMs: 1500,
      fetcher: { perHost: { concurrency: 1, rate: 50 } },
      onNotice: (notice) => said.coordinator.push(notice),
      onState: (state) => states.push(state.queue),
    });
    await until(async () => bench.sites.visits.length > 20);
    await redis.kill();
    const lost = `lost the connection to the queue at ${queue} (ECONNREFUSED); waiting for it`;
    await until(async () => said.coordinator.includes(lost) && said.worker.includes(lost));
    expect(states.at(-1)).toBe('lost');
    await redis.start();
    await done;
    const back = `connected again to the queue at ${queue}`;
    await until(async () => said.coordinator.includes(back) && said.worker.includes(back));
    for (const text of [lost, back]) {
      expect([said.coordinator, said.worker].map((all) => all.filter((one) => one === text).length)).toEqual([1, 1]);
    }
    expect(said.coordinator.filter((notice) => /no workers? /.test(notice))).toEqual([]);
    expect(states.at(-1)).toBe('open');
    expect(compared(recordsOf(output), urls)).toEqual(exactlyOne);
  });

  test('so they do while it is a replica of another one', async () => {
    const bench = await openBench(0);
    const { queue, client } = bench.redis;
    const urls = urlsOf(bench.sites, 200, 4);
    const output = path('.jsonl');
    const said: { readonly coordinator: string[]; readonly worker: string[] } = { coordinator: [], worker: [] };
    startWorkers(1, { queue, onNotice: (notice) => said.worker.push(notice) });
    const done = runList(queue, urls, {
      output,
      fetcher: { perHost: { concurrency: 1, rate: 50 } },
      onNotice: (notice) => said.coordinator.push(notice),
    });
    await until(async () => bench.sites.visits.length > 20);
    await client.call('replicaof', '127.0.0.1', '1');
    const replica = `the queue at ${queue} has become a read-only replica of 127.0.0.1:1; waiting for a master there`;
    await until(async () => said.coordinator.includes(replica) && said.worker.includes(replica));
    await client.call('replicaof', 'no', 'one');
    await done;
    expect(compared(recordsOf(output), urls)).toEqual(exactlyOne);
  });
});
