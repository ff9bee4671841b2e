import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FairQueue } from '../../src/scheduling/fair-queue.ts';
import { Limits, type LimitsOptions } from '../../src/scheduling/limits.ts';
import { AdmissionModel, type Step } from '../helpers/admission-model.ts';

interface Item {
  readonly host: string;
  readonly name: string;
}

const wide: LimitsOptions = { concurrency: 50, perHost: { concurrency: 6 } };

/** `a1 a2 b1`: the letter is the host. */
function itemsOf(names: string): Item[] {
  return names.split(' ').map((name) => ({ host: name.charAt(0), name }));
}

function admissionOf(names: string, limits = new Limits(wide)): { fairQueue: FairQueue<Item>; limits: Limits } {
  const fairQueue = new FairQueue<Item>(limits, ({ host }) => host);
  for (const item of itemsOf(names)) fairQueue.offer(item);
  return { fairQueue, limits };
}

/** The names of all that may start now. */
function startable(fairQueue: FairQueue<Item>, now = 0): string {
  const names: string[] = [];
  for (let item = fairQueue.next(now); item !== undefined; item = fairQueue.next(now)) names.push(item.name);
  return names.join(' ');
}

function release(fairQueue: FairQueue<Item>, limits: Limits, host: string, now = 0): void {
  limits.release(host, now);
  fairQueue.hostFreed(host);
}

describe('Admission', () => {
  test('serves the hosts in turn, each in the order of its offers', () => {
    const { fairQueue } = admissionOf('a1 a2 a3 b1 b2 c1');
    expect(fairQueue.waiting).toBe(6);
    expect(startable(fairQueue)).toBe('a1 b1 c1 a2 b2 a3');
    expect(fairQueue.waiting).toBe(0);
    expect(fairQueue.wakeAt).toBe(Infinity);
  });

  test('goes past a host at its limit', () => {
    const { fairQueue, limits } = admissionOf(
      'a1 a2 a3 b1',
      new Limits({ concurrency: 50, perHost: { concurrency: 2 } }),
    );
    expect(startable(fairQueue)).toBe('a1 b1 a2');
    expect(fairQueue.wakeAt).toBe(Infinity);
    release(fairQueue, limits, 'b');
    expect(startable(fairQueue)).toBe('');
    release(fairQueue, limits, 'a');
    expect(startable(fairQueue)).toBe('a3');
  });

  test('keeps the turns of the hosts through a stop over all', () => {
    const { fairQueue, limits } = admissionOf(
      'a1 a2 b1 b2 c1',
      new Limits({ concurrency: 1, perHost: { concurrency: 1 } }),
    );
    let served = startable(fairQueue);
    for (const host of 'abcab') {
      expect(fairQueue.wakeAt).toBe(Infinity);
      release(fairQueue, limits, host);
      served += ` ${startable(fairQueue)}`;
    }
    expect(served.trim()).toBe('a1 b1 c1 a2 b2');
  });

  test('takes a retry before the rest, after the retries before it', () => {
    const { fairQueue } = admissionOf('a1 a2 a3 a4');
    const [first, second] = [fairQueue.next(0) as Item, fairQueue.next(0) as Item];
    fairQueue.offerFirst(second);
    fairQueue.offerFirst(first);
    expect(startable(fairQueue)).toBe('a2 a1 a3 a4');
  });

  test('says when the rate of a host lets the next one start', () => {
    const { fairQueue } = admissionOf(
      'a1 a2 b1',
      new Limits({ concurrency: 50, perHost: { concurrency: 6, rate: 10 } }),
    );
    expect(startable(fairQueue, 1000)).toBe('a1 b1');
    expect(fairQueue.wakeAt).toBe(1100);
    expect(startable(fairQueue, 1099.9)).toBe('');
    expect(startable(fairQueue, 1100)).toBe('a2');
  });

  test('says when the rate over all lets the next one start', () => {
    const { fairQueue } = admissionOf('a1 a2 b1', new Limits({ ...wide, rate: 10 }));
    expect(startable(fairQueue, 1000)).toBe('a1');
    expect(fairQueue.wakeAt).toBe(1100);
    expect(startable(fairQueue, 1100)).toBe('b1');
    expect(fairQueue.wakeAt).toBe(1200);
  });

  test('says the later of the two when both the host and all have to wait', () => {
    const { fairQueue } = admissionOf('a1 a2', new Limits({ ...wide, rate: 10, perHost: { concurrency: 6, rate: 1 } }));
    expect(startable(fairQueue, 1000)).toBe('a1');
    expect(startable(fairQueue, 1100)).toBe('');
    expect(fairQueue.wakeAt).toBe(2000);
  });

  test('does not ask to be woken for a pause that ends while all have to wait', () => {
    const { fairQueue, limits } = admissionOf('a1 b1', new Limits({ ...wide, rate: 1 }));
    limits.pause('a', 500);
    expect(startable(fairQueue, 0)).toBe('b1');
    expect(fairQueue.wakeAt).toBe(1000);
  });

  test('leaves a paused host alone until its time, and nobody else', () => {
    const { fairQueue, limits } = admissionOf('a1 b1 a2 b2');
    limits.pause('a', 500);
    fairQueue.hostFreed('a');
    expect(startable(fairQueue, 0)).toBe('b1 b2');
    expect(fairQueue.wakeAt).toBe(500);
    limits.pause('a', 900);
    fairQueue.hostFreed('a');
    expect(startable(fairQueue, 500)).toBe('');
    expect(fairQueue.wakeAt).toBe(900);
    expect(startable(fairQueue, 900)).toBe('a1 a2');
  });

  test('shares the limits with the other runs', () => {
    const limits = new Limits({ concurrency: 50, perHost: { concurrency: 1 } });
    const { fairQueue: first } = admissionOf('a1 a2', limits);
    const { fairQueue: second } = admissionOf('a7', limits);
    expect(startable(first)).toBe('a1');
    expect(startable(second)).toBe('');
    limits.release('a', 0);
    for (const fairQueue of [first, second]) fairQueue.hostFreed('a');
    expect(startable(second)).toBe('a7');
    expect(startable(first)).toBe('');
  });

  test('passes over what was removed', () => {
    const { fairQueue } = admissionOf('b1 b2');
    const items = itemsOf('a1 a2 a3 c1');
    for (const item of items) fairQueue.offer(item);
    for (const index of [1, 3]) fairQueue.remove(items[index] as Item);
    expect(fairQueue.waiting).toBe(4);
    expect(startable(fairQueue)).toBe('b1 a1 b2 a3');
    expect(fairQueue.waiting).toBe(0);
  });

  test('goes on with a host at its limit after the last that waited for it was removed', () => {
    const { fairQueue, limits } = admissionOf('a1', new Limits({ concurrency: 50, perHost: { concurrency: 1 } }));
    const [second, third] = itemsOf('a2 a3') as [Item, Item];
    fairQueue.offer(second);
    expect(startable(fairQueue)).toBe('a1');
    fairQueue.remove(second);
    fairQueue.offer(third);
    release(fairQueue, limits, 'a');
    expect(startable(fairQueue)).toBe('a3');
  });

  test('gives back all that waits, and goes on empty', () => {
    const { fairQueue, limits } = admissionOf(
      'a1 b1 a2 c1',
      new Limits({ concurrency: 50, perHost: { concurrency: 1 } }),
    );
    limits.pause('b', 100);
    expect(startable(fairQueue)).toBe('a1 c1');
    const removed = itemsOf('a3')[0] as Item;
    fairQueue.offer(removed);
    fairQueue.remove(removed);
    expect(fairQueue.clear().map(({ name }) => name)).toEqual(['a2', 'b1']);
    expect(fairQueue.waiting).toBe(0);
    expect(fairQueue.clear()).toEqual([]);
    fairQueue.hostFreed('a');
    expect(startable(fairQueue, 200)).toBe('');
    expect(fairQueue.wakeAt).toBe(Infinity);
    for (const item of itemsOf('b2 b3')) fairQueue.offer(item);
    expect(startable(fairQueue, 200)).toBe('b2');
  });

  test('gives back 300,000 that wait for one host', () => {
    const fairQueue = new FairQueue<Item>(new Limits(wide), ({ host }) => host);
    for (let number = 0; number < 300_000; number++) fairQueue.offer({ host: 'a', name: String(number) });
    expect(fairQueue.clear()).toHaveLength(300_000);
  });
});

/** Starts as fast as it may, asking again `lateMs` after the time it was told; stopped for a while before start 50. */
function startsOf(limits: Limits, lateMs: () => number, stoppedMs: number): number[] {
  const fairQueue = new FairQueue<Item>(limits, ({ host }) => host);
  for (let number = 0; number < 100; number++) fairQueue.offer({ host: 'a', name: String(number) });
  const starts: number[] = [];
  let now = 3.7;
  while (fairQueue.waiting > 0) {
    const item = fairQueue.next(now);
    if (item === undefined) {
      now = fairQueue.wakeAt + lateMs();
      if (starts.length === 50 && stoppedMs > 0) [now, stoppedMs] = [now + stoppedMs, 0];
    } else {
      starts.push(now);
      release(fairQueue, limits, item.host, now);
    }
  }
  return starts;
}

function mostInAnySecond(starts: readonly number[]): number {
  return Math.max(...starts.map((from) => starts.filter((at) => at >= from && at < from + 1000 - 1e-6).length));
}

describe('a rate of 10 per second over 100 starts (E13)', () => {
  const lateness = fc.array(fc.double({ min: 0, max: 1.5, noNaN: true }), { minLength: 1, maxLength: 20 });

  test.each([
    ['over all', { ...wide, rate: 10 }],
    ['of the host', { ...wide, perHost: { concurrency: 6, rate: 10 } }],
  ])('%s: 10 in any second, 9.9-10.5 s in all', (_, options) => {
    fc.assert(
      fc.property(lateness, (lateMs) => {
        let turn = 0;
        const starts = startsOf(new Limits(options), () => lateMs[turn++ % lateMs.length] as number, 0);
        expect(mostInAnySecond(starts)).toBeLessThanOrEqual(10);
        const totalMs = (starts.at(-1) as number) - (starts[0] as number);
        expect(totalMs).toBeGreaterThanOrEqual(9899.999);
        expect(totalMs).toBeLessThan(10_500);
      }),
    );
  });

  test('does not catch up after a stop of 5 s', () => {
    const starts = startsOf(new Limits({ ...wide, rate: 10 }), () => 0.7, 5000);
    expect(mostInAnySecond(starts)).toBeLessThanOrEqual(10);
    expect((starts.at(-1) as number) - (starts[0] as number)).toBeGreaterThan(14_899);
  });
});

describe('Admission, whatever happens in whatever order,', () => {
  const index = fc.nat({ max: 1000 });
  const run = fc.nat({ max: 1 });
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 8, arbitrary: fc.record({ kind: fc.constant('offer'), run, host: fc.nat({ max: 3 }) }) },
    { weight: 10, arbitrary: fc.record({ kind: fc.constant('next'), run }) },
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('release'), index, retry: fc.boolean() }) },
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('advance'), ms: fc.integer({ min: 1, max: 150 }) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('wake'), run }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('pause'), host: fc.nat({ max: 3 }), ms: fc.nat({ max: 500 }) }),
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

  test('keeps to the limits and the order, refuses nothing it could start, and leaves nothing behind', () => {
    fc.assert(
      fc.property(options, fc.array(step, { maxLength: 150, size: 'max' }), (limits, steps) => {
        const model = new AdmissionModel(limits, 2);
        for (const one of steps) model.take(one);
        model.finish();
      }),
      { numRuns: 1000 },
    );
  });
});
