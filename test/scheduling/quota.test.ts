import { expect, test } from 'vitest';
import { Quota } from '../../src/scheduling/quota.ts';

/** A quota heard at 1000 ms. */
function heard(remaining: number, resetMs: number): Quota {
  const quota = new Quota(60_000);
  quota.heard(1000, 900, { remaining, resetMs });
  return quota;
}

/** A quota whose reset was told to be as far off as 2 s before: a sliding window. */
function sliding(remaining: number): Quota {
  const quota = heard(9, 60_000);
  quota.heard(3000, 2950, { remaining, resetMs: 60_000 });
  quota.started(3000);
  return quota;
}

test.each([
  ['nothing back if all that waits fits in', 5, 60_000, { waiting: 5, inFlight: 0 }, -Infinity],
  ['a used up quota until its reset', 0, 30_000, { waiting: 1, inFlight: 0 }, 31_000],
  ['everything back while requests in flight may use up the rest', 3, 30_000, { waiting: 9, inFlight: 3 }, Infinity],
  ['a used up quota of one second for an eighth of it', 0, 1000, { waiting: 9, inFlight: 0 }, 1125],
  ['a used up quota of one second while a request asks', 0, 1000, { waiting: 9, inFlight: 1 }, Infinity],
  ['nothing back if the reset is too far off and some is left', 3, 90_000, { waiting: 9, inFlight: 0 }, -Infinity],
])('a quota holds %s', (_, remaining, resetMs, { waiting, inFlight }, expected) => {
  expect(heard(remaining, resetMs).openAt({ now: 1000, waiting, inFlight })).toBe(expected);
});

test('a quota of 10 for 50 s is shared out among 1,000 requests', () => {
  const quota = heard(10, 50_000);
  quota.started(1000);
  expect(quota.openAt({ now: 1000, waiting: 1000, inFlight: 0 })).toBeCloseTo(1000 + 50_000 / 11, 5);
});

test('a quota ends with its reset', () => {
  expect(heard(0, 30_000).openAt({ now: 31_000, waiting: 9, inFlight: 0 })).toBe(-Infinity);
});

test('a quota in the answer to an older request is ignored', () => {
  const quota = heard(7, 30_000);
  quota.heard(1100, 800, { remaining: 9, resetMs: 30_000 });
  expect(quota.openAt({ now: 1100, waiting: 8, inFlight: 0 })).toBeGreaterThan(900);
});

test('a used up quota rejects requests only if its reset is too far off', () => {
  expect(heard(0, 60_000).rejects(1000)).toBe(false);
  expect(heard(0, 60_001).rejects(1000)).toBe(true);
  expect(heard(1, 3_000_000).rejects(1000)).toBe(false);
  expect(heard(0, 3_000_000).rejects(2_941_000)).toBe(false);
});

test('a quota whose reset recedes is shared out over an eighth of the time', () => {
  const waits = { now: 3000, waiting: 1000, inFlight: 0 };
  expect(sliding(9).openAt(waits)).toBeCloseTo(3000 + 60_000 / 10 / 8, 5);
  expect(sliding(0).openAt(waits)).toBe(3000 + 60_000 / 8);
  expect(sliding(0).openAt({ ...waits, inFlight: 1 })).toBe(Infinity);
});

test('a reset told in whole seconds does not recede at the end of its window', () => {
  const quota = new Quota(60_000);
  const windowMs = 5000;
  for (let now = 0; now < 30_000; now += 130) {
    const leftMs = windowMs - ((now + 700) % windowMs);
    quota.heard(now, now - 40, { remaining: 9, resetMs: Math.ceil(leftMs / 1000) * 1000 });
    expect(quota.save(now).recedes, String(now)).toBe(false);
  }
});

test('the last second of a longer window is a second', () => {
  const quota = heard(9, 5000);
  quota.heard(5000, 4990, { remaining: 0, resetMs: 1000 });
  expect(quota.openAt({ now: 5000, waiting: 9, inFlight: 0 })).toBe(6000);
});

test('a sliding quota is one after it was saved, too', () => {
  const restored = new Quota(60_000);
  restored.restore(sliding(0).save(4000), 14_000);
  expect(restored.openAt({ now: 14_000, waiting: 9, inFlight: 0 })).toBe(13_000 + 60_000 / 8);
});

/** Sends one request after the other for `forMs` to a server that states `t` seconds in each answer, and counts what is served. */
function servedBy(take: (now: number) => number | undefined, resetMs: number, forMs: number): number {
  const quota = new Quota(60_000);
  let served = 0;
  for (let now = 0; now < forMs; now += 1) {
    if (quota.openAt({ now, waiting: 1000, inFlight: 0 }) > now) continue;
    const remaining = take(now);
    if (remaining !== undefined) served += 1;
    quota.started(now);
    quota.heard(now, now, { remaining: remaining ?? 0, resetMs });
  }
  return served;
}

/** Returns what is left of so many requests in any time of `windowMs`; undefined for a request that is refused. */
function slidingWindow(limit: number, windowMs: number): (now: number) => number | undefined {
  const times: number[] = [];
  return (now) => {
    while (times.length > 0 && times[0]! <= now - windowMs) times.shift();
    return times.length < limit ? limit - times.push(now) : undefined;
  };
}

test.each([
  [50, 1000],
  [100, 5000],
  [300, 60_000],
])('%d requests in any %d ms are used by more than four fifths', (limit, windowMs) => {
  const forMs = 10 * windowMs;
  expect(servedBy(slidingWindow(limit, windowMs), windowMs, forMs)).toBeGreaterThan(0.8 * 10 * limit);
});

test('a bucket that states a second where it needs a twentieth is used by more than four fifths', () => {
  let [tokens, at] = [5, 0];
  const take = (now: number): number | undefined => {
    [tokens, at] = [Math.min(5, tokens + (now - at) / 50), now];
    if (tokens < 1) return undefined;
    tokens -= 1;
    return Math.floor(tokens);
  };
  expect(servedBy(take, 1000, 10_000)).toBeGreaterThan(160);
});
