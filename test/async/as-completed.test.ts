import { getEventListeners } from 'node:events';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { expect, expectTypeOf, test, vi } from 'vitest';
import { asCompleted, type Completion, type Job } from '../../src/index.ts';
import { collect } from '../helpers/collect.ts';
import { heldJob, heldJobs } from '../helpers/held-job.ts';
import { moduleCommand, runShell } from '../helpers/process/module.ts';
import { watchedAsyncSource, watchedSource } from '../helpers/watched-source.ts';

/** Tells whether a promise has settled by now. */
function watch(promise: PromiseLike<unknown>): { readonly isSettled: boolean } {
  const state = { isSettled: false };
  const settle = (): void => void (state.isSettled = true);
  promise.then(settle, settle);
  return state;
}

const fulfilled = (index: number, value: unknown): object => ({ status: 'fulfilled', value, index });

test('asCompleted() yields in the order of completion, each with its index', async () => {
  const held = heldJobs(3);
  const results = collect(asCompleted(held.map(({ job }) => job)));
  for (const index of [2, 0, 1]) {
    held[index]!.fulfil(`job ${index}`);
    await turn();
  }
  expect(await results).toEqual([fulfilled(2, 'job 2'), fulfilled(0, 'job 0'), fulfilled(1, 'job 1')]);
});

test('asCompleted() yields every failure, thrown, rejected or falsy, and continues', async () => {
  const error = new Error('no');
  const jobs: Job<number>[] = [
    () => {
      throw error;
    },
    () => Promise.reject(error),
    () => {
      throw undefined;
    },
    async () => {
      throw 0;
    },
    () => 5,
  ];
  const results = await collect(asCompleted(jobs));
  expect(results.sort((a, b) => a.index - b.index)).toEqual([
    { status: 'rejected', reason: error, index: 0 },
    { status: 'rejected', reason: error, index: 1 },
    { status: 'rejected', reason: undefined, index: 2 },
    { status: 'rejected', reason: 0, index: 3 },
    fulfilled(4, 5),
  ]);
});

test('asCompleted() accepts jobs from any source, and any thenable from a job', async () => {
  // oxlint-disable-next-line unicorn/no-thenable -- any thenable must do
  const thenable: PromiseLike<number> = { then: (resolve) => Promise.resolve(7).then(resolve) };
  async function* stream(): AsyncGenerator<Job<number>> {
    yield () => 1;
    await turn();
    yield () => thenable;
  }
  expect(await collect(asCompleted(stream()))).toEqual([fulfilled(0, 1), fulfilled(1, 7)]);
  expect(await collect(asCompleted(new Set([() => 1])))).toEqual([fulfilled(0, 1)]);
  expect(await collect(asCompleted([]))).toEqual([]);
});

test('asCompleted() accepts a source whose next() returns a bare thenable', async () => {
  const steps = [() => 1, () => 2, () => 3][Symbol.iterator]();
  const next = (): unknown => {
    const step = steps.next();
    // oxlint-disable-next-line unicorn/no-thenable -- any thenable must do
    return { then: (resolve: (value: typeof step) => void): void => queueMicrotask(() => resolve(step)) };
  };
  const source = { [Symbol.asyncIterator]: () => ({ next }) } as unknown as AsyncIterable<() => number>;
  expect(await collect(asCompleted(source))).toEqual([fulfilled(0, 1), fulfilled(1, 2), fulfilled(2, 3)]);
});

test('asCompleted() starts nothing before the first next()', async () => {
  const source = watchedSource([() => 1]);
  const results = asCompleted(source);
  await turn();
  expect(source.opened).toBe(0);
  expect(await collect(results)).toHaveLength(1);
  expect(source.opened).toBe(1);
});

test('asCompleted() reads a job only when it can start', async () => {
  const held = heldJobs(5);
  const source = watchedSource(held.map(({ job }) => job));
  const results = asCompleted(source, { concurrency: 2 });
  const pending = [results.next(), results.next(), results.next()];
  await turn();
  expect(source.pulled).toBe(2);
  held[1]!.fulfil('done');
  await turn();
  expect(source.pulled).toBe(3);
  expect(held.map(({ starts }) => starts)).toEqual([1, 1, 1, 0, 0]);
  for (const { fulfil } of held) fulfil('done');
  await Promise.all(pending);
  await results.return!();
});

test.for([
  [undefined, 50],
  [1, 1],
  [60, 60],
  [Infinity, 100],
] as const)('asCompleted({ concurrency: %s }) has %i of 100 running', async ([concurrency, expected]) => {
  const held = heldJobs(100);
  const jobs = held.map(({ job }) => job);
  const results = concurrency === undefined ? asCompleted(jobs) : asCompleted(jobs, { concurrency });
  const first = results.next();
  await turn();
  expect(held.filter(({ starts }) => starts === 1)).toHaveLength(expected);
  for (const { fulfil } of held) fulfil('done');
  await first;
  await results.return!();
});

test('asCompleted() starts nothing more while its consumer does not read', async () => {
  const held = heldJobs(10);
  const started = (): number => held.filter(({ starts }) => starts > 0).length;
  const results = asCompleted(
    held.map(({ job }) => job),
    { concurrency: 2 },
  );
  const first = results.next();
  for (const { fulfil } of held) fulfil('done');
  await first;
  for (let round = 0; round < 5; round += 1) await turn();
  // One result was read, two were not.
  expect(started()).toBe(3);
  await results.next();
  await turn();
  expect(started()).toBe(4);
  expect(await collect(results)).toHaveLength(8);
});

test('asCompleted() aborts what runs when the consumer leaves, waits for it, and closes the source once', async () => {
  const held = heldJobs(5);
  const source = watchedSource(held.map(({ job }) => job));
  held[0]!.fulfil('done');
  const left = (async () => {
    for await (const _ of asCompleted(source, { concurrency: 2 })) break;
  })();
  const state = watch(left);
  await turn();
  expect(held[1]!.signal?.reason).toMatchObject({ name: 'AbortError' });
  expect(state.isSettled).toBe(false);
  expect(source.closed).toBe(1);
  held[1]!.reject(new Error('stopped'));
  await left;
  expect(source.closed).toBe(1);
});

test('asCompleted() never starts a job it has just read when the consumer leaves', async () => {
  let startedAborted = 0;
  const job = (signal: AbortSignal): void => {
    if (signal.aborted) startedAborted += 1;
  };
  for (const concurrency of [1, 2, 3]) {
    for await (const _ of asCompleted(endless(job), { concurrency })) break;
  }
  await turn();
  expect(startedAborted).toBe(0);
});

test('asCompleted() passes on an error of the loop body once every job has settled', async () => {
  const error = new Error('my own');
  const slow = heldJob();
  const source = watchedSource([() => 'fast', slow.job]);
  const loop = (async () => {
    for await (const _ of asCompleted(source)) throw error;
  })();
  const state = watch(loop);
  await turn();
  expect(slow.signal?.aborted).toBe(true);
  expect(state.isSettled).toBe(false);
  slow.fulfil('late');
  await expect(loop).rejects.toBe(error);
});

test('asCompleted() does not wait for a source that waits when the consumer leaves', async () => {
  let asked = 0;
  const results = asCompleted({
    [Symbol.asyncIterator]: () => ({
      next: () => {
        asked += 1;
        return asked === 1 ? Promise.resolve({ done: false, value: () => 'only' }) : new Promise<never>(() => {});
      },
      return: () => new Promise<never>(() => {}),
    }),
  });
  for await (const { index } of results) {
    expect(index).toBe(0);
    break;
  }
  expect(asked).toBe(2);
  expect(await results.next()).toEqual({ done: true, value: undefined });
});

test('asCompleted() drops a job that its source yields after the consumer has left', async () => {
  const late = heldJob();
  const { promise, resolve } = Promise.withResolvers<void>();
  const source = watchedAsyncSource([late.job], () => promise);
  const results = asCompleted(source);
  const pending = results.next();
  await results.return!();
  expect(await pending).toEqual({ done: true, value: undefined });
  resolve();
  await turn();
  expect(source.pulled).toBe(1);
  expect(source.closed).toBe(1);
  expect(late.starts).toBe(0);
});

test('asCompleted() gives each of several readers its own result, in order', async () => {
  const held = heldJobs(3);
  const results = asCompleted(held.map(({ job }) => job));
  const steps = [results.next(), results.next(), results.next(), results.next(), results.next()];
  for (const index of [1, 2, 0]) {
    held[index]!.fulfil('done');
    await turn();
  }
  expect(await Promise.all(steps)).toEqual([
    { done: false, value: fulfilled(1, 'done') },
    { done: false, value: fulfilled(2, 'done') },
    { done: false, value: fulfilled(0, 'done') },
    { done: true, value: undefined },
    { done: true, value: undefined },
  ]);
});

test('asCompleted().return() during next() ends both, once the jobs have settled', async () => {
  const held = heldJob();
  const results = asCompleted([held.job]);
  const order: string[] = [];
  const next = results.next().then((step) => order.push(`next ${step.done}`));
  const leave = results.return!().then((step) => order.push(`return ${step.done}`));
  await turn();
  // Read, but the consumer left before it started.
  expect(held.starts).toBe(0);
  await Promise.all([next, leave]);
  expect(order).toEqual(['next true', 'return true']);
});

test('asCompleted().return() twice waits twice, and closes the source once', async () => {
  const held = heldJobs(2);
  const source = watchedSource(held.map(({ job }) => job));
  const results = asCompleted(source, { concurrency: 1 });
  const next = results.next();
  await turn();
  const leaving = [results.return!(), results.return!(), results[Symbol.asyncDispose]()];
  const states = leaving.map((promise) => watch(promise));
  await turn();
  expect(states.map(({ isSettled }) => isSettled)).toEqual([false, false, false]);
  held[0]!.fulfil('late');
  expect(await next).toEqual({ done: true, value: undefined });
  await Promise.all(leaving);
  expect(await results.return!()).toEqual({ done: true, value: undefined });
  expect(source.closed).toBe(1);
  expect(held[1]!.starts).toBe(0);
});

test('asCompleted().return() before the first next() starts nothing and does not touch the source', async () => {
  const source = watchedSource([() => 1]);
  const results = asCompleted(source);
  await results.return!();
  expect(await results.next()).toEqual({ done: true, value: undefined });
  expect([source.opened, source.closed]).toEqual([0, 0]);
});

test('asCompleted().next() after the end is done again', async () => {
  const source = watchedSource([() => 1]);
  const results = asCompleted(source);
  await collect(results);
  expect(await results.next()).toEqual({ done: true, value: undefined });
  expect(await results.return!()).toEqual({ done: true, value: undefined });
  expect(await results.next()).toEqual({ done: true, value: undefined });
  expect([source.opened, source.closed]).toEqual([1, 0]);
});

test('asCompleted({ signal }) aborted passes the reason to each job, yields each outcome, then throws the reason', async () => {
  const held = heldJobs(4);
  const source = watchedSource(held.map(({ job }) => job));
  const controller = new AbortController();
  const reason = new Error('enough');
  const seen: Completion<string>[] = [];
  const loop = (async () => {
    for await (const completion of asCompleted(source, { concurrency: 3, signal: controller.signal })) {
      seen.push(completion);
    }
  })();
  const state = watch(loop);
  await turn();
  controller.abort(reason);
  expect(held.map(({ signal }) => signal?.reason)).toEqual([reason, reason, reason, undefined]);
  expect(source.closed).toBe(1);
  held[2]!.reject(reason);
  held[0]!.fulfil('finished all the same');
  await turn();
  expect(state.isSettled).toBe(false);
  held[1]!.reject(new Error('while stopping'));
  await expect(loop).rejects.toBe(reason);
  expect(seen).toEqual([
    { status: 'rejected', reason, index: 2 },
    fulfilled(0, 'finished all the same'),
    { status: 'rejected', reason: new Error('while stopping'), index: 1 },
  ]);
  expect(held[3]!.starts).toBe(0);
});

test('asCompleted({ signal }) throws the reason once and then ends', async () => {
  const controller = new AbortController();
  const results = asCompleted([() => 'never started'], { signal: controller.signal });
  const pending = [results.next(), results.next(), results.next()];
  controller.abort();
  const outcomes = await Promise.allSettled(pending);
  expect(outcomes).toMatchObject([
    { value: { done: false, value: { status: 'rejected', reason: controller.signal.reason } } },
    { reason: { name: 'AbortError' } },
    { value: { done: true } },
  ]);
  expect(await results.next()).toEqual({ done: true, value: undefined });
});

test('asCompleted({ signal }) aborted already throws the reason and does not touch the source', async () => {
  const source = watchedSource([() => 1]);
  const results = asCompleted(source, { signal: AbortSignal.abort('over') });
  await expect(results.next()).rejects.toBe('over');
  expect(source.opened).toBe(0);
});

test('asCompleted({ signal }) aborted does not wait for a source that waits', async () => {
  const controller = new AbortController();
  const source = watchedAsyncSource([() => 1], () => new Promise<never>(() => {}));
  const pending = asCompleted(source, { signal: controller.signal }).next();
  controller.abort('over');
  await expect(pending).rejects.toBe('over');
  expect(source.closed).toBe(1);
});

test('asCompleted({ signal }) aborted after the end changes nothing', async () => {
  const controller = new AbortController();
  const results = asCompleted([() => 1, () => 2], { signal: controller.signal });
  await results.next();
  await turn();
  controller.abort('late');
  expect(await collect(results)).toHaveLength(1);
});

test('asCompleted() throws the error of its source once the jobs have been cancelled and have settled', async () => {
  const error = new Error('broken source');
  for (const isAsync of [false, true]) {
    const held = heldJob();
    const broken = (function* (): Generator<Job<string>> {
      yield held.job;
      yield () => 'fast';
      throw error;
    })();
    const source = isAsync ? watchedAsyncSource(broken, turn) : watchedSource(broken);
    const read = collect(asCompleted(source, { concurrency: 2 }));
    const state = watch(read);
    for (let round = 0; round < 5; round += 1) await turn();
    expect(held.signal?.reason).toBe(error);
    expect(state.isSettled).toBe(false);
    held.fulfil('late');
    await expect(read).rejects.toBe(error);
    // As with `for...of`: a source that has thrown is not closed.
    expect(source.closed).toBe(0);
  }
});

test('asCompleted() throws the error of opening its source', async () => {
  const error = new Error('cannot open');
  const source = {
    [Symbol.iterator]: (): Iterator<Job<number>> => {
      throw error;
    },
  };
  await expect(asCompleted(source).next()).rejects.toBe(error);
});

test('asCompleted() closes a source that aborts the run itself', async () => {
  for (const concurrency of [1, 5]) {
    const controller = new AbortController();
    const source = function* (): Generator<Job<number>> {
      try {
        yield () => 1;
        controller.abort('by the source');
        yield () => 2;
      } finally {
        closed += 1;
      }
    };
    let closed = 0;
    const results = asCompleted(source(), { concurrency, signal: controller.signal });
    await expect(collect(results)).rejects.toBe('by the source');
    expect(closed).toBe(1);
  }
});

test.for([
  () => {
    throw new Error('cannot close');
  },
  () => Promise.reject(new Error('cannot close')),
  () => new Promise<never>(() => {}),
  () => undefined as never,
])('asCompleted() is left also when closing its source goes wrong (%#)', async (close) => {
  const values = endless(() => 1);
  const iterator = { next: async () => values.next(), return: close };
  for await (const { index } of asCompleted({ [Symbol.asyncIterator]: () => iterator })) if (index === 3) break;
});

test('asCompleted() accepts an endless list of jobs', async () => {
  let count = 0;
  for await (const { index } of asCompleted(endless(() => 1))) {
    count += 1;
    if (index >= 1000) break;
  }
  expect(count).toBeGreaterThan(900);
});

test('asCompleted() names an invalid job once the jobs before it were cancelled and have settled', async () => {
  const held = heldJob();
  const promise = Promise.resolve(1);
  const wrong = [held.job, promise, () => 'never'] as Job<unknown>[];
  const read = collect(asCompleted(watchedAsyncSource(wrong, turn)));
  const state = watch(read);
  await vi.waitFor(() => expect(held.signal?.aborted).toBe(true));
  await sleep(10);
  expect(state.isSettled).toBe(false);
  held.fulfil('late');
  await expect(read).rejects.toThrow(
    new TypeError(
      "Cannot start 'jobs[1]' as a job must be a function, since a promise is already running: current value is [Promise]",
    ),
  );
});

test('asCompleted() starts no job of a list with a promise in it', async () => {
  let started = 0;
  const jobs = [() => (started += 1), Promise.resolve(1)] as Job<number>[];
  await expect(collect(asCompleted(jobs))).rejects.toThrow(TypeError);
  expect(started).toBe(0);
});

test('asCompleted() throws at once for wrong arguments', () => {
  // @ts-expect-error a string is not a list
  expect(() => asCompleted('jobs')).toThrow(TypeError);
  // @ts-expect-error a promise is not a list
  expect(() => asCompleted(Promise.resolve([]))).toThrow("Cannot run jobs as 'jobs' must be an iterable");
  // @ts-expect-error there is no list
  expect(() => asCompleted()).toThrow(TypeError);
  // @ts-expect-error a string is not a number
  expect(() => asCompleted([], { concurrency: '5' })).toThrow(TypeError);
  for (const concurrency of [0, -1, 1.5, NaN, -Infinity]) {
    expect(() => asCompleted([], { concurrency })).toThrow(RangeError);
  }
});

test('asCompleted() leaves no listener on a signal that was used 10,000 times', async () => {
  const warned = vi.fn();
  process.on('warning', warned);
  const { signal } = new AbortController();
  for (let run = 0; run < 9_998; run += 1) for await (const _ of asCompleted([() => 1], { signal }));
  for await (const _ of asCompleted(
    endless(() => 1),
    { signal },
  ))
    break;
  await collect(asCompleted([failing], { signal }));
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  // There is one listener even for a thousand at once.
  const together = Array.from({ length: 1000 }, () => collect(asCompleted([() => sleep(1)], { signal })));
  expect(getEventListeners(signal, 'abort').length).toBeLessThanOrEqual(1);
  await Promise.all(together);
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  await turn();
  process.off('warning', warned);
  expect(warned).not.toHaveBeenCalled();
});

test('asCompleted() runs a million jobs in flat memory', async () => {
  const { code, stdout, stderr } = await runShell(
    moduleCommand(`
      import { setFlagsFromString } from 'node:v8';
      import { runInNewContext } from 'node:vm';
      import { asCompleted } from '#src/async/as-completed.ts';
      setFlagsFromString('--expose-gc');
      const gc = runInNewContext('gc');
      function* jobs() {
        for (let n = 0; n < 1_000_000; n += 1) yield () => n;
      }
      let count = 0, sum = 0;
      for await (const { value } of asCompleted(jobs())) {
        count += 1;
        sum += value;
        if (count === 200_000 || count === 1_000_000) {
          gc();
          console.log(count, sum, process.memoryUsage().heapUsed);
        }
      }`),
  );
  expect(stderr).toBe('');
  expect(code).toBe(0);
  const [early, late] = stdout
    .trim()
    .split('\n')
    .map((line) => line.split(' ').map(Number));
  expect(late!.slice(0, 2)).toEqual([1_000_000, 499_999_500_000]);
  expect(late![2]! - early![2]!).toBeLessThan(1_000_000);
});

test('asCompleted() has typed results', () => {
  const results = asCompleted([() => 1, () => Promise.resolve(2)]);
  expectTypeOf(results).toExtend<AsyncIterableIterator<Completion<number>> & AsyncDisposable>();
  expectTypeOf(asCompleted([() => 1, async () => 'two'])).toExtend<AsyncIterable<Completion<number | string>>>();
  expectTypeOf(asCompleted([() => 1, async () => 'two'])).not.toExtend<AsyncIterable<Completion<number>>>();
  expectTypeOf(asCompleted(streamOfTexts())).toExtend<AsyncIterableIterator<Completion<string>>>();
  const completion = {} as Completion<number>;
  if (completion.status === 'fulfilled') expectTypeOf(completion.value).toBeNumber();
  else expectTypeOf(completion.reason).toBeAny();
  expectTypeOf(completion.index).toBeNumber();
  // @ts-expect-error a promise is already running
  asCompleted([Promise.resolve(1)]);
});

function failing(): never {
  throw undefined;
}

async function* streamOfTexts(): AsyncGenerator<Job<string>> {}

function* endless<T>(job: Job<T>): Generator<Job<T>> {
  for (;;) yield job;
}
