import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { openRedisBroker } from '../../src/distributed/redis/redis-broker.ts';
import { readQueueStatus } from '../../src/distributed/status.ts';
import { protocol } from '../../src/distributed/wire.ts';
import { runWorker } from '../../src/distributed/worker.ts';
import type { RequestInput } from '../../src/http/request.ts';
import { compared, exactlyOne, recordsOf } from '../helpers/distributed/check-records.ts';
import { hasRedis, startRedis } from '../helpers/distributed/redis.ts';
import { openBench, runList, startWorkers, until, urlsOf } from '../helpers/distributed/runs.ts';
import { temporary } from '../helpers/temporary.ts';

const { path } = temporary('distributed');
const pauseMs = 1000;

describe.skipIf(!hasRedis)('a run with workers', { timeout: 120_000 }, () => {
  test('has one record for each input, and keeps the limits of each host over all workers', async () => {
    const bench = await openBench();
    const urls = urlsOf(bench.sites, 600, 20);
    const output = path('.jsonl');
    const made = [0, 0, 0];
    for (const worker of made.keys()) {
      startWorkers(1, { queue: bench.redis.queue, onState: ({ records }) => (made[worker] = records) });
    }
    const end = await runList(bench.redis.queue, urls, { output, fetcher: { perHost: { concurrency: 2 } } });
    expect(end).toEqual({ total: 600, before: { done: 0, notOk: 0 }, left: 0 });
    const records = recordsOf(output);
    expect(compared(records, urls)).toEqual(exactlyOne);
    expect(records.every(({ ok, line, index }) => ok && line === index + 1)).toBe(true);
    expect(bench.sites.visits.length).toBe(600);
    expect(bench.sites.most).toBeLessThanOrEqual(2);
    await until(async () => made.reduce((sum, one) => sum + one) === 600);
  });

  test('learns the limits of hosts, and never exceeds the greatest over all workers', async () => {
    const bench = await openBench();
    const urls = urlsOf(bench.sites, 400, 4);
    const output = path('.jsonl');
    startWorkers(2, { queue: bench.redis.queue, fetcher: { concurrency: { auto: 100 } } });
    await runList(bench.redis.queue, urls, {
      output,
      fetcher: { concurrency: 'auto', perHost: { concurrency: { auto: 8 } } },
    });
    expect(compared(recordsOf(output), urls)).toEqual(exactlyOne);
    expect(bench.sites.most).toBeLessThanOrEqual(8);
  });

  test('sends methods, headers, bodies and ids, and records what cannot be sent', async () => {
    const bodies = new Map<string, string>();
    const bench = await openBench(0, (request, response) => {
      let body = '';
      request.on('data', (piece) => (body += String(piece)));
      request.on('end', () => {
        bodies.set(
          request.url!,
          `${request.method} ${request.headers['x-one'] as string} ${request.headers['x-all'] as string} ${body}`,
        );
        response.end();
      });
      return true;
    });
    const url = (at: string): string => bench.sites.url('a', at);
    const inputs: RequestInput[] = [
      { url: url('/1'), method: 'PUT', headers: { 'x-one': '1' }, body: new Uint8Array([104, 105]), id: 'first' },
      { url: new URL(url('/2')), body: 'text', method: 'POST', input: { $bytes: 'a column' }, source: 'list', line: 9 },
      'nonsense',
      { url: 'ftp://a.localhost/' },
    ];
    const output = path('.jsonl');
    startWorkers(1, { queue: bench.redis.queue });
    await runList(bench.redis.queue, inputs, { output, fetcher: { headers: { 'x-all': 'all' } } });
    expect(Object.fromEntries(bodies)).toEqual({ '/1': 'PUT 1 all hi', '/2': 'POST undefined all text' });
    const records = recordsOf(output).sort((a, b) => a.index - b.index);
    expect(records).toMatchObject([
      { index: 0, kind: 'response', method: 'PUT', id: 'first' },
      { index: 1, kind: 'response', method: 'POST', input: { $bytes: 'a column' }, source: 'list', line: 9 },
      { index: 2, kind: 'failure', url: 'nonsense', error: { code: 'URL_INVALID' }, line: 3 },
      { index: 3, kind: 'failure', error: { code: 'URL_SCHEME' } },
    ]);
  });

  test('hands a redirect to the owner of its host, and counts it as one attempt', async () => {
    const bench = await openBench(2, (request, response, host) => {
      if (!request.url!.startsWith('/from')) return false;
      // Every third goes on to a further host.
      const target = request.url === '/from/0' && host !== 'c' ? 'c' : 'b';
      response.writeHead(302, {
        location: bench.sites.url(target, host === 'c' ? '/to' : request.url!.replace('/from/1', '/to/1')),
      });
      response.end();
      return true;
    });
    const urls = [
      ...Array.from({ length: 30 }, (_, at) => bench.sites.url(`a${at}`, `/from/${at % 2}`)),
      ...Array.from({ length: 60 }, (_, at) => bench.sites.url('b', `/${at}`)),
    ];
    const output = path('.jsonl');
    startWorkers(3, { queue: bench.redis.queue, fetcher: { concurrency: 4 } });
    await runList(bench.redis.queue, urls, { output, fetcher: { perHost: { concurrency: 1 } } });
    const records = recordsOf(output);
    expect(compared(records, urls)).toEqual(exactlyOne);
    expect(bench.sites.most).toBe(1);
    for (const record of records) {
      const hops = record.url.includes('/from/1') ? 1 : record.url.includes('/from/0') ? 2 : 0;
      expect(record).toMatchObject({ ok: true, redirects: hops, attempts: 1 });
    }
    expect(bench.sites.visits.length).toBe(30 + 15 + 2 * 15 + 60);
  });

  test('asks the robots.txt of each host, and denies what a redirect leads to at another worker', async () => {
    const bench = await openBench(2, (request, response) => {
      if (request.url === '/robots.txt') response.end('User-agent: *\nDisallow: /private');
      else if (request.url === '/from') response.writeHead(302, { location: bench.sites.url('b', '/private/x') }).end();
      else return false;
      return true;
    });
    const urls = ['a', 'b', 'c', 'd'].flatMap((host) =>
      ['/1', '/private', '/from'].map((part) => bench.sites.url(host, part)),
    );
    const output = path('.jsonl');
    startWorkers(3, { queue: bench.redis.queue, fetcher: { concurrency: 4 } });
    await runList(bench.redis.queue, urls, { output, fetcher: { robots: true } });
    const records = recordsOf(output);
    expect(compared(records, urls)).toEqual(exactlyOne);
    for (const record of records) {
      const attempts = record.url.endsWith('/from') ? 1 : 0;
      if (record.url.endsWith('/1')) expect(record).toMatchObject({ ok: true, attempts: 1 });
      else expect(record).toMatchObject({ kind: 'failure', attempts, error: { code: 'ROBOTS_DENIED' } });
    }
    const visited = bench.sites.visits.map((visit) => visit.path);
    expect(visited.filter((visit) => visit.startsWith('/private'))).toEqual([]);
    expect(visited.filter((visit) => visit === '/robots.txt').length).toBeLessThanOrEqual(4 * 3);
  });

  test('goes on with what has no record, and again with what failed', async () => {
    let isDown = true;
    const bench = await openBench(0, (request, response) => {
      if (!isDown || !request.url!.endsWith('7')) return false;
      response.writeHead(404);
      response.end();
      return true;
    });
    const urls = urlsOf(bench.sites, 100, 10);
    const output = path('.jsonl');
    startWorkers(2, { queue: bench.redis.queue });
    await runList(bench.redis.queue, urls.slice(0, 60), { output });
    const again = await runList(bench.redis.queue, urls, { output, start: 'resume' });
    expect(again).toEqual({ total: 100, before: { done: 60, notOk: 6 }, left: 0 });
    expect(bench.sites.visits.length).toBe(100);
    isDown = false;
    const retried = await runList(bench.redis.queue, urls, { output, start: 'resume', retryFailed: true });
    expect(retried.before).toEqual({ done: 90, notOk: 0 });
    expect(bench.sites.visits.length).toBe(110);
    expect(
      recordsOf(output)
        .slice(-10)
        .every(({ ok, url }) => ok && url.endsWith('7')),
    ).toBe(true);
  });

  test('refuses a file of another list, which would be taken for done', async () => {
    const bench = await openBench(0);
    const urls = urlsOf(bench.sites, 10, 2);
    const output = path('.jsonl');
    startWorkers(1, { queue: bench.redis.queue });
    await runList(bench.redis.queue, urls, { output });
    await expect(runList(bench.redis.queue, urls.toReversed(), { output, start: 'resume' })).rejects.toThrow(
      'request 1 of the list differs from its record; resume without --queue',
    );
  });

  test('stops on demand, and a later run takes up what the workers have done meanwhile', async () => {
    const bench = await openBench(5);
    const urls = urlsOf(bench.sites, 200, 10);
    const output = path('.jsonl');
    const stop = new AbortController();
    startWorkers(2, { queue: bench.redis.queue });
    // Workers hear of it within a second.
    const first = await runList(bench.redis.queue, urls, {
      output,
      stop: stop.signal,
      fetcher: { perHost: { rate: 5 } },
      onRecord: () => stop.abort(),
    });
    const { length } = recordsOf(output);
    expect(first.left).toBe(200 - length);
    expect(length).toBeLessThan(200);
    await runList(bench.redis.queue, urls, { output, start: 'resume' });
    expect(compared(recordsOf(output), urls)).toEqual(exactlyOne);
    expect(bench.sites.visits.length).toBe(200);
  });

  test('hands the work of a worker that is told to end to another, without a request made twice', async () => {
    const bench = await openBench(10);
    const urls = urlsOf(bench.sites, 400, 10);
    const output = path('.jsonl');
    const leaving = startWorkers(1, { queue: bench.redis.queue });
    let count = 0;
    const running = runList(bench.redis.queue, urls, {
      output,
      fetcher: { perHost: { concurrency: 1 } },
      onRecord: () => {
        count += 1;
        if (count === 100) leaving.stop.abort();
      },
    });
    await leaving.ended;
    startWorkers(1, { queue: bench.redis.queue });
    await running;
    expect(compared(recordsOf(output), urls)).toEqual(exactlyOne);
    expect(bench.sites.visits.length).toBe(400);
    expect(bench.sites.most).toBe(1);
  });

  test('refuses a second coordinator, and a server that drops data', async () => {
    const bench = await openBench(20);
    const urls = urlsOf(bench.sites, 30, 1);
    const options = { output: path('.jsonl'), leaseMs: 500, fetcher: { perHost: { concurrency: 1 } } };
    const first = runList(bench.redis.queue, urls, options);
    await until(async () => (await readQueueStatus(bench.redis.queue)).run?.hasCoordinator === true);
    await expect(runList(bench.redis.queue, urls, { ...options, output: path('.jsonl') })).rejects.toThrow(
      'another run named fetchmany is active',
    );
    startWorkers(1, { queue: bench.redis.queue });
    await first;
    await bench.redis.client.config('SET', 'maxmemory', '100mb', 'maxmemory-policy', 'allkeys-lru');
    await expect(runList(bench.redis.queue, urls, { output: path('.jsonl') })).rejects.toThrow(
      'set maxmemory-policy noeviction',
    );
  });

  test('tells the next owner of a host of the pause that its server asked for', async () => {
    const bench = await openBench(0);
    const { queue } = bench.redis;
    const urls = urlsOf(bench.sites, 30, 1);
    const output = path('.jsonl');
    const done = runList(bench.redis.queue, urls, { output, leaseMs: 500 });
    // A worker that is told of a pause, and is never heard of again.
    const ghost = await openRedisBroker(queue, 'fetchmany');
    await ghost.connect();
    await until(async () => (await ghost.take('ghost', 100)) !== undefined);
    const { id } = (await ghost.readRun())!;
    await ghost.commit({
      run: id,
      payload: new Uint8Array(),
      chunks: [],
      pauses: [{ key: 'h0.localhost', ms: pauseMs }],
    });
    const pausedAt = performance.now();
    ghost.close();
    startWorkers(1, { queue });
    await done;
    expect(bench.sites.visits[0]!.at - pausedAt).toBeGreaterThan(pauseMs - 50);
    expect(compared(recordsOf(output), urls)).toEqual(exactlyOne);
  });

  test('waits for a pause in the queue, and hands the host on with it', async () => {
    let pausedAt = 0;
    const bench = await openBench(0, (request, response) => {
      if (request.url !== '/3' || pausedAt > 0) return false;
      pausedAt = performance.now();
      response.writeHead(429, { 'retry-after': '2' });
      response.end();
      return true;
    });
    const { queue } = bench.redis;
    const urls = urlsOf(bench.sites, 30, 1);
    const output = path('.jsonl');
    const cancel = new AbortController();
    const first = startWorkers(1, { queue, signal: cancel.signal });
    const done = runList(bench.redis.queue, urls, { output, fetcher: { perHost: { concurrency: 1, rate: 50 } } });
    await until(async () => (await readQueueStatus(queue)).paused.length === 1);
    first.stop.abort();
    cancel.abort();
    startWorkers(1, { queue });
    await done;
    const after = bench.sites.visits.filter(({ at }) => at > pausedAt);
    expect(after[0]!.at - pausedAt).toBeGreaterThan(1950);
    const records = recordsOf(output);
    expect(compared(records, urls)).toEqual(exactlyOne);
    // The attempt that the server refused was made by the first worker, the other by the second.
    expect(records.find(({ index }) => index === 3)!.attempts).toBe(2);
  });

  test('bounds what lies in the queue while nobody works', async () => {
    const bench = await openBench(0);
    const urls = urlsOf(bench.sites, 80_000, 8000);
    const stop = new AbortController();
    const stopped = runList(bench.redis.queue, urls, { output: path('.jsonl'), signal: stop.signal });
    await until(async () => (await readQueueStatus(bench.redis.queue)).chunks.out === 64);
    await sleep(100);
    const { chunks, server } = await readQueueStatus(bench.redis.queue);
    expect(chunks).toEqual({ out: 64, taken: 0, takenOver: 0 });
    expect(server.usedBytes).toBeLessThan(10_000_000);
    stop.abort();
    expect((await stopped).left).toBe(80_000);
  });

  test('takes a chunk back whose hosts have to wait for long, so that its worker has room for others', async () => {
    const bench = await openBench(0, (_request, response) => {
      response.writeHead(429, { 'retry-after': '50' });
      response.end();
      return true;
    });
    const { queue } = bench.redis;
    const output = path('.jsonl');
    const over = new AbortController();
    startWorkers(1, { queue });
    const done = runList(queue, urlsOf(bench.sites, 20, 1), { output, signal: over.signal });
    await until(async () => {
      const { paused, chunks, workers } = await readQueueStatus(queue);
      return paused.length === 1 && chunks.out === 0 && workers[0]?.chunks === 0;
    });
    // The requests that were refused go on after the pause, and have no record yet.
    expect(recordsOf(output)).toEqual([]);
    over.abort();
    expect((await done).left).toBe(20);
  });

  test('is not served by a worker of an earlier version', async () => {
    await using redis = await startRedis();
    const broker = await openRedisBroker(redis.queue, 'fetchmany');
    await broker.connect();
    const run = { id: 'later', state: 'running', server: '', options: '', optionsId: '' } as const;
    await broker.writeRun({
      ...run,
      protocol: protocol + 1,
      includeHeaders: false,
      leaseMs: 1000,
      fingerprint: '',
      total: 1,
    });
    broker.close();
    await expect(runWorker({ queue: redis.queue })).rejects.toThrow(
      `speaks protocol ${protocol + 1}, this worker ${protocol}: install the version of the coordinator`,
    );
  });

  test('waits while the memory of the queue is full, and says so', async () => {
    const bench = await openBench(20);
    const urls = urlsOf(bench.sites, 300, 10);
    const output = path('.jsonl');
    const notices: string[] = [];
    const { client } = bench.redis;
    let count = 0;
    startWorkers(2, { queue: bench.redis.queue });
    const done = runList(bench.redis.queue, urls, {
      output,
      leaseMs: 4000,
      fetcher: { perHost: { concurrency: 1 } },
      onRecord: () => {
        count += 1;
        if (count === 1) void client.config('SET', 'maxmemory', '1');
      },
      onNotice: (notice) => notices.push(notice),
    });
    const full = `the queue at ${bench.redis.queue} is full (maxmemory); the run continues once there is room`;
    await until(async () => notices.includes(full));
    expect(recordsOf(output).length).toBeLessThan(300);
    await client.config('SET', 'maxmemory', '0');
    await done;
    expect(compared(recordsOf(output), urls)).toEqual(exactlyOne);
    expect(notices.filter((notice) => notice === full).length).toBe(1);
  });

  test('has its workers take nothing more while too many records wait for a coordinator', async () => {
    const bench = await openBench(0);
    const { queue, client } = bench.redis;
    const urls = urlsOf(bench.sites, 1000, 50);
    const output = path('.jsonl');
    const away = new AbortController();
    const left = runList(queue, urls, { output, signal: away.signal });
    await until(async () => (await readQueueStatus(queue)).chunks.out > 10);
    away.abort();
    await left;
    const id = await client.xadd('{fetchmany}:out', '*', 'records', Buffer.alloc(65 * 1024 * 1024), 'chunks', 'none:0');
    // Consecutive reports of a worker without a chunk, while there are some to take.
    let idle = 0;
    startWorkers(1, { queue, onState: ({ chunks }) => (idle = chunks === 0 ? idle + 1 : 0) });
    await until(async () => idle > 4);
    expect((await readQueueStatus(queue)).chunks.out).toBeGreaterThan(5);
    expect(bench.sites.visits.length).toBeLessThan(500);
    await client.xdel('{fetchmany}:out', id!);
    await until(async () => (await readQueueStatus(queue)).chunks.out === 0);
    await runList(queue, urls, { output, start: 'resume' });
    expect(compared(recordsOf(output), urls)).toEqual(exactlyOne);
    expect(bench.sites.visits.length).toBe(1000);
  });

  test('takes what workers have done while no coordinator was there', async () => {
    const bench = await openBench(0);
    const urls = urlsOf(bench.sites, 1000, 50);
    const output = path('.jsonl');
    const away = new AbortController();
    const left = runList(bench.redis.queue, urls, { output, signal: away.signal });
    await until(async () => (await readQueueStatus(bench.redis.queue)).chunks.out > 10);
    away.abort();
    await left;
    startWorkers(2, { queue: bench.redis.queue });
    await until(async () => (await readQueueStatus(bench.redis.queue)).chunks.out === 0);
    const visits = bench.sites.visits.length;
    expect(visits).toBeGreaterThan(0);
    expect(recordsOf(output)).toEqual([]);
    await runList(bench.redis.queue, urls, { output, start: 'resume' });
    expect(compared(recordsOf(output), urls)).toEqual(exactlyOne);
    expect(bench.sites.visits.length).toBe(1000);
  });
});
