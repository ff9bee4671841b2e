import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { TimeLimit } from '../../src/policies/time-limit.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A limit of 100 ms that writes down what it ended, and when. */
function limit100(): { limit: TimeLimit<string>; ended: string[] } {
  const ended: string[] = [];
  const startedAt = performance.now();
  const limit = new TimeLimit<string>(100, (value) => ended.push(`${value} ${performance.now() - startedAt}`));
  return { limit, ended };
}

describe('TimeLimit', () => {
  test('ends each at its own time', () => {
    const { limit, ended } = limit100();
    for (const name of ['a', 'b', 'c']) {
      limit.start(name, performance.now());
      vi.advanceTimersByTime(30);
    }
    vi.advanceTimersByTime(1000);
    expect(ended).toEqual(['a 100', 'b 130', 'c 160']);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('does not end what was stopped, and has no timer when nothing runs', () => {
    const { limit, ended } = limit100();
    const [a, b] = [limit.start('a', performance.now()), limit.start('b', performance.now())];
    limit.stop(a);
    expect(vi.getTimerCount()).toBe(1);
    limit.stop(b);
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(1000);
    expect(ended).toEqual([]);
  });

  test('may be told to stop what has ended, or to stop twice', () => {
    const { limit, ended } = limit100();
    const a = limit.start('a', performance.now());
    vi.advanceTimersByTime(100);
    limit.start('b', performance.now());
    limit.stop(a);
    limit.stop(a);
    vi.advanceTimersByTime(100);
    expect(ended).toEqual(['a 100', 'b 200']);
  });

  test('has one timer for all, however many start and stop', () => {
    const { limit } = limit100();
    const set = vi.spyOn(globalThis, 'setTimeout');
    limit.start('a', performance.now());
    for (let turn = 0; turn < 1000; turn += 1) limit.stop(limit.start('b', performance.now()));
    expect(set).toHaveBeenCalledTimes(1);
    set.mockRestore();
  });

  test('lets what ends start the next and stop others', () => {
    const ended: string[] = [];
    const limit: TimeLimit<string> = new TimeLimit<string>(100, (value) => {
      ended.push(value);
      limit.stop(other);
      if (ended.length < 3) limit.start(`${value}'`, performance.now());
    });
    limit.start('a', performance.now());
    const other = limit.start('b', performance.now());
    vi.advanceTimersByTime(1000);
    expect(ended).toEqual(['a', "a'", "a''"]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
