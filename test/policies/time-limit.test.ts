import { describe, expect, test, vi } from 'vitest';
import { TimeLimit } from '../../src/policies/time-limit.ts';
import { ManualClock } from '../helpers/manual-clock.ts';

/** A limit of 100 ms that records each value it ends, and when. */
function limit100(): { limit: TimeLimit<string>; clock: ManualClock; ended: string[] } {
  const clock = new ManualClock();
  const ended: string[] = [];
  const startedAt = clock.now();
  const limit = new TimeLimit<string>(100, (value) => ended.push(`${value} ${clock.now() - startedAt}`), clock);
  return { limit, clock, ended };
}

describe('TimeLimit', () => {
  test('ends each value at its own time', () => {
    const { limit, clock, ended } = limit100();
    for (const name of ['a', 'b', 'c']) {
      limit.start(name, clock.now());
      clock.advance(30);
    }
    clock.advance(1000);
    expect(ended).toEqual(['a 100', 'b 130', 'c 160']);
    expect(clock.timers).toBe(0);
  });

  test('has no timer once every countdown has been ended', () => {
    const { limit, clock, ended } = limit100();
    const [a, b] = [limit.start('a', clock.now()), limit.start('b', clock.now())];
    limit.end(a);
    expect(clock.timers).toBe(1);
    limit.end(b);
    expect(clock.timers).toBe(0);
    clock.advance(1000);
    expect(ended).toEqual([]);
  });

  test('end() does nothing to a countdown that is over', () => {
    const { limit, clock, ended } = limit100();
    const a = limit.start('a', clock.now());
    clock.advance(100);
    limit.start('b', clock.now());
    limit.end(a);
    limit.end(a);
    clock.advance(100);
    expect(ended).toEqual(['a 100', 'b 200']);
  });

  test('sets one timer, however many countdowns start and end', () => {
    const { limit, clock } = limit100();
    const setTimer = vi.spyOn(clock, 'setTimer');
    limit.start('a', clock.now());
    for (let time = 0; time < 1000; time += 1) limit.end(limit.start('b', clock.now()));
    expect(setTimer).toHaveBeenCalledTimes(1);
  });

  test('lets a value that ends start the next countdown and end others', () => {
    const clock = new ManualClock();
    const ended: string[] = [];
    const limit: TimeLimit<string> = new TimeLimit<string>(
      100,
      (value) => {
        ended.push(value);
        limit.end(other);
        if (ended.length < 3) limit.start(`${value}'`, clock.now());
      },
      clock,
    );
    limit.start('a', clock.now());
    const other = limit.start('b', clock.now());
    clock.advance(1000);
    expect(ended).toEqual(['a', "a'", "a''"]);
    expect(clock.timers).toBe(0);
  });
});
