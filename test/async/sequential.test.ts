import { getEventListeners } from 'node:events';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { expect, expectTypeOf, test, vi } from 'vitest';
import { sequential, type Job } from '../../src/index.ts';
import { collect } from '../helpers/collect.ts';
import { heldJob, heldJobs } from '../helpers/held-job.ts';
import { watchedAsyncSource, watchedSource } from '../helpers/watched-source.ts';

const one = (): number => 1;

async function* stream(): AsyncGenerator<Job<string>> {}

test('sequential() runs one job at a time, in order, and yields their values', async () => {
  const log: string[] = [];
  const job =
    (name: string, delayMs: number): Job<string> =>
    async () => {
      log.push(`${name} starts`);
      await sleep(delayMs);
      log.push(`${name} ends`);
      return name;
    };
  expect(await collect(sequential([job('a', 5), job('b', 1)]))).toEqual(['a', 'b']);
  expect(log).toEqual(['a starts', 'a ends', 'b starts', 'b ends']);
});

test('sequential() accepts any source, and values of any kind', async () => {
  expect(await collect(sequential([]))).toEqual([]);
  expect(await collect(sequential(watchedAsyncSource([() => undefined, () => null, () => 0], turn)))).toEqual([
    undefined,
    null,
    0,
  ]);
});

test('sequential() reads and starts the next job when it is asked for', async () => {
  const held = heldJobs(3);
  const source = watchedSource(held.map(({ job }) => job));
  const values = sequential(source);
  await turn();
  expect(source.opened).toBe(0);
  held[0]!.fulfil('first');
  expect(await values.next()).toEqual({ done: false, value: 'first' });
  await turn();
  expect(source.pulled).toBe(1);
  const pending = [values.next(), values.next()];
  await turn();
  expect(held.map(({ starts }) => starts)).toEqual([1, 1, 0]);
  held[1]!.fulfil('second');
  held[2]!.fulfil('third');
  expect(await Promise.all(pending)).toMatchObject([{ value: 'second' }, { value: 'third' }]);
  expect(await values.next()).toEqual({ done: true, value: undefined });
});

test('sequential({ intervalMs }) spaces the starts, however long the jobs take', async () => {
  const starts: number[] = [];
  const job = async (signal: AbortSignal): Promise<void> => {
    starts.push(performance.now());
    await sleep(starts.length === 2 ? 60 : 0, undefined, { signal });
  };
  await collect(sequential([job, job, job, job], { intervalMs: 30 }));
  const gaps = starts.slice(1).map((start, index) => start - starts[index]!);
  for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(30);
  expect(gaps[1]).toBeGreaterThanOrEqual(59);
});

test('sequential({ intervalMs }) leaves no timer behind when it is left or aborted while it waits', async () => {
  vi.useFakeTimers();
  try {
    const controller = new AbortController();
    const left = sequential([one, one], { intervalMs: 60_000 });
    await left.next();
    const pending = left.next();
    expect(vi.getTimerCount()).toBe(1);
    await left.return!();
    expect(await pending).toEqual({ done: true, value: undefined });
    expect(vi.getTimerCount()).toBe(0);

    const aborted = sequential([one, one], { intervalMs: 60_000, signal: controller.signal });
    await aborted.next();
    const waiting = aborted.next();
    controller.abort('enough');
    await expect(waiting).rejects.toBe('enough');
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

test.for([new Error('no'), undefined, null, 0, '', false])(
  'sequential() ends with the first failure (%s)',
  async (reason) => {
    const failing = (): never => {
      throw reason;
    };
    for (const job of [failing, async () => failing()]) {
      const after = heldJob();
      const source = watchedSource<Job<unknown>>([() => 1, job, after.job]);
      const values = sequential(source);
      expect(await Promise.allSettled([values.next(), values.next(), values.next()])).toEqual([
        { status: 'fulfilled', value: { done: false, value: 1 } },
        { status: 'rejected', reason },
        { status: 'fulfilled', value: { done: true, value: undefined } },
      ]);
      expect([source.closed, after.starts]).toEqual([1, 0]);
      expect(await values.next()).toEqual({ done: true, value: undefined });
    }
  },
);

test('sequential() aborts the job and waits for it when the consumer leaves', async () => {
  const held = heldJobs(2);
  const source = watchedSource(held.map(({ job }) => job));
  const values = sequential(source);
  const next = values.next();
  let isLeft = false;
  const leaving = values.return!().then(() => (isLeft = true));
  await turn();
  expect(held[0]!.signal?.reason).toMatchObject({ name: 'AbortError' });
  expect(isLeft).toBe(false);
  held[0]!.reject(new Error('stopped'));
  await leaving;
  expect(await next).toEqual({ done: true, value: undefined });
  expect([source.closed, held[1]!.starts]).toEqual([1, 0]);
});

test('sequential() starts nothing more after break or an exception in the loop', async () => {
  const error = new Error('my own');
  for (const leave of ['break', 'throw']) {
    const source = watchedSource([() => 1, () => 2]);
    const loop = (async () => {
      for await (const _ of sequential(source)) {
        if (leave === 'break') break;
        throw error;
      }
    })();
    const [outcome] = await Promise.allSettled([loop]);
    expect(outcome.status).toBe(leave === 'break' ? 'fulfilled' : 'rejected');
    expect([source.pulled, source.closed]).toEqual([1, 1]);
  }
});

test('sequential({ signal }) aborted throws the reason once the job has settled', async () => {
  for (const end of ['fulfil', 'reject'] as const) {
    const held = heldJobs(2);
    const controller = new AbortController();
    const values = sequential(
      held.map(({ job }) => job),
      { signal: controller.signal },
    );
    const steps = Promise.allSettled([values.next(), values.next()]);
    controller.abort('enough');
    expect(held[0]!.signal?.reason).toBe('enough');
    held[0]![end]('value or error');
    const thrown = { status: 'rejected', reason: 'enough' };
    expect(await steps).toMatchObject(
      end === 'fulfil'
        ? [{ value: { done: false, value: 'value or error' } }, thrown]
        : [thrown, { value: { done: true } }],
    );
    expect(held[1]!.starts).toBe(0);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  }
});

test('sequential({ signal }) waits for a job that aborts the run itself', async () => {
  const controller = new AbortController();
  let hasEnded = false;
  const job = async (): Promise<void> => {
    controller.abort('by the job');
    await sleep(10);
    hasEnded = true;
    throw new Error('late');
  };
  await expect(collect(sequential([job], { signal: controller.signal }))).rejects.toBe('by the job');
  expect(hasEnded).toBe(true);
});

test('sequential({ signal }) with an aborted signal does not touch its source', async () => {
  const source = watchedSource([() => 1]);
  await expect(collect(sequential(source, { signal: AbortSignal.abort('over') }))).rejects.toBe('over');
  expect(source.opened).toBe(0);
});

test('sequential() throws the error of its source, and for an invalid job', async () => {
  const error = new Error('broken source');
  const source = watchedSource(
    (function* (): Generator<Job<number>> {
      yield () => 1;
      throw error;
    })(),
  );
  const values = sequential(source);
  expect(await values.next()).toEqual({ done: false, value: 1 });
  await expect(values.next()).rejects.toBe(error);
  expect(source.closed).toBe(0);
  const wrong = [() => 1, Promise.resolve(2)] as Job<number>[];
  await expect(collect(sequential(wrong))).rejects.toThrow("Cannot start 'jobs[1]' as a job must be a function");
});

test('sequential() throws at once for wrong arguments', () => {
  // @ts-expect-error a string is not a list
  expect(() => sequential('jobs')).toThrow(TypeError);
  // @ts-expect-error a string is not a number
  expect(() => sequential([], { intervalMs: '1s' })).toThrow(TypeError);
  for (const intervalMs of [-1, NaN, Infinity, 2 ** 31]) {
    expect(() => sequential([], { intervalMs })).toThrow(RangeError);
  }
});

test('sequential() has typed values', () => {
  expectTypeOf(sequential([() => 1, async () => 2])).toExtend<AsyncIterableIterator<number> & AsyncDisposable>();
  expectTypeOf(sequential([() => 1, async () => 'two'])).toExtend<AsyncIterable<number | string>>();
  expectTypeOf(sequential(stream())).toExtend<AsyncIterableIterator<string>>();
});
