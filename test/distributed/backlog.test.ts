import { randomBytes } from 'node:crypto';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openRedisBroker } from '../../src/distributed/redis/redis-broker.ts';
import { packHosts, packInput, packOptions, protocol } from '../../src/distributed/wire.ts';
import { hasRedis } from '../helpers/distributed/redis.ts';
import { openBench, startWorkers, until } from '../helpers/distributed/runs.ts';

describe.skipIf(!hasRedis)('records that wait for the coordinator', { timeout: 240_000 }, () => {
  test('keep workers from taking more, once they are more than 64 MB', async () => {
    const { redis, sites } = await openBench(0);
    const broker = await openRedisBroker(redis.queue, 'fetchmany');
    await broker.connect();
    onTestFinished(() => broker.close());
    const run = { id: 'r', state: 'running', protocol, options: packOptions({}, undefined) } as const;
    const list = { includeHeaders: false, optionsId: '', leaseMs: 30_000, fingerprint: '', total: 1 };
    await broker.writeRun({ ...run, ...list, server: (await broker.server()).id });
    const megabyte = randomBytes(1_000_000);
    for (let count = 0; count < 70; count += 1) await redis.client.xadd('{fetchmany}:out', '*', 'records', megabyte);
    expect((await broker.backlog()).bytes).toBeGreaterThan(64 * 1024 * 1024);

    let reports = 0;
    startWorkers(1, { queue: redis.queue, onState: () => (reports += 1) });
    // It looks at the backlog after its first report. It may have begun to wait for a chunk before that.
    await until(async () => reports >= 4 && /blocked_clients:0/.test(await redis.client.info('clients')));
    const { key, line } = packInput(0, sites.url('a', '/'))!;
    await broker.publish([{ id: '1-1', run: 'r', payload: packHosts([{ key, lines: [line] }]) }]);
    const then = reports;
    await until(async () => reports >= then + 3);
    expect(await broker.countChunks()).toMatchObject({ out: 1, taken: 0 });
    await redis.client.xtrim('{fetchmany}:out', 'MAXLEN', 10);
    await until(async () => sites.visits.length === 1);
  });
});
