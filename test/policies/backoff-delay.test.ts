import { describe, expect, test } from 'vitest';
import { backoffMs } from '../../src/policies/backoff-delay.ts';

describe('backoffMs()', () => {
  test.each([
    [0, 200],
    [1, 400],
    [2, 800],
    [6, 12_800],
    [7, 20_000],
    [8, 20_000],
    [5000, 20_000],
  ])('before retry %i is spread over %i ms', (retry, widthMs) => {
    expect(backoffMs(retry, () => 0)).toBe(0);
    expect(backoffMs(retry, () => 0.5)).toBe(widthMs / 2);
    expect(backoffMs(retry, () => 1 - Number.EPSILON)).toBeLessThan(widthMs);
  });

  test('is different each time unless told otherwise', () => {
    expect(new Set(Array.from({ length: 20 }, () => backoffMs(3))).size).toBeGreaterThan(15);
  });
});
