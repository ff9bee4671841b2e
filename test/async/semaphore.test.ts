import { getEventListeners } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Semaphore } from '../../src/index.ts';
import { heldJobs } from '../helpers/held-job.ts';

test('Semaphore.run() runs as many jobs at once as it has permits, the longest wait first', async () => {
  const semaphore = new Semaphore(2);
  const jobs = heldJobs(4);
  const runs = jobs.map(({ job }) => semaphore.run(job));
  await turn();
  expect(jobs.map(({ starts }) => starts)).toEqual([1, 1, 0, 0]);
  expect(semaphore.available).toBe(0);
  jobs[1]!.reject(new Error('failed'));
  await expect(runs[1]).rejects.toThrow('failed');
  await turn();
  expect(jobs.map(({ starts }) => starts)).toEqual([1, 1, 1, 0]);
  for (const { fulfil } of jobs) fulfil('done');
  expect(await Promise.all([runs[0], runs[2], runs[3]])).toEqual(['done', 'done', 'done']);
  expect(semaphore.available).toBe(2);
});

test('a released place goes to the longest wait, and not to a new caller', async () => {
  const semaphore = new Semaphore(1);
  const first = await semaphore.acquire();
  const order: string[] = [];
  const waiting = semaphore.acquire().then((permit) => {
    order.push('waiting');
    permit.release();
  });
  first.release();
  const late = semaphore.acquire().then((permit) => {
    order.push('late');
    permit.release();
  });
  await Promise.all([waiting, late]);
  expect(order).toEqual(['waiting', 'late']);
});

test('a permit is released once, however often it is asked to', async () => {
  const semaphore = new Semaphore(1);
  const permit = await semaphore.acquire();
  permit.release();
  permit[Symbol.dispose]();
  expect(semaphore.available).toBe(1);
});

test('an abort ends the wait, takes no place, and leaves no listener', async () => {
  const semaphore = new Semaphore(1);
  const permit = await semaphore.acquire();
  const controller = new AbortController();
  const [held] = heldJobs(1);
  const waits = [semaphore.acquire(controller), semaphore.run(held!.job, controller)];
  controller.abort(new Error('enough'));
  for (const wait of waits) await expect(wait).rejects.toThrow('enough');
  await expect(semaphore.acquire(controller)).rejects.toThrow('enough');
  permit.release();
  expect([held!.starts, semaphore.available]).toEqual([0, 1]);
  expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
});

test.for([0, 1.5, Number.NaN, '2'])('new Semaphore(%o) is refused', (permits) => {
  expect(() => new Semaphore(permits as number)).toThrow("'permits' must be an integer >= 1");
});

test('Semaphore.run() refuses a promise', async () => {
  // @ts-expect-error -- a promise is no job
  await expect(new Semaphore(1).run(Promise.resolve())).rejects.toThrow(TypeError);
});
