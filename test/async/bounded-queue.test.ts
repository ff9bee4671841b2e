import { getEventListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, expectTypeOf, test } from 'vitest';
import { BoundedQueue, QueueClosedError } from '../../src/index.ts';
import { growthRatio } from '../helpers/growth-ratio.ts';

/** Returns the state of a promise after every pending microtask. */
async function stateOf(promise: Promise<unknown>): Promise<'waiting' | 'fulfilled' | 'rejected'> {
  let state: 'waiting' | 'fulfilled' | 'rejected' = 'waiting';
  promise.then(
    () => (state = 'fulfilled'),
    () => (state = 'rejected'),
  );
  await settleAll();
  return state;
}

const settleAll = (): Promise<void> => sleep(0);

test('BoundedQueue returns items in the order they were put', async () => {
  const queue = new BoundedQueue<string | undefined>(3);
  for (const item of ['a', undefined, 'c']) await queue.put(item);
  expect(queue.size).toBe(3);
  expect([await queue.get(), await queue.get(), await queue.get()]).toEqual(['a', undefined, 'c']);
  expect(queue).toMatchObject({ size: 0, maxSize: 3, closed: false });
});

test('BoundedQueue.put() waits while the queue is full', async () => {
  const queue = new BoundedQueue<number>(1);
  await queue.put(1);
  const put = queue.put(2);
  expect(await stateOf(put)).toBe('waiting');
  expect(queue.size).toBe(1);
  expect(await queue.get()).toBe(1);
  expect(await stateOf(put)).toBe('fulfilled');
  expect(await queue.get()).toBe(2);
});

test('BoundedQueue.get() waits while the queue is empty, and the longest wait is served first', async () => {
  const queue = new BoundedQueue<number>(5);
  const gets = [queue.get(), queue.get()];
  expect(await stateOf(gets[0]!)).toBe('waiting');
  await queue.put(1);
  expect(await stateOf(gets[1]!)).toBe('waiting');
  await queue.put(2);
  expect(await Promise.all(gets)).toEqual([1, 2]);
  expect(queue.size).toBe(0);
});

test('BoundedQueue.put() does not overtake waiting puts', async () => {
  const queue = new BoundedQueue<number>(1);
  const puts = [1, 2, 3].map((item) => queue.put(item));
  expect(await queue.get()).toBe(1);
  puts.push(queue.put(4));
  expect([await queue.get(), await queue.get(), await queue.get()]).toEqual([2, 3, 4]);
  await Promise.all(puts);
});

test.for([0, -1, 1.5, NaN, Infinity, '3'])('new BoundedQueue(%o) is a RangeError', (maxSize) => {
  expect(() => new BoundedQueue(maxSize as number)).toThrow(
    new RangeError(`Cannot create queue as 'maxSize' must be an integer >= 1: current value is ${maxSize}`),
  );
});

test('BoundedQueue.close() lets consumers take the remaining items, and then rejects', async () => {
  const queue = new BoundedQueue<number>(2);
  await queue.put(1);
  await queue.put(2);
  const late = queue.put(3);
  queue.close();
  queue.close();
  expect(queue.closed).toBe(true);
  await expect(late).rejects.toThrow(QueueClosedError);
  await expect(queue.put(4)).rejects.toThrow('Cannot put as the queue is closed');
  expect([await queue.get(), await queue.get()]).toEqual([1, 2]);
  await expect(queue.get()).rejects.toMatchObject({ name: 'QueueClosedError' });
});

test('BoundedQueue.close() ends every waiting consumer', async () => {
  const queue = new BoundedQueue<number>(2);
  const gets = [queue.get(), queue.get()];
  queue.close();
  for (const get of gets) await expect(get).rejects.toThrow(QueueClosedError);
});

test('BoundedQueue drops an aborted put and its item at once', async () => {
  const queue = new BoundedQueue<number>(1);
  await queue.put(1);
  const controller = new AbortController();
  const put = queue.put(2, { signal: controller.signal });
  const next = queue.put(3);
  controller.abort('enough');
  expect(await put.catch((error: unknown) => error)).toBe('enough');
  expect([await queue.get(), await queue.get()]).toEqual([1, 3]);
  await next;
});

test('BoundedQueue loses no item to an aborted get', async () => {
  const queue = new BoundedQueue<number>(1);
  const controller = new AbortController();
  const aborted = queue.get({ signal: controller.signal });
  const next = queue.get();
  controller.abort('enough');
  await queue.put(1);
  expect(await aborted.catch((error: unknown) => error)).toBe('enough');
  expect(await next).toBe(1);
});

test('BoundedQueue does nothing when the signal has aborted already', async () => {
  const queue = new BoundedQueue<number>(2);
  const signal = AbortSignal.abort('before');
  expect(await queue.put(1, { signal }).catch((error: unknown) => error)).toBe('before');
  expect(queue.size).toBe(0);
  await queue.put(2);
  expect(await queue.get({ signal }).catch((error: unknown) => error)).toBe('before');
  expect(queue.size).toBe(1);
});

test('BoundedQueue ignores an abort after the item was delivered', async () => {
  const queue = new BoundedQueue<number>(1);
  const controller = new AbortController();
  const get = queue.get({ signal: controller.signal });
  const put = queue.put(1);
  controller.abort();
  expect(await get).toBe(1);
  await put;
  await queue.put(2);
  expect(await queue.get()).toBe(2);
});

test('BoundedQueue leaves no listener on a signal', async () => {
  const queue = new BoundedQueue<number>(1);
  const { signal } = new AbortController();
  const gets = [queue.get({ signal }), queue.get({ signal })];
  await queue.put(1, { signal });
  queue.close();
  await Promise.allSettled(gets);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('BoundedQueue holds back a producer, and ends two consumers when it closes', async () => {
  const queue = new BoundedQueue<number>(5);
  let largest = 0;
  const consume = async (): Promise<number[]> => {
    const taken: number[] = [];
    for await (const item of queue) {
      largest = Math.max(largest, queue.size);
      taken.push(item);
      await sleep(1);
    }
    return taken;
  };
  const consumers = [consume(), consume()];
  for (let item = 0; item < 30; item += 1) await queue.put(item);
  expect(queue.size).toBeGreaterThan(0);
  queue.close();
  const taken = await Promise.all(consumers);
  expect(taken.flat().toSorted((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, index) => index));
  expect(taken.every((items) => items.length > 5)).toBe(true);
  expect(largest).toBe(5);
});

test('BoundedQueue stays open when a consumer leaves its loop', async () => {
  const queue = new BoundedQueue<number>(3);
  for (const item of [1, 2, 3]) await queue.put(item);
  for await (const item of queue) if (item === 1) break;
  expect(queue).toMatchObject({ closed: false, size: 2 });
  queue.close();
  const rest: number[] = [];
  for await (const item of queue) rest.push(item);
  expect(rest).toEqual([2, 3]);
});

test('BoundedQueue iterator returned while it waits ends at once and takes no item', async () => {
  const queue = new BoundedQueue<number>(3);
  const iterator = queue[Symbol.asyncIterator]();
  const pending = [iterator.next(), iterator.next()];
  const done = { done: true, value: undefined };
  expect(await iterator.return?.()).toEqual(done);
  expect(await Promise.all(pending)).toEqual([done, done]);
  await queue.put(1);
  expect(await iterator.next()).toEqual(done);
  expect(queue.size).toBe(1);
});

test('BoundedQueue iterator serves concurrent next() in order', async () => {
  const queue = new BoundedQueue<number>(3);
  const iterator = queue[Symbol.asyncIterator]();
  const pending = [iterator.next(), iterator.next(), iterator.next()];
  await queue.put(1);
  await queue.put(2);
  queue.close();
  expect((await Promise.all(pending)).map(({ value }) => value)).toEqual([1, 2, undefined]);
});

test('BoundedQueue takes a time that grows with its items and waiting puts, not with their square', async () => {
  const manyItemsMs = async (count: number): Promise<number> => {
    const startedAt = performance.now();
    const queue = new BoundedQueue<number>(count);
    for (let item = 0; item < count; item += 1) void queue.put(item);
    queue.close();
    let next = 0;
    for await (const item of queue) if (item === next) next += 1;
    expect(next).toBe(count);
    return performance.now() - startedAt;
  };
  const manyPutsMs = async (count: number): Promise<number> => {
    const startedAt = performance.now();
    const { signal } = new AbortController();
    const queue = new BoundedQueue<number>(1);
    const puts = Array.from({ length: count }, (_, item) => queue.put(item, { signal }));
    let inOrder = 0;
    for (let item = 0; item < count; item += 1) if ((await queue.get()) === item) inOrder += 1;
    await Promise.all(puts);
    expect(inOrder).toBe(count);
    return performance.now() - startedAt;
  };
  for (const timeOf of [manyItemsMs, manyPutsMs]) {
    expect(await growthRatio(timeOf, 10_000)).toBeLessThan(5);
  }
});

type Step =
  { readonly do: 'put' | 'get' | 'close' | 'turn' } | { readonly do: 'abortPut' | 'abortGet'; readonly index: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom('put' as const, 'get' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('turn' as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom('abortPut' as const, 'abortGet' as const), index: fc.nat(30) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('close' as const, 'turn' as const) }) },
);

interface Call<T> {
  readonly controller: AbortController;
  readonly settled: Promise<PromiseSettledResult<T>>;
}

function call<T>(start: (signal: AbortSignal) => Promise<T>): Call<T> {
  const controller = new AbortController();
  const settled = Promise.allSettled([start(controller.signal)]).then(([result]) => result);
  return { controller, settled };
}

test('BoundedQueue delivers each item once and in order, for any puts, gets, aborts and closes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.array(step, { maxLength: 60 }), async (maxSize, steps) => {
      const queue = new BoundedQueue<number>(maxSize);
      const puts: Call<void>[] = [];
      const gets: Call<number>[] = [];
      for (const { do: what, ...more } of steps) {
        if (what === 'put') puts.push(call((signal) => queue.put(puts.length, { signal })));
        if (what === 'get') gets.push(call((signal) => queue.get({ signal })));
        if (what === 'close') queue.close();
        if (what === 'turn') await Promise.resolve();
        if (what === 'abortPut' && 'index' in more) puts[more.index]?.controller.abort('aborted');
        if (what === 'abortGet' && 'index' in more) gets[more.index]?.controller.abort('aborted');
        expect(queue.size).toBeLessThanOrEqual(maxSize);
      }
      queue.close();
      const rest: number[] = [];
      for await (const item of queue) rest.push(item);

      const putOutcomes = await Promise.all(puts.map(({ settled }) => settled));
      const getOutcomes = await Promise.all(gets.map(({ settled }) => settled));
      const accepted = putOutcomes.flatMap(({ status }, item) => (status === 'fulfilled' ? [item] : []));
      const delivered = getOutcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
      expect([...delivered, ...rest]).toEqual(accepted);
      for (const outcome of [...putOutcomes, ...getOutcomes]) {
        if (outcome.status === 'fulfilled') continue;
        expect(outcome.reason === 'aborted' || outcome.reason instanceof QueueClosedError).toBe(true);
      }
    }),
    { numRuns: 1000 },
  );
});

test('BoundedQueue agrees step by step with a plain list of items and waiters', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 3 }), fc.array(step, { maxLength: 40 }), async (maxSize, steps) => {
      const queue = new BoundedQueue<number>(maxSize);
      const puts: Call<void>[] = [];
      const gets: Call<number>[] = [];
      const model = { items: [] as number[], puts: [] as number[], gets: [] as number[], closed: false };
      for (const { do: what, ...more } of steps) {
        if (what === 'put') {
          const item = puts.length;
          puts.push(call((signal) => queue.put(item, { signal })));
          if (!model.closed) model.puts.push(item);
        }
        if (what === 'get') {
          const index = gets.length;
          gets.push(call((signal) => queue.get({ signal })));
          if (!model.closed || model.items.length > 0) model.gets.push(index);
        }
        if (what === 'close') {
          queue.close();
          Object.assign(model, { closed: true, puts: [], gets: [] });
        }
        if (what === 'abortPut' && 'index' in more) {
          puts[more.index]?.controller.abort('aborted');
          model.puts = model.puts.filter((item) => item !== more.index);
        }
        if (what === 'abortGet' && 'index' in more) {
          gets[more.index]?.controller.abort('aborted');
          model.gets = model.gets.filter((index) => index !== more.index);
        }
        advance(model, maxSize);
        expect(queue.size).toBe(model.items.length);
      }
      queue.close();
    }),
    { numRuns: 500 },
  );
});

/** Settles puts while there is room and gets while there are items, until none can settle. */
function advance(model: { items: number[]; puts: number[]; gets: number[] }, maxSize: number): void {
  for (;;) {
    if (model.gets.length > 0 && model.items.length > 0) {
      model.gets.shift();
      model.items.shift();
    } else if (model.puts.length > 0 && model.items.length < maxSize) model.items.push(model.puts.shift()!);
    else return;
  }
}

test('BoundedQueue keeps the type of its items', () => {
  const queue = new BoundedQueue<'a' | 'b'>(1);
  type Queue = typeof queue;
  expectTypeOf<Queue['get']>().returns.resolves.toEqualTypeOf<'a' | 'b'>();
  expectTypeOf<Queue['put']>().parameter(0).toEqualTypeOf<'a' | 'b'>();
  expectTypeOf<Queue>().toExtend<AsyncIterable<'a' | 'b'>>();
});
