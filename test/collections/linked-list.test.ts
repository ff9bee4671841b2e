import { expect, test } from 'vitest';
import { LinkedList } from '../../src/collections/linked-list.ts';

const drain = <T>(list: LinkedList<T>): T[] => {
  const values: T[] = [];
  for (let entry = list.shift(); entry !== undefined; entry = list.shift()) values.push(entry.value);
  return values;
};

test('LinkedList returns values in the order they were added, undefined included', () => {
  const list = new LinkedList<number | undefined>();
  for (const value of [1, undefined, 3]) list.push(value);
  expect(list.size).toBe(3);
  expect(drain(list)).toEqual([1, undefined, 3]);
  expect(list.size).toBe(0);
});

test.for([
  [0, [1, 2]],
  [1, [0, 2]],
  [2, [0, 1]],
] as const)('LinkedList.remove() takes out entry %i of three', ([index, rest]) => {
  const list = new LinkedList<number>();
  const entries = [0, 1, 2].map((value) => list.push(value));
  list.remove(entries[index]!);
  expect(list.size).toBe(2);
  list.push(9);
  expect(drain(list)).toEqual([...rest, 9]);
});

test('LinkedList can be used again after its last entry was removed', () => {
  const list = new LinkedList<number>();
  list.remove(list.push(1));
  expect(list.shift()).toBeUndefined();
  list.push(2);
  expect(drain(list)).toEqual([2]);
});

test('LinkedList unlinks a removed entry, which would keep every later entry in memory', () => {
  const list = new LinkedList<number>();
  const entries = [0, 1, 2].map((value) => list.push(value));
  list.remove(entries[1]!);
  list.shift();
  expect(entries[1]).toEqual({ value: 1, previous: undefined, next: undefined });
  expect(entries[0]).toEqual({ value: 0, previous: undefined, next: undefined });
});

test('LinkedList.remove() does nothing for an entry that was removed before', () => {
  const list = new LinkedList<number>();
  const entry = list.push(0);
  list.push(1);
  list.remove(entry);
  list.remove(entry);
  expect(list.size).toBe(1);
  expect(drain(list)).toEqual([1]);
});
