import { setTimeout as sleep } from 'node:timers/promises';
import { expect, expectTypeOf, test } from 'vitest';
import { chain, createTask } from '../../src/index.ts';

test('chain() runs jobs one after the other and resolves with all results', async () => {
  const events: string[] = [];
  const job = (name: string, delayMs: number) => async () => {
    events.push(`start ${name}`);
    await sleep(delayMs);
    events.push(`end ${name}`);
    return name;
  };
  expect(await chain(job('a', 10), job('b', 1))).toEqual(['a', 'b']);
  expect(events).toEqual(['start a', 'end a', 'start b', 'end b']);
});

test('chain() nests when wrapped in a function', async () => {
  const inner = (): Promise<[number, number]> =>
    chain(
      () => 2.1,
      async () => 2.2,
    );
  expect(
    await chain(
      () => 1,
      inner,
      () => sleep(1, 3),
    ),
  ).toEqual([1, [2.1, 2.2], 3]);
});

test('chain() of no jobs resolves with an empty array', async () => {
  expect(await chain()).toEqual([]);
  expect(await chain({})).toEqual([]);
});

test.for([new Error('no'), undefined, 0])('chain() ends with the first failure, even %o', async (failure) => {
  let started = false;
  const fail = (): never => {
    throw failure;
  };
  const outcome = await Promise.allSettled([
    chain(
      () => 1,
      fail,
      () => (started = true),
    ),
  ]);
  expect(outcome).toEqual([{ status: 'rejected', reason: failure }]);
  expect(started).toBe(false);
});

test.for([
  ['a promise', Promise.resolve(1)],
  ['nothing', undefined],
  ['a signal', new AbortController().signal],
] as const)('chain() refuses %s, and starts none', async ([, wrong]) => {
  let started = false;
  const chained = chain(
    // @ts-expect-error the second is not a function
    () => (started = true),
    wrong,
    () => 2,
  );
  await expect(chained).rejects.toThrow("Cannot start 'jobs[1]' as a job must be a function");
  expect(started).toBe(false);
});

test('chain() throws for a promise or a signal in last place, where options may be', async () => {
  // @ts-expect-error a nested chain must be a function
  await expect(chain(() => 1, chain())).rejects.toThrow("Cannot start 'jobs[1]'");
  // @ts-expect-error options must be an object
  await expect(chain(() => 1, new AbortController().signal)).rejects.toThrow("Cannot start 'jobs[1]'");
});

test('chain({ signal }) passes the signal to each job, also in nested chains', async () => {
  const { signal } = new AbortController();
  const same = (given: AbortSignal): boolean => given === signal;
  expect(await chain(same, (given) => chain(same, { signal: given }), { signal })).toEqual([true, [true]]);
});

test('chain() passes each job a signal of its own when it has none', async () => {
  expect(await chain((signal) => signal.aborted)).toEqual([false]);
});

test('chain({ signal }) starts no job after an abort, and waits for the running one', async () => {
  const controller = new AbortController();
  const events: string[] = [];
  const chained = chain(
    async () => {
      await sleep(10);
      events.push('first ended');
    },
    () => events.push('second started'),
    { signal: controller.signal },
  );
  controller.abort('enough');
  expect(await chained.catch((error: unknown) => error)).toBe('enough');
  expect(events).toEqual(['first ended']);
  expect(await chain(() => 1, { signal: controller.signal }).catch((error: unknown) => error)).toBe('enough');
});

test('chain() in a task is cancelled with it', async () => {
  const task = createTask((signal) =>
    chain(
      () => 1,
      () => sleep(10_000, 2, { signal }),
      { signal },
    ),
  );
  await sleep(1);
  task.cancel();
  await expect(task).rejects.toMatchObject({ name: 'AbortError' });
  expect(task.state).toBe('cancelled');
});

test('chain() keeps the type of each result', async () => {
  const flat = chain(
    () => 1,
    async () => 'a',
    (signal) => signal.aborted,
  );
  expectTypeOf(flat).toEqualTypeOf<Promise<[number, string, boolean]>>();
  const nested = chain(
    () => 1,
    () =>
      chain(
        () => 'a',
        async () => true,
      ),
    (signal) => signal.aborted,
    { signal: new AbortController().signal },
  );
  expectTypeOf(nested).toEqualTypeOf<Promise<[number, [string, boolean], boolean]>>();
  const many: (() => number)[] = [];
  expectTypeOf(chain(...many)).toEqualTypeOf<Promise<number[]>>();
  await Promise.all([flat, nested]);
});
