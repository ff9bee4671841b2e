import { getEventListeners } from 'node:events';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { expect, expectTypeOf, test } from 'vitest';
import { gather, type Job } from '../../src/index.ts';
import { heldJob, heldJobs } from '../helpers/held-job.ts';
import { watchedAsyncSource, watchedSource } from '../helpers/watched-source.ts';

const one = (): number => 1;
const two = async (): Promise<string> => 'two';

async function* stream(): AsyncGenerator<Job<string>> {}

test('gather() resolves with the values in input order, whatever finished first', async () => {
  const held = heldJobs(3);
  const gathered = gather(held.map(({ job }) => job));
  for (const index of [2, 0, 1]) {
    held[index]!.fulfil(`job ${index}`);
    await turn();
  }
  expect(await gathered).toEqual(['job 0', 'job 1', 'job 2']);
});

test('gather() of no jobs resolves with an empty array', async () => {
  expect(await gather([])).toEqual([]);
  expect(await gather(new Set<Job<number>>(), { returnExceptions: true })).toEqual([]);
});

test('gather() has no limit by default, and keeps to a given one', async () => {
  const held = heldJobs(200);
  const running = (): number => held.filter(({ starts }) => starts > 0).length;
  const all = gather(held.map(({ job }) => job));
  await turn();
  expect(running()).toBe(200);
  for (const { fulfil } of held) fulfil('done');
  await all;

  let most = 0;
  let now = 0;
  const job = async (): Promise<void> => {
    now += 1;
    most = Math.max(most, now);
    await sleep(1);
    now -= 1;
  };
  await gather(Array<Job<void>>(20).fill(job), { concurrency: 3 });
  expect(most).toBe(3);
});

test('gather() runs a job twice that is listed twice, and accepts any source', async () => {
  let runs = 0;
  const job = (): number => (runs += 1);
  expect(await gather([job, job])).toEqual([1, 2]);
  expect(await gather(watchedAsyncSource([job, job], turn))).toEqual([3, 4]);
});

test.for([new Error('first'), undefined, null, 0, '', false, NaN])(
  'gather() rejects with the first error (%s), after the others were cancelled and have settled',
  async (failure) => {
    const [slow, failing, waiting] = [heldJob(), heldJob(), heldJob()];
    const source = watchedSource([slow, failing, waiting].map(({ job }) => job));
    const gathered = gather(source, { concurrency: 2 });
    let isSettled = false;
    gathered.catch(() => (isSettled = true));
    await turn();
    failing.reject(failure);
    await turn();
    expect(slow.signal?.aborted).toBe(true);
    expect(waiting.starts).toBe(0);
    expect(source.closed).toBe(1);
    expect(isSettled).toBe(false);
    slow.reject(new Error('second'));
    expect(await Promise.allSettled([gathered])).toEqual([{ status: 'rejected', reason: failure }]);
  },
);

test('gather({ returnExceptions }) resolves with an outcome for each job, and cancels none', async () => {
  const slow = heldJob();
  const gathered = gather(
    [
      slow.job,
      (): never => {
        throw undefined;
      },
      () => Promise.reject(new Error('no')),
    ],
    { returnExceptions: true },
  );
  await turn();
  expect(slow.signal?.aborted).toBe(false);
  slow.fulfil('slow');
  expect(await gathered).toEqual([
    { status: 'fulfilled', value: 'slow' },
    { status: 'rejected', reason: undefined },
    { status: 'rejected', reason: new Error('no') },
  ]);
});

test.for([false, true] as const)(
  'gather({ signal, returnExceptions: %s }) aborted rejects with the reason once all have settled',
  async (returnExceptions) => {
    const [slow, quick] = [heldJob(), heldJob()];
    const controller = new AbortController();
    const { signal } = controller;
    const jobs = [slow.job, quick.job];
    const gathered = returnExceptions ? gather(jobs, { signal, returnExceptions }) : gather(jobs, { signal });
    let isSettled = false;
    gathered.catch(() => (isSettled = true));
    await turn();
    controller.abort('enough');
    expect([slow.signal?.reason, quick.signal?.reason]).toEqual(['enough', 'enough']);
    quick.reject('enough');
    await turn();
    expect(isSettled).toBe(false);
    slow.fulfil('all the same');
    await expect(gathered).rejects.toBe('enough');
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  },
);

test('gather({ signal }) with an aborted signal starts nothing', async () => {
  const held = heldJob();
  await expect(gather([held.job], { signal: AbortSignal.abort('over') })).rejects.toBe('over');
  expect(held.starts).toBe(0);
});

test('gather({ signal }) aborted at any moment either rejects or resolves with values', async () => {
  const error = new Error('no');
  const failing = (): never => {
    throw error;
  };
  for (let moment = 0; moment < 40; moment += 1) {
    const controller = new AbortController();
    const gathered = gather([() => 1, failing, () => 2, failing], { signal: controller.signal });
    for (let step = 0; step < moment; step += 1) await Promise.resolve();
    controller.abort('enough');
    const [outcome] = await Promise.allSettled([gathered]);
    expect(['enough', error]).toContain(outcome.status === 'rejected' ? outcome.reason : outcome.value);
  }
});

test('gather({ signal }) aborted after the end changes nothing', async () => {
  const controller = new AbortController();
  const gathered = gather([() => 1], { signal: controller.signal });
  await turn();
  controller.abort('late');
  expect(await gathered).toEqual([1]);
});

test('gather() rejects with the error of its source', async () => {
  const error = new Error('broken source');
  const source = watchedAsyncSource(
    (function* (): Generator<Job<number>> {
      yield () => 1;
      throw error;
    })(),
    turn,
  );
  await expect(gather(source)).rejects.toBe(error);
  expect(source.closed).toBe(0);
});

test('gather() rejects for wrong arguments and starts nothing', async () => {
  const held = heldJob();
  // @ts-expect-error a promise is already running
  await expect(gather([held.job, Promise.resolve(1)])).rejects.toThrow(
    "Cannot start 'jobs[1]' as a job must be a function, since a promise is already running",
  );
  // @ts-expect-error a job is not a list
  await expect(gather(held.job)).rejects.toThrow(TypeError);
  // @ts-expect-error a string is not a list
  await expect(gather('jobs')).rejects.toThrow(TypeError);
  await expect(gather([held.job], { concurrency: 0 })).rejects.toThrow(RangeError);
  expect(held.starts).toBe(0);
});

test('gather() keeps the type of each job', async () => {
  const tuple = gather([() => 1, async () => 'two', () => Promise.resolve(true)]);
  expectTypeOf(tuple).resolves.toEqualTypeOf<[number, string, boolean]>();
  const [, text] = await tuple;
  expectTypeOf(text).toBeString();

  const mapped = gather(['a', 'b'].map((letter) => async () => letter.length));
  expectTypeOf(mapped).resolves.toEqualTypeOf<number[]>();
  expectTypeOf(gather(new Set([one]))).resolves.toEqualTypeOf<number[]>();
  expectTypeOf(gather(new Set([one, two]))).resolves.toEqualTypeOf<(number | string)[]>();
  expectTypeOf(gather(stream())).resolves.toEqualTypeOf<string[]>();
  const signal = undefined as AbortSignal | undefined;
  expectTypeOf(gather([() => 1], { signal, concurrency: undefined })).resolves.toEqualTypeOf<[number]>();

  const outcomes = gather([() => 1, () => 'two'], { returnExceptions: true });
  expectTypeOf(outcomes).resolves.toEqualTypeOf<[PromiseSettledResult<number>, PromiseSettledResult<string>]>();
  const [first] = await outcomes;
  if (first.status === 'fulfilled') expectTypeOf(first.value).toBeNumber();
  expectTypeOf(gather(new Set([one]), { returnExceptions: true })).resolves.toEqualTypeOf<
    PromiseSettledResult<number>[]
  >();
  expectTypeOf(gatherAll([1], (value) => String(value))).resolves.toEqualTypeOf<string[]>();
  expect(await gatherAll([1, 2], (value) => String(value))).toEqual(['1', '2']);
});

/** A wrapper as a user would write it. */
function gatherAll<A, B>(values: readonly A[], work: (value: A) => B | Promise<B>): Promise<B[]> {
  const jobs: Job<B>[] = values.map((value) => () => work(value));
  return gather(new Set(jobs));
}
