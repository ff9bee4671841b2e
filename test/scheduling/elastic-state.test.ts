import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeJson, encodeJson } from '../../src/distributed/tagged-json.ts';
import { ElasticHosts } from '../../src/scheduling/elastic-hosts.ts';
import { Elastic, type ElasticState } from '../../src/scheduling/elastic.ts';
import { Limits } from '../../src/scheduling/limits.ts';
import { bestFixed, simulate, type BusyServer } from '../helpers/busy-server.ts';

const exponential =
  (meanMs: number) =>
  (random: () => number): number =>
    -meanMs * Math.log(1 - random());

/** Serves best with 32 in flight: 16 workers, 50 ms of work and 50 ms of network. */
const knee: BusyServer = { workers: () => 16, workMs: exponential(50) };

/** Sends a state as it travels. */
const sent = (state: ElasticState): ElasticState => decodeJson(encodeJson(state)) as ElasticState;

/** So many answers that are alike. */
interface Row {
  readonly count: number;
  readonly ms: number;
  readonly isBad: boolean;
}

/** Gives answers, one after the other, to what uses the limit to the full. Returns the time after them. */
function feed(elastic: Elastic, rows: readonly Row[], from: number): number {
  let now = from;
  for (const { count, ms, isBad } of rows) {
    for (let done = 0; done < count; done += 1) {
      now += Math.ceil(ms / elastic.limit);
      elastic.answer({ now, startedAt: now - ms, ms, isBad, inFlight: elastic.limit, waiting: 1 });
    }
  }
  return now;
}

const answers = fc.array(
  fc.record({
    count: fc.constantFrom(1, 5, 40, 300),
    ms: fc.constantFrom(1, 20, 100, 5000),
    isBad: fc.oneof({ arbitrary: fc.constant(false), weight: 4 }, fc.constant(true)),
  }),
  { maxLength: 12 },
);

test('a limit that was learned goes on in another process, below its own maximum, whatever came before', () => {
  fc.assert(
    fc.property(answers, answers, fc.integer({ min: 1, max: 300 }), fc.nat(5000), (before, after, most, onTheWayMs) => {
      const first = new Elastic(6, 200);
      const savedAt = feed(first, before, 1000);
      const state = sent(first.save(savedAt));
      const next = new Elastic(6, most);
      const now = 70_000_000;
      next.restore(state, now - onTheWayMs);
      expect(next.found).toBe(Math.min(first.found, most));
      expect(next.limit).toBeGreaterThanOrEqual(1);
      expect(next.limit).toBeLessThanOrEqual(Math.min(most, Math.max(first.found * 2, 2)));
      // What collapsed for one process is not tried by the next one.
      if (state.ceilingForMs > 0) expect(next.limit).toBeLessThanOrEqual(state.ceiling);
      // Handed on at once, it says the same.
      if (most >= 200) expect(next.save(now - onTheWayMs)).toEqual(state);
      feed(next, after, now);
      expect(next.limit).toBeGreaterThanOrEqual(1);
      expect(next.limit).toBeLessThanOrEqual(most);
    }),
    { numRuns: 500 },
  );
});

test('a limit that was learned serves the next process as well as the best fixed one, from its first request on', () => {
  const best = bestFixed(knee, 2000);
  for (const seed of [1, 2, 3]) {
    const first = new Elastic(6, 256);
    const [course] = simulate(knee, [first], { count: 12_000, seed });
    const state = sent(first.save(course!.endMs));
    const next = new Elastic(6, 256);
    next.restore(state, -3000);
    const share = (elastic: Elastic): number =>
      simulate(knee, [elastic], { count: 600, seed: seed + 10 })[0]!.perSecond() / best;
    expect(share(next)).toBeGreaterThan(0.85);
    expect(share(new Elastic(6, 256))).toBeLessThan(0.85);
  }
});

describe('the limits of hosts', () => {
  const origin = 'http://a.test';
  const state: ElasticState = {
    found: 40,
    isFinding: false,
    restForMs: 4000,
    restMs: 5000,
    restedAt: 40,
    ceiling: Infinity,
    ceilingForMs: 0,
    ceilingMs: 5000,
  };

  test('go on in another process, unless a minute has passed', () => {
    const hosts = new ElasticHosts(50);
    hosts.restore(origin, state, 10_000, 10_000 + 60_000);
    expect([hosts.limitOf(origin), hosts.save(origin, 70_000)]).toEqual([6, undefined]);
    hosts.restore(origin, state, 10_000, 10_000 + 59_999);
    expect([hosts.limitOf(origin), hosts.size]).toEqual([40, 1]);
    expect(hosts.save(origin, 10_000)).toEqual(state);
    expect(hosts.learned()).toEqual([{ host: origin, start: 6, limit: 40 }]);
  });

  test('are kept for 10,000 hosts at most, and bounded by the maximum here', () => {
    const hosts = new ElasticHosts(30);
    for (let host = 0; host < 10_001; host += 1) hosts.restore(`http://h${host}.test`, state, 0, 1);
    expect([hosts.size, hosts.limitOf('http://h0.test'), hosts.limitOf('http://h1.test')]).toEqual([10_000, 6, 30]);
  });

  test('travel with what a host has taught by refusals, and only where they are learned', () => {
    const learning = { concurrency: 100, perHost: { concurrency: 50, isElastic: true } };
    const first = new Limits(learning);
    expect(first.save(origin, 0)).toBeUndefined();
    first.restore(origin, { limit: state }, 0, 0);
    expect(first.save(origin, 0)).toEqual({ limit: state });
    const refused = { isFirst: true, isRetry: false, status: 429, orderedMs: 0 };
    first.hosts.observe(origin, { ...refused, now: 0, startedAt: 0 }, true);
    const saved = first.save(origin, 0)!;
    const next = new Limits(learning);
    next.restore(origin, saved, 90_000, 90_000);
    expect(next.save(origin, 90_000)).toEqual(saved);
    const fixed = new Limits({ concurrency: 100, perHost: { concurrency: 50 } });
    fixed.restore(origin, saved, 90_000, 90_000);
    expect(fixed.save(origin, 90_000)).toEqual({ known: saved.known });
  });
});
