import { describe, expect, test } from 'vitest';
import { HostQueue } from '../../src/scheduling/host-queue.ts';

interface Named {
  readonly name: string;
}

function namesOf(queue: HostQueue<Named>): string {
  let names = '';
  for (let item = queue.shift(); item !== undefined; item = queue.shift()) names += item.name;
  return names;
}

function queueOf(names: string): { queue: HostQueue<Named>; items: Named[] } {
  const queue = new HostQueue<Named>('host');
  const items = Array.from(names, (name) => ({ name }));
  for (const item of items) queue.push(item);
  return { queue, items };
}

describe('HostQueue', () => {
  test('gives retries first, in the order in which they came back', () => {
    const { queue } = queueOf('abc');
    queue.pushRetry({ name: 'x' });
    queue.pushRetry({ name: 'y' });
    expect(queue.length).toBe(5);
    expect(namesOf(queue)).toBe('xyabc');
  });

  test('passes over what was removed', () => {
    const { queue, items } = queueOf('abcdefgh');
    for (const index of [0, 3, 7]) queue.remove(items[index] as Named);
    expect(queue.length).toBe(5);
    expect(namesOf(queue)).toBe('bcefg');
    expect(queue.length).toBe(0);
  });

  test('passes over a retry that was removed', () => {
    const { queue } = queueOf('abc');
    const retry = { name: 'x' };
    queue.pushRetry(retry);
    queue.remove(retry);
    expect(namesOf(queue)).toBe('abc');
  });

  test('keeps the order when most of it is removed', () => {
    const { queue, items } = queueOf('abcdefgh');
    for (const item of items.filter(({ name }) => !'cg'.includes(name))) queue.remove(item);
    expect(queue.length).toBe(2);
    expect(namesOf(queue)).toBe('cg');
  });

  test('lists what waits, without what was removed', () => {
    const { queue, items } = queueOf('abcd');
    queue.pushRetry({ name: 'x' });
    queue.remove(items[1] as Named);
    expect(queue.toArray().map(({ name }) => name)).toEqual(['x', 'a', 'c', 'd']);
    expect(queue.length).toBe(4);
  });

  test('removes 100,000 from the end in well under a second', () => {
    const { queue, items } = queueOf('.'.repeat(100_000));
    const startedAt = performance.now();
    for (const item of items.toReversed()) queue.remove(item);
    expect(queue.length).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(1000);
  });
});
