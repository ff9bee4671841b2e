import { describe, expect, onTestFinished, test } from 'vitest';
import type { Broker } from '../../src/distributed/broker.ts';
import { openRedisBroker } from '../../src/distributed/redis/redis-broker.ts';
import { hasRedis, startRedis } from '../helpers/distributed/redis.ts';

async function connected(queue: string): Promise<Broker> {
  const broker = await openRedisBroker(queue, 'fetchmany');
  onTestFinished(() => broker.close());
  await broker.connect();
  return broker;
}

describe.skipIf(!hasRedis)('a chunk of an owner that is gone', () => {
  test('is taken over by one of several workers, and is no longer the owner’s', async () => {
    await using redis = await startRedis();
    const workers = await Promise.all(['a', 'b', 'c', 'd'].map(async () => connected(redis.queue)));
    const [owner] = workers as [Broker, ...Broker[]];
    await owner.publish([{ id: '1-1', run: 'r', payload: new Uint8Array([1]) }]);
    expect((await owner.take('owner', 1000))?.id).toBe('1-1');
    // As if it had not been heard of for 100 s.
    await redis.client.call('XCLAIM', '{fetchmany}:work', 'workers', 'owner', '0', '1-1', 'IDLE', '100000', 'JUSTID');
    const taken = await Promise.all(workers.map((worker, at) => worker.takeOver(`worker ${at}`, 60_000)));
    const winners = taken.map((chunk, at) => ({ chunk, at })).filter(({ chunk }) => chunk !== undefined);
    expect(winners.map(({ chunk }) => chunk)).toEqual([expect.objectContaining({ id: '1-1', run: 'r' })]);
    const winner = `worker ${winners[0]!.at}`;
    expect(await owner.renew('owner', ['1-1'])).toEqual([false]);
    expect(await owner.complete('owner', '1-1', { back: [], pauses: [], heldMs: 1 }, [])).toBe(false);
    expect(await owner.renew(winner, ['1-1'])).toEqual([true]);
    expect((await owner.facts('1-1', [])).deliveries).toBe(2);
    expect(await owner.complete(winner, '1-1', { back: [], pauses: [], heldMs: 1 }, [])).toBe(true);
    expect(await owner.countChunks()).toEqual({ out: 0, taken: 0, takenOver: 0 });
  });
});
