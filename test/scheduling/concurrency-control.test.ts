import { beforeEach, describe, expect, test, vi } from 'vitest';
import { ConcurrencyControl } from '../../src/scheduling/concurrency-control.ts';
import { Limits } from '../../src/scheduling/limits.ts';

const most = 20;

/** A control over a limit of 20, with `inFlight` requests in flight. */
function controlled(inFlight: number): { control: ConcurrencyControl; limits: Limits } {
  const limits = new Limits({ concurrency: most, perHost: { concurrency: most } });
  const control = new ConcurrencyControl(limits);
  for (let at = 0; at < inFlight; at += 1) limits.start('host', at);
  return { control, limits };
}

function times(count: number, act: () => void): void {
  for (let at = 0; at < count; at += 1) act();
}

const warn = vi.spyOn(process, 'emitWarning');
beforeEach(() => void warn.mockReset().mockReturnValue());

describe('ConcurrencyControl', () => {
  test.each([
    [20, 19],
    [12, 11],
    [2, 1],
    [1, 1],
  ])('of %i in flight, one short: allows %i', (inFlight, allowed) => {
    const { control, limits } = controlled(inFlight);
    control.decrease('short');
    expect(limits.concurrency).toBe(allowed);
  });

  test('falls to what the machine can hold when many run short together, and never below 1', () => {
    const { control, limits } = controlled(20);
    for (let left = 20; left > 5; left -= 1) {
      control.decrease('short');
      limits.release('host', 0);
    }
    expect([limits.inFlight, limits.concurrency]).toEqual([5, 5]);
    times(100, () => control.decrease('short'));
    expect(limits.concurrency).toBe(1);
  });

  test('rises by one after as many successes as may be in flight, up to the maximum', () => {
    const { control, limits } = controlled(4);
    control.decrease('short');
    const steps: number[] = [];
    for (let well = 1; limits.concurrency < most; well += 1) {
      const before = limits.concurrency;
      control.succeeded();
      if (limits.concurrency > before) steps.push(well);
    }
    // After 3, then 4 more, then 5 more, ...
    expect(steps.slice(0, 4)).toEqual([3, 7, 12, 18]);
    times(1000, () => control.succeeded());
    expect(limits.concurrency).toBe(most);
  });

  test('counts from zero after each shortage', () => {
    const { control, limits } = controlled(4);
    control.decrease('short');
    times(2, () => control.succeeded());
    control.decrease('short');
    expect(limits.concurrency).toBe(2);
    control.succeeded();
    expect(limits.concurrency).toBe(2);
    control.succeeded();
    expect(limits.concurrency).toBe(3);
  });

  test('changes nothing while every request is sent', () => {
    const { control, limits } = controlled(20);
    times(100, () => control.succeeded());
    expect(limits.concurrency).toBe(most);
    expect(warn).not.toHaveBeenCalled();
  });

  test('warns only once', () => {
    const { control } = controlled(20);
    times(5, () => control.decrease('No descriptor'));
    times(500, () => control.succeeded());
    control.decrease('No port');
    expect(warn).toHaveBeenCalledExactlyOnceWith(
      expect.stringMatching(/^No descriptor: slowing down/),
      'FetchmanyWarning',
    );
  });
});
