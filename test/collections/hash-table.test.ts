import { expect, test } from 'vitest';
import { HashTable } from '../../src/collections/hash-table.ts';

test.each([
  ['spread', (at: number) => [Math.imul(at, 0x9e3779b1) >>> 0, Math.imul(at, 0x85ebca6b) >>> 0] as const],
  ['alike in one half', (at: number) => [Math.imul(at >>> 2, 0x9e3779b1) >>> 0, at & 3] as const],
])('HashTable agrees with a Map while it grows: keys that are %s', (_, keyOf) => {
  const table = new HashTable();
  const map = new Map<string, number>();
  for (let step = 0; step < 200_000; step += 1) {
    const [high, low] = keyOf(2 + (step % 130_000) + 2 * ((step % 130_000) >>> 7));
    const key = `${high}:${low || 1}`;
    if (step % 3 === 0) {
      expect(table.set(high, low, step)).toBe(map.get(key) ?? 0);
      map.set(key, step);
    } else {
      table.add(high, low, 1);
      map.set(key, (map.get(key) ?? 0) + 1);
    }
  }
  for (const [key, value] of map) {
    const [high = 0, low = 0] = key.split(':').map(Number);
    expect(table.get(high, low)).toBe(value);
  }
  expect(table.get(7, 0xffff_ffff)).toBe(0);
});
