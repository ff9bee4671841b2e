import { describe, expect, test } from 'vitest';
import { Limits } from '../../src/scheduling/limits.ts';

describe('Limits over all origins', () => {
  test('are closed at their concurrency until a release', () => {
    const limits = new Limits({ concurrency: 2, perHost: { concurrency: 6 } });
    limits.start('a', 0);
    expect(limits.openAt()).toBeLessThanOrEqual(0);
    limits.start('b', 0);
    expect(limits.openAt()).toBe(Infinity);
    expect(limits.inFlight).toBe(2);
    limits.release('a', 5);
    expect(limits.openAt()).toBeLessThanOrEqual(5);
  });

  test('open one interval after a start', () => {
    const limits = new Limits({ concurrency: 50, rate: 10, perHost: { concurrency: 6 } });
    limits.start('a', 1000);
    expect(limits.openAt()).toBe(1100);
  });

  test('may be lowered below the number in flight, and raised again', () => {
    const limits = new Limits({ concurrency: 3, perHost: { concurrency: 6 } });
    for (let count = 0; count < 3; count++) limits.start('a', 0);
    limits.setConcurrency(2);
    limits.release('a', 1);
    expect(limits.openAt()).toBe(Infinity);
    limits.release('a', 2);
    expect(limits.openAt()).toBeLessThanOrEqual(2);
    limits.start('a', 2);
    limits.setConcurrency(3);
    expect(limits.concurrency).toBe(3);
    expect(limits.openAt()).toBeLessThanOrEqual(2);
  });
});

describe('Limits of an origin', () => {
  test('do not affect another origin', () => {
    const limits = new Limits({ concurrency: 50, perHost: { concurrency: 1, rate: 10 } });
    limits.start('a', 0);
    expect(limits.originOpenAt('a', 0, 1)).toBe(Infinity);
    expect(limits.originOpenAt('b', 0, 1)).toBe(-Infinity);
    limits.release('a', 10);
    expect(limits.originOpenAt('a', 0, 1)).toBe(100);
  });

  test('open after both the pause and the rate', () => {
    const limits = new Limits({ concurrency: 50, perHost: { concurrency: 6, rate: 1 } });
    limits.start('a', 0);
    limits.pause('a', 500);
    expect(limits.originOpenAt('a', 0, 1)).toBe(1000);
    limits.pause('a', 3000);
    expect(limits.originOpenAt('a', 0, 1)).toBe(3000);
  });

  test('are never shortened by a later pause', () => {
    const limits = new Limits({ concurrency: 50, perHost: { concurrency: 6 } });
    limits.pause('a', 3000);
    limits.pause('a', 2000);
    expect(limits.originOpenAt('a', 0, 1)).toBe(3000);
    expect(limits.pausedHosts(0)).toEqual([{ host: 'a', until: 3000 }]);
    expect(limits.pausedHosts(3000)).toEqual([]);
  });

  test('keep a rate above 50 per second across releases', () => {
    const limits = new Limits({ concurrency: 50, perHost: { concurrency: 6, rate: 1000 } });
    let starts = 0;
    for (let now = 0; now < 1000; now += 0.25) {
      if (limits.originOpenAt('a', 0, 1) > now) continue;
      limits.start('a', now);
      limits.release('a', now);
      starts += 1;
    }
    expect(starts).toBeLessThanOrEqual(1003);
    expect(starts).toBeGreaterThanOrEqual(999);
  });

  test('throw for a release without a start', () => {
    const limits = new Limits({ concurrency: 50, perHost: { concurrency: 6, rate: 1 } });
    expect(() => limits.release('a', 0)).toThrow('Cannot release a as nothing is in flight to it');
    limits.start('a', 0);
    limits.release('a', 1);
    expect(() => limits.release('a', 2)).toThrow(RangeError);
    expect(limits.inFlight).toBe(0);
  });
});

describe('Limits delete an origin', () => {
  test('at once when no rate or pause is running', () => {
    const limits = new Limits({ concurrency: 50, perHost: { concurrency: 6 } });
    for (let number = 0; number < 1000; number++) {
      limits.start(`host-${String(number)}`, number);
      expect(limits.originCount(number)).toBe(1);
      limits.release(`host-${String(number)}`, number);
      expect(limits.originCount(number)).toBe(0);
    }
  });

  test('at a later call, once its rate allows a start', () => {
    const limits = new Limits({ concurrency: 50, perHost: { concurrency: 6, rate: 10 } });
    for (let number = 0; number < 1000; number++) {
      limits.start(`host-${String(number)}`, number);
      limits.release(`host-${String(number)}`, number);
      expect(limits.originCount(number)).toBeLessThanOrEqual(100);
    }
    expect(limits.originCount(1098)).toBe(1);
    expect(limits.originCount(1099)).toBe(0);
  });

  test('once its pause is over, even if it was prolonged', () => {
    const limits = new Limits({ concurrency: 50, perHost: { concurrency: 6 } });
    limits.pause('a', 1000);
    limits.pause('a', 2000);
    expect(limits.originCount(1500)).toBe(1);
    expect(limits.originCount(2000)).toBe(0);
  });

  test('only when nothing is in flight to it', () => {
    const limits = new Limits({ concurrency: 50, perHost: { concurrency: 6 } });
    limits.pause('a', 1000);
    limits.start('a', 1000);
    expect(limits.originCount(5000)).toBe(1);
    limits.pause('a', 9000);
    limits.release('a', 6000);
    expect(limits.originCount(8999)).toBe(1);
    expect(limits.originCount(9000)).toBe(0);
  });
});

describe('Limits return the reason for a wait', () => {
  test('over all', () => {
    const limits = new Limits({ concurrency: 2, rate: 10, perHost: { concurrency: 6 } });
    expect(limits.waitReason(0)).toBeUndefined();
    limits.start('a', 1000);
    expect([limits.waitReason(1099), limits.waitReason(1100)]).toEqual(['rate', undefined]);
    limits.start('a', 1100);
    expect([limits.waitReason(1150), limits.waitReason(2000)]).toEqual(['concurrency', 'concurrency']);
  });

  test('on a host', () => {
    const limits = new Limits({ concurrency: 50, perHost: { concurrency: 2, rate: 10 } });
    expect(limits.originWaitReason('a', 0, 1)).toBeUndefined();
    limits.start('a', 1000);
    expect([limits.originWaitReason('a', 1099, 1), limits.originWaitReason('a', 1100, 1)]).toEqual([
      'hostRate',
      undefined,
    ]);
    limits.start('a', 1100);
    expect(limits.originWaitReason('a', 1300, 1)).toBe('hostConcurrency');
    limits.pause('a', 2000);
    expect([limits.originWaitReason('a', 1999, 1), limits.originWaitReason('a', 2000, 1)]).toEqual([
      'pause',
      'hostConcurrency',
    ]);
    expect(limits.originWaitReason('b', 1300, 1)).toBeUndefined();
  });
});
