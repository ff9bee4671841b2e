import { describe, expect, test } from 'vitest';
import { Pace } from '../../src/scheduling/pace.ts';

/** Lets `count` requests through from `from` on, `everyMs` apart, each answered after 10 ms. */
function serve(pace: Pace, from: number, count: number, everyMs: number): number {
  for (let done = 0; done < count; done += 1) {
    pace.started(from + done * everyMs);
    pace.served(from + done * everyMs + 10, from + done * everyMs);
  }
  return from + count * everyMs;
}

/** A pace after its first measurement: 100 requests in the 10 s between two refusals. */
function measured(): Pace {
  const pace = new Pace(60_000);
  pace.refused(1000, 990, 0);
  serve(pace, 1500, 100, 90);
  pace.refused(11_000, 10_990, 0);
  return pace;
}

describe('Pace', () => {
  test('holds nothing back before the first refusal', () => {
    const pace = new Pace(60_000);
    serve(pace, 0, 100, 1);
    expect(pace.openAt(6)).toBeLessThanOrEqual(0);
    expect([pace.perSecond, pace.measuredPerSecond]).toEqual([Infinity, Infinity]);
  });

  test('asks with one request at a time after a refusal', () => {
    const pace = new Pace(60_000);
    pace.refused(1000, 990, 0);
    expect(pace.isAsking).toBe(true);
    expect(pace.openAt(1)).toBe(Infinity);
    expect(pace.openAt(0)).toBe(1500);
  });

  test('waits half as long again after each refused request that asks', () => {
    const pace = new Pace(60_000);
    pace.refused(1000, 990, 0);
    pace.refused(1510, 1500, 0);
    expect(pace.openAt(0)).toBe(1510 + 750);
    pace.refused(2270, 2260, 0);
    expect(pace.openAt(0)).toBe(2270 + 1125);
  });

  test('waits as long as the server ordered', () => {
    const pace = new Pace(60_000);
    pace.refused(1000, 990, 7000);
    expect(pace.openAt(0)).toBe(8000);
  });

  test('ignores further refusals of one burst', () => {
    const pace = new Pace(60_000);
    for (let count = 0; count < 50; count += 1) pace.refused(1000 + count, 990, 0);
    expect(pace.openAt(0)).toBe(1500);
  });

  test('ends the asking with the first request that is served', () => {
    const pace = new Pace(60_000);
    pace.refused(1000, 990, 0);
    pace.served(1520, 1500);
    expect(pace.isAsking).toBe(false);
    expect(pace.openAt(3)).toBeLessThanOrEqual(1520);
  });

  test('ignores answers to requests from before the refusal', () => {
    const pace = new Pace(60_000);
    pace.refused(1000, 990, 0);
    pace.served(1010, 995);
    expect(pace.isAsking).toBe(true);
  });

  test('learns the rate between two refusals, a little below what was served', () => {
    const pace = measured();
    expect(pace.perSecond).toBeCloseTo(9.8, 5);
    expect(pace.measuredPerSecond).toBeCloseTo(10, 5);
  });

  test('spaces starts evenly at the learned rate', () => {
    const pace = measured();
    const askAt = pace.openAt(0);
    pace.started(askAt);
    pace.served(askAt + 10, askAt);
    expect(pace.openAt(0)).toBeCloseTo(askAt + 1000 / 9.8, 5);
  });

  test('falls to half at most with each refusal', () => {
    const pace = measured();
    pace.served(12_000, 11_500);
    pace.refused(31_000, 30_990, 0);
    expect(pace.perSecond).toBeCloseTo(4.9, 5);
  });

  test('falls a little with each refusal, however much was served', () => {
    const pace = measured();
    serve(pace, 11_200, 4, 20);
    pace.refused(11_400, 11_390, 0);
    expect(pace.perSecond).toBeCloseTo(9.8 * 0.97, 5);
  });

  test('rises while nothing is refused: a doubled limit is found within 60 s', () => {
    const pace = measured();
    let now = pace.openAt(0);
    const endsAt = now + 60_000;
    while (now < endsAt) {
      pace.started(now);
      pace.served(now + 10, now);
      now = Math.max(now + 1, pace.openAt(0));
    }
    expect(pace.perSecond).toBeGreaterThan(2 * 9.8);
    // Nobody has said that the server allows that much.
    expect(pace.measuredPerSecond).toBeCloseTo(10, 5);
  });

  test.each([
    [false, 500 * 1.5 ** 8],
    [true, 10_000],
  ])('asks less and less often, every 10 s if it may be an outage (%s)', (mayBeOutage, longest) => {
    const pace = new Pace(600_000);
    let now = 1000;
    let wait = 0;
    for (let asked = 0; asked < 9; asked += 1) {
      pace.refused(now, now, 0, mayBeOutage);
      wait = pace.openAt(0) - now;
      now += wait;
    }
    expect(wait).toBeCloseTo(longest, 5);
  });

  test('asks a slow host no more often than it serves, also where it may be an outage', () => {
    const pace = new Pace(600_000);
    pace.refused(0, 0, 0, true);
    pace.served(1000, 1000);
    pace.refused(40_000, 40_000, 0, true);
    pace.refused(90_000, 90_000, 0, true);
    expect(pace.openAt(0) - 90_000).toBeCloseTo(1000 / pace.perSecond, 5);
  });

  test('gives up after a patience without any success, with a last request at its end', () => {
    const pace = new Pace(60_000);
    let now = 1000;
    let asked = 0;
    for (; !pace.isHopeless(now); now = pace.openAt(0)) {
      pace.refused(now, now, 0);
      asked += 1;
      if (pace.isHopeless(now)) break;
    }
    expect(now).toBe(61_000);
    expect(asked).toBeLessThan(15);
  });

  test('does not count ordered waits against the patience', () => {
    const pace = new Pace(60_000);
    for (let now = 1000; now < 300_000; now += 50_000) {
      pace.refused(now, now, 50_000);
      expect(pace.isHopeless(now)).toBe(false);
    }
  });
});
