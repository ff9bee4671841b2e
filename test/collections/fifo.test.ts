import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Fifo } from '../../src/collections/fifo.ts';
import { growthRatio } from '../helpers/growth-ratio.ts';

interface Numbered {
  readonly number: number;
}

test('Fifo agrees with an array for any pushes, shifts and filters', () => {
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('push' as const), count: fc.integer({ min: 1, max: 80 }) }) },
    {
      weight: 5,
      arbitrary: fc.record({ kind: fc.constant('shift' as const), count: fc.integer({ min: 1, max: 80 }) }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('keep' as const), count: fc.integer({ min: 2, max: 5 }) }) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 50 }), (steps) => {
      const fifo = new Fifo<Numbered>();
      const model: Numbered[] = [];
      let number = 0;
      const take = {
        push: (count: number): void => {
          for (const end = number + count; number < end; number++) {
            const item = { number };
            fifo.push(item);
            model.push(item);
          }
        },
        shift: (count: number): void => {
          for (let turn = 0; turn < count; turn++) {
            expect(fifo.first).toBe(model[0]);
            expect(fifo.shift()).toBe(model.shift());
          }
        },
        keep: (count: number): void => {
          const isKept = (item: Numbered): boolean => item.number % count !== 0;
          fifo.keep(isKept);
          model.splice(0, model.length, ...model.filter(isKept));
        },
      };
      for (const { kind, count } of steps) {
        take[kind](count);
        expect(fifo.length).toBe(model.length);
        expect(fifo.toArray()).toEqual(model);
      }
    }),
  );
});

test('Fifo takes a time that grows with the number of items, not with its square', async () => {
  const emptyingMs = (count: number): number => {
    const fifo = new Fifo<Numbered>();
    for (let number = 0; number < count; number++) fifo.push({ number });
    const startedAt = performance.now();
    let inOrder = 0;
    for (let item = fifo.shift(); item?.number === inOrder; item = fifo.shift()) inOrder += 1;
    expect(inOrder).toBe(count);
    return performance.now() - startedAt;
  };
  expect(await growthRatio(emptyingMs, 100_000)).toBeLessThan(4);
});
