import { describe, expect, test } from 'vitest';
import { FetchError } from '../../src/index.ts';
import { Call } from '../../src/call/call.ts';
import { parseRequest } from '../../src/http/request.ts';
import { backoffMs, defaultBackoff, waitToRetry } from '../../src/policies/wait-to-retry.ts';
import { Limits } from '../../src/scheduling/limits.ts';
import { RunQueue } from '../../src/scheduling/run-queue.ts';
import { Scheduler } from '../../src/scheduling/scheduler.ts';
import { ManualClock } from '../helpers/manual-clock.ts';
import { quiet } from '../helpers/process/quiet.ts';

describe('backoffMs()', () => {
  test.each([
    [0, 200],
    [1, 400],
    [2, 800],
    [6, 12_800],
    [7, 20_000],
    [8, 20_000],
    [5000, 20_000],
  ])('spreads the wait before retry %i over %i ms', (retry, widthMs) => {
    expect(backoffMs(retry, defaultBackoff, () => 0)).toBe(0);
    expect(backoffMs(retry, defaultBackoff, () => 0.5)).toBe(widthMs / 2);
    expect(backoffMs(retry, defaultBackoff, () => 1 - Number.EPSILON)).toBeLessThan(widthMs);
  });

  test.each([
    [{ delayMs: 0, maxDelayMs: 20_000 }, 5000, 0],
    [{ delayMs: 100, maxDelayMs: 50 }, 0, 50],
    [{ delayMs: 1000, maxDelayMs: 3000 }, 1, 2000],
    [{ delayMs: 1000, maxDelayMs: 3000 }, 2, 3000],
  ])('with %o spreads the wait before retry %i over %i ms', (ownBackoff, retry, widthMs) => {
    expect(backoffMs(retry, ownBackoff, () => 0.5)).toBe(widthMs / 2);
  });

  test('returns a different wait each time by default', () => {
    expect(new Set(Array.from({ length: 20 }, () => backoffMs(3, defaultBackoff))).size).toBeGreaterThan(15);
  });
});

/** A call that has started, in a queue of one slot. */
function startedCall(): { call: Call; queue: RunQueue; clock: ManualClock } {
  const clock = new ManualClock();
  const scheduler = new Scheduler(new Limits({ concurrency: 1, perHost: { concurrency: 1 } }), clock);
  const started: Call[] = [];
  const dispatch = (call: Call): void => void started.push(call);
  const reject = (call: Call): void => expect.fail(`${call.origin} is down`);
  const queue = new RunQueue(scheduler, { headers: [], intervalMs: 0, mayStart: () => true, dispatch, reject });
  const request = parseRequest('http://a.test/', []);
  if ('error' in request) throw request.error;
  queue.offer(request, request.origin, 0);
  queue.start();
  return { call: started[0]!, queue, clock };
}

describe('waitToRetry()', () => {
  test('waits without a slot, and then takes one again', async () => {
    const { call, queue, clock } = startedCall();
    let outcome: unknown = 'waiting';
    void waitToRetry(500, call).then((value) => (outcome = value));
    expect([call.holdsSlot, queue.active]).toEqual([false, 0]);
    await clock.pass(499);
    expect(outcome).toBe('waiting');
    await clock.pass(1);
    expect(outcome).toBeUndefined();
    expect([call.holdsSlot, queue.active, clock.timers]).toEqual([true, 1, 0]);
  });

  test('fails at once when the wait would pass the deadline', async () => {
    const { call, clock } = startedCall();
    call.deadlineAt = clock.now() + 500;
    await expect(waitToRetry(500, call)).resolves.toMatchObject({ kind: 'failure', error: { code: 'DEADLINE' } });
    expect(clock.timers).toBe(0);
  });

  test('ends with the outcome of an interruption or a cancellation, and clears its timer', async () => {
    const { call, clock } = startedCall();
    const waiting = waitToRetry(500, call);
    call.interrupt(new FetchError('TIMEOUT', 'late'));
    await expect(waiting).resolves.toMatchObject({ kind: 'failure', error: { code: 'TIMEOUT' } });
    const again = waitToRetry(500, call);
    call.cancel('enough');
    await expect(again).resolves.toEqual({ kind: 'cancelled' });
    await quiet();
    expect(clock.timers).toBe(0);
  });
});
