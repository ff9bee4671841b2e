import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Heaviest } from '../../src/collections/heavy-hitters.ts';

describe('Heaviest', () => {
  test('keeps all while there is room', () => {
    const heaviest = new Heaviest(3, (key) => ({ key }));
    const value = heaviest.add('a', 1);
    heaviest.add('b', 5);
    expect(heaviest.add('a', 1)).toBe(value);
    expect(heaviest.get('a')).toBe(value);
    expect(heaviest.get('c')).toBeUndefined();
    expect([heaviest.size, heaviest.isExact]).toEqual([2, true]);
  });

  test('lets the lightest go for a new one, which inherits its weight', () => {
    const heaviest = new Heaviest(2, (key) => key);
    heaviest.add('a', 3);
    heaviest.add('b', 1);
    heaviest.add('b', 4);
    heaviest.add('c', 1);
    expect(heaviest.values().toSorted()).toEqual(['b', 'c']);
    expect(heaviest.isExact).toBe(false);
    // c weighs 3 + 1 now, b 5.
    heaviest.add('d', 1);
    expect(heaviest.values().toSorted()).toEqual(['b', 'd']);
  });

  test('keeps for certain whatever weighs more than its share', () => {
    const additions = fc.array(fc.tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 9 })), {
      maxLength: 400,
    });
    fc.assert(
      fc.property(additions, fc.integer({ min: 1, max: 12 }), (all, capacity) => {
        const heaviest = new Heaviest(capacity, (key) => key);
        const weights = new Map<string, number>();
        let total = 0;
        for (const [number, weight] of all) {
          heaviest.add(String(number), weight);
          weights.set(String(number), (weights.get(String(number)) ?? 0) + weight);
          total += weight;
        }
        const kept = new Set(heaviest.values());
        expect(kept.size).toBe(Math.min(capacity, weights.size));
        for (const [key, weight] of weights) if (weight > total / capacity) expect(kept).toContain(key);
      }),
    );
  });

  test('holds a million keys in flat memory and little time', () => {
    const heaviest = new Heaviest(1000, (key) => ({ key, count: 0 }));
    for (let at = 0; at < 1_000_000; at += 1) {
      heaviest.add(`host-${at}`, 1);
      if (at % 50 === 0) heaviest.add('heavy', 1).count += 1;
    }
    expect(heaviest.size).toBe(1000);
    expect(heaviest.get('heavy')?.count).toBe(20_000);
  });
});
