import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HeavyHitters } from '../../src/collections/heavy-hitters.ts';

describe('HeavyHitters', () => {
  test('keeps every key while there is room', () => {
    const heavyHitters = new HeavyHitters(3, (key) => ({ key }));
    const value = heavyHitters.add('a', 1);
    heavyHitters.add('b', 5);
    expect(heavyHitters.add('a', 1)).toBe(value);
    expect(heavyHitters.get('a')).toBe(value);
    expect(heavyHitters.get('c')).toBeUndefined();
    expect([heavyHitters.size, heavyHitters.isExact]).toEqual([2, true]);
  });

  test('replaces the lightest key by a new one, which inherits its weight', () => {
    const heavyHitters = new HeavyHitters(2, (key) => key);
    heavyHitters.add('a', 3);
    heavyHitters.add('b', 1);
    heavyHitters.add('b', 4);
    heavyHitters.add('c', 1);
    expect(heavyHitters.values().toSorted()).toEqual(['b', 'c']);
    expect(heavyHitters.isExact).toBe(false);
    // c weighs 3 + 1 now, b 5.
    heavyHitters.add('d', 1);
    expect(heavyHitters.values().toSorted()).toEqual(['b', 'd']);
  });

  test('keeps every key that weighs more than total / capacity', () => {
    const additions = fc.array(fc.tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 9 })), {
      maxLength: 400,
    });
    fc.assert(
      fc.property(additions, fc.integer({ min: 1, max: 12 }), (all, capacity) => {
        const heavyHitters = new HeavyHitters(capacity, (key) => key);
        const weights = new Map<string, number>();
        let total = 0;
        for (const [number, weight] of all) {
          heavyHitters.add(String(number), weight);
          weights.set(String(number), (weights.get(String(number)) ?? 0) + weight);
          total += weight;
        }
        const kept = new Set(heavyHitters.values());
        expect(kept.size).toBe(Math.min(capacity, weights.size));
        for (const [key, weight] of weights) if (weight > total / capacity) expect(kept).toContain(key);
      }),
    );
  });

  test('takes a million keys in flat memory', () => {
    const heavyHitters = new HeavyHitters(1000, (key) => ({ key, count: 0 }));
    for (let at = 0; at < 1_000_000; at += 1) {
      heavyHitters.add(`host-${at}`, 1);
      if (at % 50 === 0) heavyHitters.add('heavy', 1).count += 1;
    }
    expect(heavyHitters.size).toBe(1000);
    expect(heavyHitters.get('heavy')?.count).toBe(20_000);
  });
});
