import fc from 'fast-check';
import { expect, test } from 'vitest';
import { StableHeap } from '../../src/collections/stable-heap.ts';

interface Item {
  readonly priority: number;
  readonly name: number;
}

test('StableHeap removes values as a stable sort orders them, whatever was added and removed in between', () => {
  const steps = fc.array(fc.option(fc.integer({ min: 0, max: 5 }), { freq: 3 }), { maxLength: 60 });
  fc.assert(
    fc.property(steps, (all) => {
      const heap = new StableHeap<Item>((one, other) => one.priority - other.priority);
      let model: Item[] = [];
      for (const [name, priority] of all.entries()) {
        if (priority === null) {
          expect(heap.shift()?.value).toEqual(model.shift());
        } else {
          heap.push({ priority, name });
          model = [...model, { priority, name }].sort((one, other) => one.priority - other.priority);
        }
        expect(heap.size).toBe(model.length);
      }
    }),
  );
});

test('a comparison that throws leaves the heap as it was', () => {
  const heap = new StableHeap<number>((one, other) => {
    if (one === 0 || other === 0) throw new Error('zero');
    return one - other;
  });
  for (const value of [3, 1, 2]) heap.push(value);
  expect(() => heap.push(0)).toThrow('zero');
  expect([heap.shift(), heap.shift(), heap.shift(), heap.shift()].map((entry) => entry?.value)).toEqual([
    1,
    2,
    3,
    undefined,
  ]);
});
