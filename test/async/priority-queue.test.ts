import { expect, test } from 'vitest';
import { PriorityQueue, QueueClosedError } from '../../src/index.ts';
import { collect } from '../helpers/collect.ts';

const ascending = (one: number, other: number): number => one - other;

test('PriorityQueue gives the smallest item first, and equal items in the order they were put', async () => {
  const queue = new PriorityQueue<[number, string]>(10, ([one], [other]) => one - other);
  for (const item of [
    [2, 'a'],
    [1, 'b'],
    [2, 'c'],
    [1, 'd'],
  ] as [number, string][])
    await queue.put(item);
  queue.close();
  expect((await collect(queue)).map(([, name]) => name)).toEqual(['b', 'd', 'a', 'c']);
});

test('PriorityQueue admits waiting puts in their order, and sorts them once they have room', async () => {
  const queue = new PriorityQueue<number>(1, ascending);
  const puts = [3, 1, 2].map((item) => queue.put(item));
  expect(queue.size).toBe(1);
  const taken = [await queue.get(), await queue.get(), await queue.get()];
  expect(taken).toEqual([3, 1, 2]);
  await Promise.all(puts);
});

test('PriorityQueue hands an item to a waiting consumer, and ends consumers when it is closed', async () => {
  const queue = new PriorityQueue<number>(5, ascending);
  const gets = [queue.get(), queue.get()];
  await queue.put(7);
  expect(await gets[0]).toBe(7);
  queue.close();
  await expect(gets[1]).rejects.toBeInstanceOf(QueueClosedError);
  await expect(queue.put(1)).rejects.toBeInstanceOf(QueueClosedError);
});

test('a comparison that throws rejects the put', async () => {
  const queue = new PriorityQueue<number>(5, () => {
    throw new Error('cannot compare');
  });
  await queue.put(1);
  await expect(queue.put(2)).rejects.toThrow('cannot compare');
  expect(queue.size).toBe(1);
});

test('new PriorityQueue() refuses wrong arguments', () => {
  expect(() => new PriorityQueue<number>(0, ascending)).toThrow(RangeError);
  // @ts-expect-error -- callers without types forget the order
  expect(() => new PriorityQueue<number>(3)).toThrow("'compare' must be a function");
});
