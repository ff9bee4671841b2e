import { getEventListeners } from 'node:events';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { runWithin } from '../../src/async/timeout.ts';
import { gather, timeout, waitFor } from '../../src/index.ts';
import { heldJob } from '../helpers/held-job.ts';
import { ManualClock } from '../helpers/manual-clock.ts';

test('waitFor() resolves with the value of a job that is in time, and leaves no listener', async () => {
  const { signal } = new AbortController();
  expect(await waitFor(async () => 'value', 1000, { signal })).toBe('value');
  expect(await waitFor(() => 'at once', Infinity)).toBe('at once');
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('when the time is up, the signal aborts, and the promise rejects once the job has stopped', async () => {
  const clock = new ManualClock();
  const held = heldJob();
  const states: unknown[] = [];
  const wait = runWithin(held.job, 500, undefined, clock).catch((error: unknown) => states.push(error));
  clock.advance(499);
  expect(held.signal!.aborted).toBe(false);
  clock.advance(1);
  expect(held.signal!.aborted).toBe(true);
  await turn();
  expect(states).toEqual([]);
  held.reject(held.signal!.reason);
  await wait;
  expect(states).toEqual([expect.objectContaining({ name: 'TimeoutError', message: 'Not done within 500 ms' })]);
  expect(clock.timers).toBe(0);
});

test('a job that finishes although its time was up gives its value', async () => {
  const clock = new ManualClock();
  const held = heldJob();
  const wait = runWithin(held.job, 500, undefined, clock);
  clock.advance(500);
  held.fulfil('late');
  expect(await wait).toBe('late');
});

test('waitFor() rejects with the error of the job, or the reason of the signal', async () => {
  await expect(waitFor(() => Promise.reject(new Error('own')), 1000)).rejects.toThrow('own');
  const controller = new AbortController();
  const wait = waitFor((signal) => sleep(60_000, undefined, { signal }), 60_000, controller);
  controller.abort(new Error('enough'));
  await expect(wait).rejects.toThrow('enough');
});

test('timeout() limits each job of a list', async () => {
  const jobs = [10, 60_000].map((delayMs) =>
    timeout((signal) => sleep(delayMs, delayMs, { signal }), delayMs === 10 ? 60_000 : 20),
  );
  const [fast, slow] = await gather(jobs, { returnExceptions: true });
  expect(fast).toEqual({ status: 'fulfilled', value: 10 });
  expect(slow).toMatchObject({ status: 'rejected', reason: { name: 'TimeoutError' } });
});

test.for([0, -1, Number.NaN, 2 ** 31])('a time of %o ms is refused', async (timeoutMs) => {
  await expect(waitFor(() => 1, timeoutMs)).rejects.toThrow("'timeoutMs'");
  expect(() => timeout(() => 1, timeoutMs)).toThrow(RangeError);
});
