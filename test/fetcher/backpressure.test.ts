import { describe, expect, test } from 'vitest';
import { manyAtOnce, oneAtATime } from '../../src/fetcher/backpressure.ts';

const run = (
  unread: number,
  outstanding = 0,
  isAwaited = false,
): Parameters<ReturnType<typeof oneAtATime>['wants']>[1] => ({
  outstanding,
  results: { unread, isAwaited },
});

describe('manyAtOnce()', () => {
  test.each([
    [0, 0, true],
    [4, 5, true],
    [5, 5, false],
    [0, 10, false],
  ])('with %i active and %i unread of 10, a start is allowed: %o', (active, unread, allowed) => {
    expect(manyAtOnce(10, 100).mayStart(active, unread)).toBe(allowed);
  });

  test('reads until readAhead requests wait, and then not before a batch has started', () => {
    const backpressure = manyAtOnce(10, 20_000);
    const wants = (waiting: number): boolean => backpressure.wants({ waiting, active: 10 }, run(0));
    expect([0, 19_999, 20_000, 19_999, 19_744, 19_743, 19_999].map(wants)).toEqual([
      true,
      true,
      false,
      false,
      false,
      true,
      true,
    ]);
  });

  test('reads one request when it could start at once, without a read-ahead', () => {
    const backpressure = manyAtOnce(2, 0);
    expect(backpressure.wants({ waiting: 0, active: 1 }, run(0))).toBe(true);
    expect(backpressure.wants({ waiting: 0, active: 1 }, run(1))).toBe(false);
    expect(backpressure.wants({ waiting: 1, active: 0 }, run(0))).toBe(false);
  });

  test('reads nothing while as many results as may be in flight are unread', () => {
    expect(manyAtOnce(2, 100).wants({ waiting: 0, active: 0 }, run(2))).toBe(false);
  });
});

describe('oneAtATime()', () => {
  test.each([
    [0, true, true],
    [0, false, false],
    [1, true, false],
  ])('with %i outstanding and a waiting reader: %o, it reads: %o', (outstanding, isAwaited, wants) => {
    const none = { waiting: 0, active: 0 };
    expect(oneAtATime(0).wants(none, run(0, outstanding, isAwaited))).toBe(wants);
  });
});
