import { expect, test } from 'vitest';
import { BoundedMap } from '../../src/collections/bounded-map.ts';

test('BoundedMap drops the entry that was set longest ago', () => {
  const map = new BoundedMap<string, number>(2);
  map.set('a', 1);
  map.set('b', 2);
  map.set('a', 3);
  map.set('c', 4);
  expect([map.get('a'), map.get('b'), map.get('c')]).toEqual([3, undefined, 4]);
  expect(map.size).toBe(2);
});

test('BoundedMap makes room when an entry is deleted', () => {
  const map = new BoundedMap<string, number>(2);
  map.set('a', 1);
  map.set('b', 2);
  map.delete('a');
  map.set('c', 3);
  expect([map.has('a'), map.has('b'), map.has('c')]).toEqual([false, true, true]);
});
