import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Heap } from '../../src/collections/heap.ts';

test('Heap returns its values in the order of their times', () => {
  const heap = new Heap<string>();
  heap.push(3, 'three');
  heap.push(1, 'one');
  heap.push(2, 'two');
  expect(heap.size).toBe(3);
  expect(heap.earliest).toBe(1);
  expect([heap.pop(), heap.pop(), heap.pop()]).toEqual(['one', 'two', 'three']);
});

test('Heap that is empty returns undefined', () => {
  const heap = new Heap<string>();
  expect(heap.earliest).toBe(Infinity);
  expect(heap.pop()).toBeUndefined();
  expect(heap.size).toBe(0);
});

test('Heap accepts a time of Infinity', () => {
  const heap = new Heap<string>();
  for (const time of [Infinity, 1, Infinity, 2]) heap.push(time, String(time));
  expect([heap.pop(), heap.pop(), heap.pop(), heap.pop()]).toEqual(['1', '2', 'Infinity', 'Infinity']);
});

test('Heap agrees with a sorted array for any pushes and pops', () => {
  const push = fc.oneof(fc.double({ noNaN: true }), fc.integer({ min: 0, max: 9 }));
  fc.assert(
    fc.property(fc.array(fc.option(push, { nil: undefined, freq: 2 }), { maxLength: 200 }), (steps) => {
      const heap = new Heap<number>();
      const sorted: number[] = [];
      for (const time of steps) {
        if (time === undefined) {
          // Equal times come in no particular order, and 0 equals -0.
          expect(heap.pop()).toSatisfy((value) => value === sorted[0]);
          sorted.shift();
        } else {
          heap.push(time, time);
          sorted.push(time);
          sorted.sort((one, other) => one - other);
        }
        expect(heap.size).toBe(sorted.length);
        expect(heap.earliest === (sorted[0] ?? Infinity)).toBe(true);
      }
    }),
  );
});
