import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Elastic, type SlotUse } from '../../src/scheduling/elastic.ts';
import { bestFixed, fixed, simulate, type BusyServer } from '../helpers/busy-server.ts';

const exponential =
  (meanMs: number) =>
  (random: () => number): number =>
    -meanMs * Math.log(1 - random());

/** Most requests take little, and a few very long: the mean is `meanMs`. */
const heavyTailed =
  (meanMs: number) =>
  (random: () => number): number => {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return meanMs * Math.exp(1.2 * normal - 0.72);
  };

/** Serves best with 32 in flight: 16 workers, 50 ms of work and 50 ms of network. */
const knee: BusyServer = { workers: () => 16, workMs: exponential(50) };
const collapsing: BusyServer = { ...knee, slowdown: (inside) => Math.max(1, inside / 32), maxInside: 100 };
const seeds = [1, 2, 3, 4, 5];

const median = (numbers: number[]): number => numbers.sort((a, b) => a - b)[numbers.length >> 1]!;

describe('Elastic finds the limit', () => {
  const medianAlone = simulate(knee, [fixed(1)], { count: 200 })[0]!.medianMs;

  test.each<[name: string, server: BusyServer, share: number, count?: number]>([
    ['of a server with a knee', knee, 0.95],
    ['of a server with a heavy tail', { ...knee, workMs: heavyTailed(50) }, 0.9],
    ['of a server whose throughput collapses past the knee', collapsing, 0.9],
    ['of a server whose pages are broken, one in ten', { ...knee, isBroken: (random) => random() < 0.1 }, 0.9],
    ['of a small server', { ...knee, workers: () => 4 }, 0.95],
    ['of a server far away', { workers: () => 20, workMs: exponential(20), networkMs: 100 }, 0.9, 30_000],
  ])('%s: near the best fixed one', (_, server, share, count = 12_000) => {
    const best = bestFixed(server, 12_000);
    const courses = seeds.map((seed) => simulate(server, [new Elastic(6, 256)], { count, seed })[0]!);
    expect(median(courses.map((course) => course.perSecond()))).toBeGreaterThanOrEqual(share * best);
  });

  test('without much longer answers than one request at a time has', () => {
    const courses = seeds.map((seed) => simulate(knee, [new Elastic(6, 256)], { count: 12_000, seed })[0]!);
    expect(median(courses.map(({ medianMs }) => medianMs))).toBeLessThanOrEqual(2 * medianAlone);
  });

  test('of a server that collapses, and makes it refuse nothing after the first seconds', () => {
    for (const seed of seeds) {
      const [course] = simulate(collapsing, [new Elastic(6, 256)], { count: 12_000, seed });
      expect(course!.bad(5000)).toBe(0);
    }
  });

  test.each<[name: string, before: number, after: number]>([
    ['halves', 16, 8],
    ['doubles', 16, 32],
  ])('again, within 30 s, when the capacity %s', (_, before, after) => {
    const changing: BusyServer = { ...knee, workers: (at) => (at < 40_000 ? before : after) };
    const best = bestFixed({ ...knee, workers: () => after }, 12_000);
    const shares = seeds.map((seed) => {
      const [course] = simulate(changing, [new Elastic(6, 256)], { count: 60_000, untilMs: 90_000, seed });
      return course!.perSecond(70_000, 90_000) / best;
    });
    expect(median(shares)).toBeGreaterThanOrEqual(0.9);
  });

  test('again when the pages become slower, and does not fall far below it', () => {
    const slower: BusyServer = { ...knee, workMs: (random, at) => exponential(at < 20_000 ? 20 : 100)(random) };
    // 16 workers of 100 ms, and 50 ms of network.
    const right = 16 * 1.5;
    for (const seed of seeds) {
      const [course] = simulate(slower, [new Elastic(6, 256)], { count: 60_000, untilMs: 50_000, seed });
      const later = course!.answers.filter(({ at }) => at > 30_000).map(({ limit }) => limit);
      expect(median(later)).toBeGreaterThanOrEqual(right / 2);
    }
  });

  test('together with another fetcher at the same server: each gets its share', () => {
    for (const seed of seeds) {
      const pair = [new Elastic(6, 256), new Elastic(6, 256)];
      const [one, other] = simulate(knee, pair, { count: 100_000, untilMs: 120_000, seed });
      const share =
        one!.perSecond(20_000, 120_000) / (one!.perSecond(20_000, 120_000) + other!.perSecond(20_000, 120_000));
      expect(share).toBeGreaterThanOrEqual(0.35);
      expect(share).toBeLessThanOrEqual(0.65);
    }
  });

  test('below its maximum, and with 6 as the maximum it is as good as a fixed 6', () => {
    for (const most of [1, 6, 8, 20]) {
      const [course] = simulate(knee, [new Elastic(6, most)], { count: 4000 });
      expect(course!.maxInFlight).toBeLessThanOrEqual(most);
    }
    const [six] = simulate(knee, [new Elastic(6, 6)], { count: 4000 });
    expect(six!.perSecond()).toBe(simulate(knee, [fixed(6)], { count: 4000 })[0]!.perSecond());
  });
});

/** Gives an answer of `ms` to each of so many requests, sent one after another. */
function feed(elastic: Elastic, count: number, use: Partial<SlotUse> & { readonly ms: number }, from = 0): number {
  let now = from;
  for (let done = 0; done < count; done += 1) {
    now += use.ms;
    elastic.answer({ now, startedAt: now - use.ms, isBad: false, inFlight: elastic.limit, waiting: 1, ...use });
  }
  return now;
}

describe('Elastic', () => {
  test('allows 6 until 18 requests are answered', () => {
    const elastic = new Elastic(6, 50);
    feed(elastic, 17, { ms: 100 });
    expect(elastic.limit).toBe(6);
    feed(elastic, 1, { ms: 100 }, 1700);
    expect(elastic.limit).toBe(12);
  });

  test.each<[name: string, use: Partial<SlotUse>]>([
    ['nothing waits', { waiting: 0 }],
    ['fewer are in flight than it allows', { inFlight: 4 }],
  ])('learns nothing while %s', (_, use) => {
    const elastic = new Elastic(6, 50);
    feed(elastic, 1000, { ms: 100, ...use });
    expect(elastic.limit).toBe(6);
  });

  test('climbs where more requests cost nothing, to the maximum', () => {
    const elastic = new Elastic(6, 50);
    feed(elastic, 5000, { ms: 100 });
    expect(elastic.found).toBe(50);
  });

  test.each([0, 1e-9, 1e9])('stays a number where every answer takes %d ms', (ms) => {
    const elastic = new Elastic(6, 50);
    for (let answer = 0; answer < 5000; answer += 1) {
      elastic.answer({ now: 1000, startedAt: 1000, ms, isBad: answer % 3 === 0, inFlight: 50, waiting: 9 });
      expect(elastic.limit).toBeGreaterThanOrEqual(1);
      expect(elastic.limit).toBeLessThanOrEqual(50);
    }
  });

  test('is cut once in a round when requests time out, and stays below that limit for 10 s', () => {
    const elastic = new Elastic(6, 40);
    const cutAt = feed(elastic, 2000, { ms: 100 });
    expect(elastic.limit).toBe(40);
    const timeOut = (count: number, now: number, startedAt: number): number[] =>
      Array.from({ length: count }, () => {
        elastic.answer({ now, startedAt, ms: 100, isBad: true, inFlight: 40, waiting: 9 });
        return elastic.limit;
      });
    // All were sent before the cut: they are one round.
    expect(new Set(timeOut(40, cutAt, cutAt - 100))).toEqual(new Set([40, 28]));
    // What was sent after it cuts again, in a round of its own.
    expect(new Set(timeOut(28, cutAt + 1000, cutAt + 900))).toEqual(new Set([20]));
    // A limit that serves well again rises to that of the first cut, and beyond it after ten seconds.
    const limits = (untilMs: number): number[] => {
      const seen: number[] = [];
      for (let now = cutAt + 1100; now < cutAt + untilMs; now += 5) {
        const { limit } = elastic;
        elastic.answer({ now, startedAt: now - 5, ms: 100, isBad: false, inFlight: limit, waiting: 9 });
        seen.push(limit);
      }
      return seen;
    };
    expect(Math.max(...limits(10_000))).toBeLessThanOrEqual(39);
    expect(Math.max(...limits(60_000))).toBe(40);
  });

  test('begins anew after a hold, with 6 at most', () => {
    const elastic = new Elastic(6, 50);
    const now = feed(elastic, 5000, { ms: 100 });
    elastic.restart(now);
    expect([elastic.limit, elastic.found]).toEqual([6, 6]);
    feed(elastic, 5000, { ms: 100 }, now);
    expect(elastic.found).toBe(50);
  });

  test('follows a maximum that falls and rises', () => {
    const elastic = new Elastic(6, 50);
    let now = feed(elastic, 5000, { ms: 100 });
    elastic.setMax(9);
    expect([elastic.limit, elastic.found]).toEqual([9, 9]);
    now = feed(elastic, 500, { ms: 100 }, now);
    expect(elastic.limit).toBeLessThanOrEqual(9);
    elastic.setMax(50);
    feed(elastic, 5000, { ms: 100 }, now);
    expect(elastic.found).toBeGreaterThan(30);
  });
});

test('Elastic never leaves 1 to its maximum, whatever servers do', () => {
  const server = fc.record({
    workers: fc.integer({ min: 1, max: 60 }),
    later: fc.integer({ min: 1, max: 60 }),
    meanMs: fc.integer({ min: 0, max: 800 }),
    networkMs: fc.integer({ min: 20, max: 300 }),
    falls: fc.boolean(),
    maxInside: fc.constantFrom(5, 40, Infinity),
    timeoutMs: fc.constantFrom(300, 60_000),
    brokenShare: fc.constantFrom(0, 0.1, 0.9),
  });
  fc.assert(
    fc.property(server, fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 9 }), (drawn, max, seed) => {
      const model: BusyServer = {
        workers: (at) => (at < 5000 ? drawn.workers : drawn.later),
        workMs: exponential(drawn.meanMs),
        networkMs: drawn.networkMs,
        slowdown: (inside) => (drawn.falls ? Math.max(1, inside / 10) : 1),
        maxInside: drawn.maxInside,
        timeoutMs: drawn.timeoutMs,
        isBroken: (random) => random() < drawn.brokenShare,
      };
      const [course] = simulate(model, [new Elastic(6, max)], { count: 500, untilMs: 15_000, seed });
      expect(course!.maxInFlight).toBeLessThanOrEqual(max);
      const isAllowed = (limit: number): boolean => Number.isInteger(limit) && limit >= 1 && limit <= max;
      expect(course!.answers.find(({ limit }) => !isAllowed(limit))).toBeUndefined();
    }),
    { numRuns: 40 },
  );
});
