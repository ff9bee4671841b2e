import type { ServerResponse } from 'node:http';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Chunk } from '../../src/distributed/broker.ts';
import { openRedisBroker } from '../../src/distributed/redis/redis-broker.ts';
import { packLesson, unpackLesson, type HostLesson } from '../../src/distributed/wire.ts';
import { HostMemory } from '../../src/scheduling/host-memory.ts';
import { compared, exactlyOne, recordsOf } from '../helpers/distributed/check-records.ts';
import { hasRedis, startRedis } from '../helpers/distributed/redis.ts';
import { openBench, runList, startWorkers, until, urlsOf } from '../helpers/distributed/runs.ts';
import { temporary } from '../helpers/temporary.ts';

const { path } = temporary('distributed-lessons');

describe.skipIf(!hasRedis)('what a worker has learned of a host', { timeout: 60_000 }, () => {
  test('is given to the next worker, which does not ask a used up quota again', async () => {
    const bench = await openBench();
    const { queue } = bench.redis;
    const urls = urlsOf(bench.sites, 30, 1);
    const output = path('.jsonl');
    const done = runList(queue, urls, { output });
    // A worker that is told to come back in an hour, and hands the chunk back.
    const ghost = await openRedisBroker(queue, 'fetchmany');
    await ghost.connect();
    let chunk: Chunk | undefined;
    await until(async () => (chunk = await ghost.take('ghost', 100)) !== undefined);
    const text = lesson(new URL(urls[0]!).origin, 3_600_000);
    const lessons = [{ key: 'h0.localhost', text }];
    await ghost.complete('ghost', chunk!.id, { back: [], pauses: [], heldMs: 1 }, lessons);
    ghost.close();
    startWorkers(1, { queue });
    await done;
    const records = recordsOf(output);
    expect(compared(records, urls)).toEqual(exactlyOne);
    expect(bench.sites.visits).toEqual([]);
    expect(new Set(records.map((record) => record.kind === 'failure' && record.error.code))).toEqual(
      new Set(['RATE_LIMITED']),
    );
  });

  test('is handed over with a chunk', async () => {
    const held: ServerResponse[] = [];
    const bench = await openBench(0, (_request, response, host) => {
      if (host === 'h1') return held.push(response) > 0;
      response.writeHead(429, { 'retry-after': '3600' });
      response.end();
      return true;
    });
    const { queue, client } = bench.redis;
    startWorkers(1, { queue });
    // 100 of one host are a chunk, so that another one is out until its response is sent.
    const urls = [...urlsOf(bench.sites, 100, 1), bench.sites.url('h1', '/')];
    const done = runList(queue, urls, { output: path('.jsonl') });
    await until(async () => (await client.hexists('{fetchmany}:lessons', 'h0.localhost')) === 1);
    const stored = (await client.hget('{fetchmany}:lessons', 'h0.localhost'))!;
    const [[origin, { known }]] = unpackLesson(stored.slice(stored.indexOf(' ') + 1)).origins as [
      HostLesson['origins'][number],
    ];
    expect(origin).toBe(new URL(urls[0]!).origin);
    expect(known).toMatchObject({ quota: { remaining: 0 }, lastFailure: '429' });
    expect(known!.quota.resetAt).toBeGreaterThan(3_000_000);
    await until(async () => held.length > 0);
    for (const response of held) response.end();
    await done;
  });

  test('lets the next worker begin with as many requests at once as the host serves well', async () => {
    const held: ServerResponse[] = [];
    const bench = await openBench(0, (_request, response) => held.push(response) > 0);
    const { queue } = bench.redis;
    const urls = urlsOf(bench.sites, 60, 1);
    const output = path('.jsonl');
    const done = runList(queue, urls, { output, fetcher: { perHost: { concurrency: { auto: 50 } } } });
    const ghost = await openRedisBroker(queue, 'fetchmany');
    await ghost.connect();
    let chunk: Chunk | undefined;
    await until(async () => (chunk = await ghost.take('ghost', 100)) !== undefined);
    const { origin } = new URL(urls[0]!);
    const limit = { found: 40, isFinding: false, restForMs: 30_000, restMs: 15_000, restedAt: 40 };
    const unbroken = { ceiling: Infinity, ceilingForMs: 0, ceilingMs: 5000 };
    const text = packLesson({ worker: 'ghost', origins: [[origin, { limit: { ...limit, ...unbroken } }]] });
    const lessons = [{ key: 'h0.localhost', text }];
    await ghost.complete('ghost', chunk!.id, { back: [], pauses: [], heldMs: 1 }, lessons);
    ghost.close();
    startWorkers(1, { queue });
    // A worker that begins anew would wait with 6 in flight for ever.
    await until(async () => held.length === 40);
    let isDone = false;
    void done.then(() => (isDone = true));
    await until(async () => {
      for (const response of held.splice(0)) response.end();
      return isDone;
    });
    expect(compared(recordsOf(output), urls)).toEqual(exactlyOne);
    expect(bench.sites.visits.length).toBe(60);
  });

  test('is kept for a bounded number of hosts, and only if the chunk was still its own', async () => {
    await using redis = await startRedis();
    const broker = await openRedisBroker(redis.queue, 'fetchmany');
    await broker.connect();
    onTestFinished(() => broker.close());
    await broker.publish([1, 2].map((number) => ({ id: `1-${number}`, run: 'r', payload: new Uint8Array([number]) })));
    const chunk = (await broker.take('a', 1000))!;
    const others = Array.from({ length: 10_000 }, (_, at) => [`h${at}`, '0 []']).flat();
    await redis.client.hset('{fetchmany}:lessons', ...others);
    const text = lesson('http://new.test', 0);
    const completion = { back: [], pauses: [], heldMs: 1 };
    const lessons = [0, 1, 2, 3, 4].map((number) => ({ key: `new${number}`, text }));
    expect(await broker.complete('b', chunk.id, completion, lessons)).toBe(false);
    expect(await redis.client.hlen('{fetchmany}:lessons')).toBe(10_000);
    expect(await broker.complete('a', chunk.id, completion, lessons)).toBe(true);
    expect(await redis.client.hlen('{fetchmany}:lessons')).toBe(10_000);
    const facts = await broker.facts('1-2', ['nobody', ...lessons.map(({ key }) => key)]);
    expect(facts.lessons[0]).toBeUndefined();
    // Which ones are forgotten is chance; it is next to none of these.
    const kept = facts.lessons.filter((one) => one !== undefined);
    expect(kept.length).toBeGreaterThan(0);
    expect(kept.every((one) => one.text === text && one.ageMs >= 0 && one.ageMs < 60_000)).toBe(true);
    expect(unpackLesson(kept[0]!.text).origins[0]![1].known!.pace.isAsking).toBe(true);
    await broker.clear();
    expect(await redis.client.exists('{fetchmany}:lessons')).toBe(0);
  });
});

/** What a host has taught that has refused once, and ordered a wait. */
function lesson(origin: string, orderedMs: number): string {
  const memory = new HostMemory();
  const end = { now: 5, startedAt: 1, isFirst: true, isRetry: false, status: 429, orderedMs };
  memory.observe(origin, end, false);
  return packLesson({ worker: 'ghost', origins: [[origin, { known: memory.get(origin)!.save(5) }]] });
}
