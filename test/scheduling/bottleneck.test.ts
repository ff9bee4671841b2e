import { describe, expect, test } from 'vitest';
import type { FetcherLoad } from '../../src/index.ts';
import { Bottlenecks, bottlenecksOf, type RunSample } from '../../src/scheduling/bottleneck.ts';
import type { WaitReason } from '../../src/scheduling/load.ts';
import { noWaits } from '../helpers/no-waits.ts';

function sample(
  held: Partial<Record<WaitReason, number>>,
  { load, ...more }: { load?: Partial<FetcherLoad> } & Partial<Omit<RunSample, 'load'>> = {},
): RunSample {
  const waiting = Object.values(held).reduce((sum, count) => sum + count, 0);
  return {
    load: {
      inFlight: 6,
      concurrency: 50,
      maxConcurrency: load?.concurrency ?? 50,
      atOnce: [],
      waiting,
      waitingFor: { ...noWaits, ...held },
      backingOff: 0,
      unread: 0,
      held: [],
      paced: [],
      waitedFor: [],
      networkAskAt: undefined,
      paused: [],
      oldest: [],
      ...load,
    },
    concurrency: 50,
    isSequence: false,
    list: 'ended',
    busy: 0.1,
    cpu: 0.1,
    ...more,
  };
}

describe('bottlenecksOf()', () => {
  test.each<[name: string, sample: RunSample, bounds: ReturnType<typeof bottlenecksOf>]>([
    ['the limit over all', sample({ concurrency: 3 }), [['concurrency', 1]]],
    ['that limit, whatever waits for hosts besides', sample({ concurrency: 1, pause: 90 }), [['concurrency', 1]]],
    ['a shortage', sample({ concurrency: 3 }, { load: { concurrency: 20 } }), [['shortage', 1]]],
    ['a host that is held', sample({ hold: 3 }), [['hold', 1]]],
    [
      'a quota and a pace',
      sample({ quota: 3, pace: 1 }),
      [
        ['quota', 0.75],
        ['pace', 0.25],
      ],
    ],
    ['a rate', sample({ rate: 3, hostConcurrency: 2 }), [['rate', 1]]],
    ['a reader', sample({ reader: 3 }), [['reader', 1]]],
    ['an interval', sample({ interval: 1 }), [['interval', 1]]],
    [
      'hosts, in parts',
      sample({ hostConcurrency: 3, pause: 1 }),
      [
        ['pause', 0.25],
        ['hostConcurrency', 0.75],
      ],
    ],
    ['nothing, of what is about to start', sample({}, { load: { waiting: 3 } }), []],
    ['the last ones', sample({}), [['tail', 1]]],
    ['nothing, after the last one', sample({}, { load: { inFlight: 0 } }), []],
    ['a slow list', sample({}, { list: 'awaited' }), [['input', 1]]],
    [
      'a slow list, even with nothing in flight',
      sample({}, { list: 'awaited', load: { inFlight: 0 } }),
      [['input', 1]],
    ],
    [
      'the limit, if a slow list fills it',
      sample({}, { list: 'awaited', load: { inFlight: 50 } }),
      [['concurrency', 1]],
    ],
    ['back-off', sample({}, { load: { inFlight: 0, backingOff: 2 } }), [['backOff', 1]]],
    ['the last ones rather than back-off', sample({}, { load: { backingOff: 2 } }), [['tail', 1]]],
    ['unread rows', sample({}, { list: 'waiting', load: { unread: 50, inFlight: 0 } }), [['reader', 1]]],
    ['rows in order', sample({}, { list: 'waiting' }), [['order', 1]]],
    ['one at a time', sample({}, { list: 'waiting', isSequence: true }), [['sequence', 1]]],
    ['one at a time to the end', sample({}, { isSequence: true }), [['sequence', 1]]],
    ['backoff in a sequence', sample({}, { isSequence: true, load: { inFlight: 0, backingOff: 1 } }), [['backOff', 1]]],
    ['our CPU', sample({ concurrency: 3 }, { busy: 0.99, cpu: 1.1 }), [['cpu', 1]]],
    ['our CPU with nothing to tell otherwise', sample({}, { load: { waiting: 1 }, busy: 1, cpu: 1 }), [['cpu', 1]]],
    ['a slow disk', sample({ hostConcurrency: 3 }, { busy: 0.99, cpu: 0.2 }), [['blocked', 1]]],
    ['a rate however busy we are', sample({ rate: 3 }, { busy: 0.99, cpu: 1 }), [['rate', 1]]],
    ['a pause however busy we are', sample({ pause: 3 }, { busy: 0.99, cpu: 1 }), [['pause', 1]]],
  ])('returns %s', (_, moment, bounds) => {
    expect(bottlenecksOf(moment)).toEqual(bounds);
  });
});

describe('Bottlenecks', () => {
  test('weigh each sample by its time, the greatest share first', () => {
    const bounds = new Bottlenecks();
    bounds.add(sample({ rate: 1 }), 10);
    bounds.add(sample({ hostConcurrency: 1 }), 300);
    bounds.add(sample({ hostConcurrency: 1, pause: 1 }), 180);
    bounds.add(sample({}, { load: { waiting: 1 } }), 1000);
    bounds.add(sample({}), 10);
    expect(bounds.shares().map(({ bound, share }) => [bound, Math.round(share * 100)])).toEqual([
      ['hostConcurrency', 78],
      ['pause', 18],
      ['rate', 2],
      ['tail', 2],
    ]);
  });

  test('return nothing for a run that was too short', () => {
    const few = new Bottlenecks();
    for (let count = 0; count < 4; count += 1) few.add(sample({ rate: 1 }), 1000);
    expect(few.shares()).toEqual([]);
    const brief = new Bottlenecks();
    for (let count = 0; count < 9; count += 1) brief.add(sample({ rate: 1 }), 30);
    expect(brief.shares()).toEqual([]);
    brief.add(sample({ rate: 1 }), 30);
    expect(brief.shares()).toEqual([{ bound: 'rate', share: 1 }]);
  });

  test('return nothing for a run without a known bottleneck', () => {
    const bounds = new Bottlenecks();
    for (let count = 0; count < 9; count += 1) bounds.add(sample({}, { load: { inFlight: 0 } }), 100);
    expect(bounds.shares()).toEqual([]);
  });
});
