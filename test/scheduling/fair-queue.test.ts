import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FairQueue } from '../../src/scheduling/fair-queue.ts';
import { Limits, type LimitsOptions } from '../../src/scheduling/limits.ts';
import { Waiting } from '../../src/scheduling/waiting.ts';
import { FairQueueModel, type Step } from '../helpers/fair-queue-model.ts';

const wide: LimitsOptions = { concurrency: 50, perHost: { concurrency: 6 } };

/** A fair queue whose tickets have names: `a1` is the first one of the origin `a`. */
class NamedFairQueue {
  readonly limits: Limits;
  readonly waiting = new Waiting();
  readonly queue: FairQueue;
  readonly #tickets = new Map<string, number>();

  constructor(names = '', limits = new Limits(wide)) {
    this.limits = limits;
    this.queue = new FairQueue(limits, this.waiting);
    if (names !== '') this.offer(names);
  }

  add(name: string): number {
    const ticket = this.waiting.add(name, name.charAt(0), 0, 0);
    this.#tickets.set(name, ticket);
    return ticket;
  }

  offer(names: string): void {
    for (const name of names.split(' ')) this.queue.offer(this.add(name));
  }

  remove(names: string): void {
    for (const name of names.split(' ')) this.queue.remove(this.#tickets.get(name)!);
  }

  /** Starts one request and returns its name. */
  next(now = 0): string | undefined {
    const ticket = this.queue.next(now);
    return ticket === undefined ? undefined : (this.waiting.take(ticket).item as string);
  }

  /** Starts every request that may start, and returns the names. */
  startAll(now = 0): string {
    const names: string[] = [];
    for (let name = this.next(now); name !== undefined; name = this.next(now)) names.push(name);
    return names.join(' ');
  }

  clear(): string[] {
    return this.queue.clear().map((ticket) => this.waiting.take(ticket).item as string);
  }

  release(origin: string, now = 0): void {
    this.limits.release(origin, now);
    this.queue.originFreed(origin, now);
  }
}

const onePerOrigin = (): Limits => new Limits({ concurrency: 50, perHost: { concurrency: 1 } });

describe('FairQueue', () => {
  test('serves the longest origin first, equal ones in turn, each in the order of its offers', () => {
    const named = new NamedFairQueue('a1 a2 a3 b1 b2 c1');
    expect(named.queue.waiting).toBe(6);
    expect(named.startAll()).toBe('a1 b1 a2 c1 b2 a3');
    expect(named.queue.waiting).toBe(0);
    expect(named.queue.wakeAt).toBe(Infinity);
  });

  test('passes over an origin at its limit', () => {
    const named = new NamedFairQueue('a1 a2 a3 b1', new Limits({ concurrency: 50, perHost: { concurrency: 2 } }));
    expect(named.startAll()).toBe('a1 a2 b1');
    expect(named.queue.wakeAt).toBe(Infinity);
    named.release('b');
    expect(named.startAll()).toBe('');
    named.release('a');
    expect(named.startAll()).toBe('a3');
  });

  test('keeps the turns of the origins while the limit over all of them is reached', () => {
    const named = new NamedFairQueue('a1 a2 b1 b2 c1', new Limits({ concurrency: 1, perHost: { concurrency: 1 } }));
    let served = named.startAll();
    for (const origin of 'abcab') {
      expect(named.queue.wakeAt).toBe(Infinity);
      named.release(origin);
      served += ` ${named.startAll()}`;
    }
    expect(served.trim()).toBe('a1 b1 c1 a2 b2');
  });

  test('starts a retry before the rest and after earlier retries', () => {
    const named = new NamedFairQueue('a1 a2 a3 a4');
    const [first, second] = [named.next()!, named.next()!];
    named.queue.offerFirst(named.add(second));
    named.queue.offerFirst(named.add(first));
    expect(named.startAll()).toBe('a2 a1 a3 a4');
  });

  test('returns the time at which the rate of an origin allows a start', () => {
    const named = new NamedFairQueue(
      'a1 a2 b1',
      new Limits({ concurrency: 50, perHost: { concurrency: 6, rate: 10 } }),
    );
    expect(named.startAll(1000)).toBe('a1 b1');
    expect(named.queue.wakeAt).toBe(1100);
    expect(named.startAll(1099.9)).toBe('');
    expect(named.startAll(1100)).toBe('a2');
  });

  test('returns the time at which the rate over all origins allows a start', () => {
    const named = new NamedFairQueue('a1 a2 b1', new Limits({ ...wide, rate: 10 }));
    expect(named.startAll(1000)).toBe('a1');
    expect(named.queue.wakeAt).toBe(1100);
    expect(named.startAll(1100)).toBe('b1');
    expect(named.queue.wakeAt).toBe(1200);
  });

  test('returns the later time when both the origin and the rate over all have to wait', () => {
    const named = new NamedFairQueue('a1 a2', new Limits({ ...wide, rate: 10, perHost: { concurrency: 6, rate: 1 } }));
    expect(named.startAll(1000)).toBe('a1');
    expect(named.startAll(1100)).toBe('');
    expect(named.queue.wakeAt).toBe(2000);
  });

  test('does not ask to be woken for a pause that ends before the rate over all allows a start', () => {
    const named = new NamedFairQueue('a1 b1', new Limits({ ...wide, rate: 1 }));
    named.limits.pause('a', 500);
    expect(named.startAll()).toBe('b1');
    expect(named.queue.wakeAt).toBe(1000);
  });

  test('holds back a paused origin until its time, and no other', () => {
    const named = new NamedFairQueue('a1 b1 a2 b2');
    named.limits.pause('a', 500);
    named.queue.originFreed('a', 0);
    expect(named.startAll()).toBe('b1 b2');
    expect(named.queue.wakeAt).toBe(500);
    named.limits.pause('a', 900);
    named.queue.originFreed('a', 500);
    expect(named.startAll(500)).toBe('');
    expect(named.queue.wakeAt).toBe(900);
    expect(named.startAll(900)).toBe('a1 a2');
  });

  test('wakes an origin early whose hold an answer has ended, and not a second time at the time of the hold', () => {
    const named = new NamedFairQueue('a1 a2 a3 a4', onePerOrigin());
    const { hosts } = named.limits;
    const end = { startedAt: 0, isFirst: true, isRetry: false, status: 0, orderedMs: 0 };
    for (let now = 0; now < 5; now += 1) hosts.observe('a', { ...end, now, startedAt: now, code: 'CONN_RESET' }, true);
    expect(named.startAll(10)).toBe('');
    expect(named.queue.wakeAt).toBe(1004);
    named.queue.originFreed('a', 20);
    expect(named.startAll(20)).toBe('');
    hosts.get('a')!.hold.answered(30);
    named.queue.originFreed('a', 30);
    expect(named.startAll(30)).toBe('a1');
    named.limits.pause('a', 5000);
    named.release('a', 40);
    expect(named.startAll(40)).toBe('');
    expect(named.startAll(1004)).toBe('');
    expect(named.queue.wakeAt).toBe(5000);
    expect(named.startAll(5000)).toBe('a2');
  });

  test('shares the limits with other runs', () => {
    const limits = onePerOrigin();
    const first = new NamedFairQueue('a1 a2', limits);
    const second = new NamedFairQueue('a7', limits);
    expect(first.startAll()).toBe('a1');
    expect(second.startAll()).toBe('');
    limits.release('a', 0);
    for (const { queue } of [first, second]) queue.originFreed('a', 0);
    expect(second.startAll()).toBe('a7');
    expect(first.startAll()).toBe('');
  });

  test('passes over removed tickets', () => {
    const named = new NamedFairQueue('b1 b2');
    named.offer('a1 a2 a3 c1');
    named.remove('a2 c1');
    expect(named.queue.waiting).toBe(4);
    expect(named.startAll()).toBe('b1 a1 b2 a3');
    expect(named.queue.waiting).toBe(0);
  });

  test('continues with an origin at its limit after the last ticket that waited for it was removed', () => {
    const named = new NamedFairQueue('a1', onePerOrigin());
    named.offer('a2');
    expect(named.startAll()).toBe('a1');
    named.remove('a2');
    named.offer('a3');
    named.release('a');
    expect(named.startAll()).toBe('a3');
  });

  test('frees the tickets that were removed from an origin before it ran empty', () => {
    const named = new NamedFairQueue('a1 a2 a3');
    named.remove('a3');
    expect(named.startAll()).toBe('a1 a2');
    expect(named.startAll()).toBe('');
    expect(Array.from('bcd', (name) => named.add(name)).toSorted((a, b) => a - b)).toEqual([0, 1, 2]);
  });

  test('clear() returns every ticket that waits and leaves the queue empty', () => {
    const named = new NamedFairQueue('a1 b1 a2 c1', onePerOrigin());
    named.limits.pause('b', 100);
    expect(named.startAll()).toBe('a1 c1');
    named.offer('a3');
    named.remove('a3');
    expect(named.clear()).toEqual(['a2', 'b1']);
    expect(named.queue.waiting).toBe(0);
    expect(named.clear()).toEqual([]);
    named.queue.originFreed('a', 0);
    expect(named.startAll(200)).toBe('');
    expect(named.queue.wakeAt).toBe(Infinity);
    named.offer('b2 b3');
    expect(named.startAll(200)).toBe('b2');
  });

  test('clear() returns 300,000 tickets of one origin', () => {
    const named = new NamedFairQueue();
    for (let number = 0; number < 300_000; number++) named.queue.offer(named.waiting.add('x', 'a', number, 0));
    expect(named.queue.clear()).toHaveLength(300_000);
  });
});

/**
 * Starts 100 requests as fast as allowed, asking again `lateMs` after `wakeAt`; stopped for a while before the 50th
 * start.
 */
function startsOf(limits: Limits, lateMs: () => number, stoppedMs: number): number[] {
  const named = new NamedFairQueue('', limits);
  for (let number = 0; number < 100; number++) named.offer(`a${number}`);
  const starts: number[] = [];
  let now = 3.7;
  while (named.queue.waiting > 0) {
    if (named.next(now) === undefined) {
      now = named.queue.wakeAt + lateMs();
      if (starts.length === 50 && stoppedMs > 0) [now, stoppedMs] = [now + stoppedMs, 0];
    } else {
      starts.push(now);
      named.release('a', now);
    }
  }
  return starts;
}

function maxInAnySecond(starts: readonly number[]): number {
  return Math.max(...starts.map((from) => starts.filter((at) => at >= from && at < from + 1000 - 1e-6).length));
}

describe('a rate of 10 per second over 100 starts (E13)', () => {
  const lateness = fc.array(fc.double({ min: 0, max: 1.5, noNaN: true }), { minLength: 1, maxLength: 20 });

  test.each([
    ['over all origins', { ...wide, rate: 10 }],
    ['of one origin', { ...wide, perHost: { concurrency: 6, rate: 10 } }],
  ])('%s: at most 10 in any second, 9.9 to 10.5 s in total', (_, options) => {
    fc.assert(
      fc.property(lateness, (lateMs) => {
        let at = 0;
        const starts = startsOf(new Limits(options), () => lateMs[at++ % lateMs.length] as number, 0);
        expect(maxInAnySecond(starts)).toBeLessThanOrEqual(10);
        const totalMs = (starts.at(-1) as number) - (starts[0] as number);
        expect(totalMs).toBeGreaterThanOrEqual(9899.999);
        expect(totalMs).toBeLessThan(10_500);
      }),
    );
  });

  test('does not catch up after a stop of 5 s', () => {
    const starts = startsOf(new Limits({ ...wide, rate: 10 }), () => 0.7, 5000);
    expect(maxInAnySecond(starts)).toBeLessThanOrEqual(10);
    expect((starts.at(-1) as number) - (starts[0] as number)).toBeGreaterThan(14_899);
  });
});

describe('FairQueue, for any steps in any order,', () => {
  const index = fc.nat({ max: 1000 });
  const run = fc.nat({ max: 1 });
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 8, arbitrary: fc.record({ kind: fc.constant('offer'), run, origin: fc.nat({ max: 3 }) }) },
    { weight: 10, arbitrary: fc.record({ kind: fc.constant('next'), run }) },
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('release'), index, retry: fc.boolean() }) },
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('advance'), ms: fc.integer({ min: 1, max: 150 }) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('wake'), run }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('pause'), origin: fc.nat({ max: 3 }), ms: fc.nat({ max: 500 }) }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove'), run, index }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('concurrency'), concurrency: fc.integer({ min: 1, max: 8 }) }),
    },
  );
  const rate = fc.constantFrom(undefined, 40, 10, 4);
  const options = fc.record({
    concurrency: fc.integer({ min: 1, max: 8 }),
    rate,
    perHost: fc.record({ concurrency: fc.integer({ min: 1, max: 3 }), rate }),
  });

  test('keeps to the limits and the order, starts whatever may start, and leaves nothing behind', () => {
    fc.assert(
      fc.property(options, fc.array(step, { maxLength: 150, size: 'max' }), (limits, steps) => {
        const model = new FairQueueModel(limits, 2);
        for (const one of steps) model.step(one);
        model.finish();
      }),
      { numRuns: 1000 },
    );
  });
});
