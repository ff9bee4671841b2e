import { createServer } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { coordinate } from '../../src/distributed/coordinator.ts';
import { readQueueStatus } from '../../src/distributed/status.ts';
import { runWorker } from '../../src/distributed/worker.ts';
import { hasRedis, startRedis } from '../helpers/distributed/redis.ts';
import { openBench, runList, until } from '../helpers/distributed/runs.ts';
import { temporary } from '../helpers/temporary.ts';

const { path } = temporary('queue-options');
const queue = 'redis://127.0.0.1:1/0';
const good = { queue, inputs: (async function* none() {})(), output: 'none.jsonl' };

test.each([
  ['nothing', undefined, "'options' must be an object"],
  ['an unknown option', { ...good, lease: 1 }, "there is no option 'lease'"],
  ['no queue', { ...good, queue: undefined }, "'queue' must be a URL"],
  ['a name with a blank', { ...good, name: 'a b' }, "'name' must be 1 to 64 letters"],
  ['no inputs', { ...good, inputs: undefined }, "'inputs' must be an async iterable"],
  ['no output', { ...good, output: '' }, "'output' must be a file name"],
  ['another start', { ...good, start: 'again' }, "'start' must be 'new' or 'overwrite' or 'resume'"],
  ['another fsync', { ...good, fsync: 'often' }, "'fsync' must be"],
  ['a lease that is no number', { ...good, leaseMs: '30s' }, "'leaseMs' must be a number of milliseconds"],
  ['a lease that is NaN', { ...good, leaseMs: Number.NaN }, "'leaseMs' must be a number of milliseconds"],
  ['a short lease', { ...good, leaseMs: 100 }, "'leaseMs' must be a number of milliseconds"],
  ['an unknown option of the fetcher', { ...good, fetcher: { retires: 3 } }, "there is no option 'retires'"],
  ['a stop that is no signal', { ...good, stop: true }, "'stop' must be an AbortSignal"],
])('coordinate() refuses %s', async (_, options, message) => {
  await expect(coordinate(options as never)).rejects.toThrow(message);
});

test.each([
  ['nothing', undefined, "'options' must be an object"],
  ['an option of the coordinator', { queue, output: 'a.jsonl' }, "there is no option 'output'"],
  ['an unknown option of the fetcher', { queue, fetcher: { retires: 3 } }, "there is no option 'retires'"],
  ['limits of hosts', { queue, fetcher: { perHost: { rate: 5 } } }, "there is no option 'fetcher.perHost'"],
  ['a callback that is none', { queue, onState: 'log' }, "'onState' must be a function"],
  ['a switch that is none', { queue, untilDone: 'yes' }, "'untilDone' must be true or false"],
  ['a signal that is none', { queue, signal: {} }, "'signal' must be an AbortSignal"],
])('runWorker() refuses %s', async (_, options, message) => {
  await expect(runWorker(options as never)).rejects.toThrow(message);
});

test('readQueueStatus() refuses a wrong queue or name', async () => {
  await expect(readQueueStatus(undefined as never)).rejects.toThrow("'queue' must be a URL");
  await expect(readQueueStatus(queue, '')).rejects.toThrow("'name' must be 1 to 64 letters");
});

/** Each way to use a queue. */
const uses = [
  ['coordinate()', (address: string) => coordinate({ ...good, queue: address })],
  ['runWorker()', (address: string) => runWorker({ queue: address })],
] as const;

describe.skipIf(!hasRedis).each(uses)('%s refuses', (_, use) => {
  test('a database that does not exist', async () => {
    await using redis = await startRedis();
    await expect(use(`${redis.queue}?db=77`)).rejects.toThrow('cannot be used: it has no database 77');
  });

  test('a replica, and names its master', async () => {
    await using redis = await startRedis();
    await redis.client.call('replicaof', '127.0.0.1', '1');
    await expect(use(redis.queue)).rejects.toThrow(
      'is a read-only replica of 127.0.0.1:1; use the address of that server',
    );
  });

  test('a server that drops data', async () => {
    await using redis = await startRedis(['--maxmemory', '50mb', '--maxmemory-policy', 'allkeys-lru']);
    await expect(use(redis.queue)).rejects.toThrow('drops data when its memory is full');
  });

  test('a server of another kind', async () => {
    const server = createServer((socket) => socket.on('error', () => {}).end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    try {
      await expect(use(`redis://127.0.0.1:${port}/0`)).rejects.toThrow('what answers there is not Redis');
    } finally {
      server.close();
    }
  });
});

describe.skipIf(!hasRedis)('readQueueStatus()', () => {
  test('refuses a database that does not exist', async () => {
    await using redis = await startRedis();
    await expect(readQueueStatus(`${redis.queue}?db=77`)).rejects.toThrow('it has no database 77');
  });
});

test('an abort of signal ends a worker that cannot reach its queue yet, and before the call a coordinator', async () => {
  // It accepts connections, and answers nothing.
  const server = createServer(() => ending.abort());
  const ending = new AbortController();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  await runWorker({ queue: `redis://127.0.0.1:${port}/0`, signal: ending.signal });
  server.close();
  await expect(coordinate({ ...good, signal: ending.signal })).rejects.toBe(ending.signal.reason);
});

test.skipIf(!hasRedis)(
  'an abort of signal ends a worker with requests in flight, though its queue is gone',
  async () => {
    const { redis, sites } = await openBench(0, () => true);
    const ending = new AbortController();
    const done = runWorker({ queue: redis.queue, signal: ending.signal });
    const coordinator = new AbortController();
    const run = { output: path('.jsonl'), signal: coordinator.signal };
    // Nobody waits for this lease.
    const coordinated = runList(redis.queue, [sites.url('a', '/')], { ...run, leaseMs: 600_000 });
    await until(async () => sites.visits.length === 1);
    await redis.kill();
    ending.abort();
    await done;
    coordinator.abort();
    expect((await coordinated).left).toBe(1);
  },
);

test.skipIf(!hasRedis)('an abort of signal ends a worker that waits for a run', async () => {
  await using redis = await startRedis();
  const ending = new AbortController();
  const { promise: waiting, resolve } = Promise.withResolvers<void>();
  const done = runWorker({ queue: redis.queue, signal: ending.signal, onNotice: () => resolve() });
  await waiting;
  ending.abort();
  await done;
});
