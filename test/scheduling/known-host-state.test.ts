import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeJson, encodeJson } from '../../src/distributed/tagged-json.ts';
import { HostMemory } from '../../src/scheduling/host-memory.ts';
import type { AttemptEnd, HostSettings, KnownHostState } from '../../src/scheduling/known-host.ts';

const origin = 'http://a.test';
const settings: HostSettings = { isPaced: true, hasRetryBudget: true, maxWaitMs: 60_000, hostPatienceMs: 30_000 };

/** A row of like attempts, one after the other, and the time that passes after each. */
interface Row {
  readonly attempt: Omit<AttemptEnd, 'now' | 'startedAt'>;
  readonly count: number;
  readonly tookMs: number;
  readonly thenMs: number;
  readonly spendsRetry: boolean;
}

const success = { status: 200, orderedMs: 0 };
const attempt: fc.Arbitrary<Row['attempt']> = fc
  .record({
    isFirst: fc.boolean(),
    isRetry: fc.boolean(),
    outcome: fc.oneof(
      { arbitrary: fc.constant(success), weight: 4 },
      fc.constantFrom(
        { status: 0, code: 'CONN_RESET' as const, orderedMs: 0 },
        { status: 0, code: 'CONNECT_REFUSED' as const, orderedMs: 0 },
        { status: 0, code: 'BODY_TIMEOUT' as const, orderedMs: 0 },
        { status: 500, orderedMs: 0 },
        { status: 502, orderedMs: 0 },
        { status: 503, orderedMs: 0 },
        { status: 503, orderedMs: 0 },
      ),
      fc.record({ status: fc.constantFrom(403, 429, 429, 503), orderedMs: fc.constantFrom(0, 0, 2000, 120_000) }),
      fc.record({
        status: fc.constantFrom(200, 403),
        orderedMs: fc.constant(0),
        quota: fc.record({ remaining: fc.nat(20), resetMs: fc.nat(100_000) }),
      }),
    ),
  })
  .map(({ outcome, ...known }) => ({ ...known, ...outcome }));

const row: fc.Arbitrary<Row> = fc.record({
  attempt,
  count: fc.constantFrom(1, 2, 3, 4, 10, 18),
  tookMs: fc.constantFrom(0, 10, 1000),
  thenMs: fc.constantFrom(0, 10, 100, 700, 5000),
  spendsRetry: fc.boolean(),
});

/** A host in the memory of one process, on the clock of that process. */
class Watched {
  readonly memory = new HostMemory(settings);
  now: number;

  constructor(now: number) {
    this.now = now;
  }

  /** Makes the attempts, and returns what anybody can see after each, with times from now on. */
  apply({ attempt: made, count, tookMs, thenMs, spendsRetry }: Row): unknown[] {
    return Array.from({ length: count }, () => {
      this.memory.started(origin, this.now);
      this.now += tookMs;
      const verdict = this.memory.observe(origin, { ...made, now: this.now, startedAt: this.now - tookMs }, false);
      const mayRetry = spendsRetry && this.memory.retryBudget(origin)?.spend();
      this.now += thenMs;
      return { verdict, mayRetry, ...this.view() };
    });
  }

  view(): object {
    const demands = [0, 1, 5].map((inFlight) => ({ now: this.now, waiting: 100, inFlight }));
    return {
      openIn: demands.map((demand) => this.memory.openAt(origin, demand) - this.now),
      rejects: this.memory.rejects(origin, this.now),
      held: this.memory.held().map((held) => ({ ...held, askAt: held.askAt - this.now })),
      paced: this.memory.paced(),
    };
  }

  save(): string {
    return encodeJson(this.memory.get(origin)?.save(this.now));
  }
}

test('a host that is known to one process goes on in another as if nothing had happened', () => {
  fc.assert(
    fc.property(
      fc.array(row, { minLength: 1, maxLength: 10 }),
      fc.array(row, { maxLength: 10 }),
      fc.nat(5000),
      (before, after, onTheWayMs) => {
        const first = new Watched(1000);
        for (const one of before) first.apply(one);
        const state = decodeJson(first.save()) as KnownHostState;
        const next = new Watched(70_000_000);
        next.memory.restore(origin, state, next.now - onTheWayMs);
        first.now += onTheWayMs;
        expectAlike(next.view(), first.view());
        for (const one of after) expectAlike(next.apply(one), first.apply(one));
      },
    ),
    { numRuns: 1000 },
  );
});

function expectAlike(one: unknown, other: unknown): void {
  if (!isAlike(one, other)) expect(one).toEqual(other);
}

/** Compares plain data. Fractions of 10 microseconds are those of different clocks. */
function isAlike(one: unknown, other: unknown): boolean {
  if (typeof one === 'number' && typeof other === 'number') return one === other || Math.abs(one - other) < 0.01;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return one === other;
  const [entries, others] = [Object.entries(one), Object.entries(other)];
  return (
    entries.length === others.length &&
    entries.every(([name, value], at) => name === others[at]![0] && isAlike(value, others[at]![1]))
  );
}

test('a run that is continued without a pace forgets the pace of a host', () => {
  const first = new HostMemory(settings);
  const refused = { isFirst: true, isRetry: false, status: 429, orderedMs: 50_000 };
  first.observe(origin, { ...refused, now: 1000, startedAt: 900 }, false);
  const next = new HostMemory({ ...settings, isPaced: false });
  next.restore(origin, first.get(origin)!.save(1000), 5000);
  expect(next.openAt(origin, { now: 5000, waiting: 1, inFlight: 0 })).toBeLessThanOrEqual(5000);
});
