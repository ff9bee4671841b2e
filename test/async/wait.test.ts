import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { getEventListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, expectTypeOf, test, vi } from 'vitest';
import { createTask, wait, type Task, type WaitResult } from '../../src/index.ts';
import { waitWith } from '../../src/async/wait.ts';

const failAfter = async (delayMs: number): Promise<never> => {
  await sleep(delayMs);
  throw new Error('failed');
};

/** A task that the test ends by hand. */
function openTask(): { task: Task<string>; fulfil: (value: string) => void; fail: (error: unknown) => void } {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const task = createTask((signal) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error));
    return promise;
  });
  return { task, fulfil: resolve, fail: reject };
}

test('wait() waits for all tasks by default', async () => {
  const fast = createTask(() => sleep(5, 'fast'));
  const failed = createTask(() => failAfter(1));
  const slow = createTask(() => sleep(20, 'slow'));
  const { done, pending, timedOut } = await wait([slow, failed, fast]);
  expect([...done]).toEqual([slow, failed, fast]);
  expect([...done][1]).toBe(failed);
  expect(pending.size).toBe(0);
  expect(timedOut).toBe(false);
  expect([...done].map(({ state }) => state)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
});

test('wait({ returnWhen: FIRST_COMPLETED }) resolves with the first, and leaves the others running', async () => {
  const [slow, fast] = [openTask(), createTask(() => sleep(1, 'fast'))];
  const { done, pending } = await wait([slow.task, fast], { returnWhen: 'FIRST_COMPLETED' });
  expect([...done]).toEqual([fast]);
  expect([...pending]).toEqual([slow.task]);
  expect(slow.task.state).toBe('running');
  slow.fulfil('later');
  expect(await slow.task).toBe('later');
});

test('wait({ returnWhen: FIRST_COMPLETED }) counts a cancelled task', async () => {
  const [slow, other] = [openTask(), openTask()];
  other.task.cancel();
  const { done } = await wait([slow.task, other.task], { returnWhen: 'FIRST_COMPLETED' });
  expect([...done]).toEqual([other.task]);
  slow.fulfil('x');
});

test('wait({ returnWhen: FIRST_EXCEPTION }) passes over fulfilled and cancelled tasks', async () => {
  const [first, second, third, fourth] = [openTask(), openTask(), openTask(), openTask()];
  let returned = false;
  const waiting = wait([first.task, second.task, third.task, fourth.task], { returnWhen: 'FIRST_EXCEPTION' });
  void waiting.then(() => (returned = true));
  first.fulfil('fine');
  second.task.cancel();
  await sleep(5);
  expect(returned).toBe(false);
  third.fail(undefined);
  const { done, pending } = await waiting;
  expect([...done]).toEqual([first.task, second.task, third.task]);
  expect([...pending]).toEqual([fourth.task]);
  fourth.fulfil('x');
});

test('wait({ returnWhen: FIRST_EXCEPTION }) waits for all if none fails', async () => {
  const { done, pending } = await wait([createTask(() => 1), createTask(() => sleep(5))], {
    returnWhen: 'FIRST_EXCEPTION',
  });
  expect([done.size, pending.size]).toEqual([2, 0]);
});

test('wait({ timeoutMs }) resolves with the done tasks when the time is up, and cancels nothing', async () => {
  const fast = createTask(() => 'fast');
  const slow = openTask();
  const { done, pending, timedOut } = await wait([fast, slow.task], { timeoutMs: 10 });
  expect([...done]).toEqual([fast]);
  expect([...pending]).toEqual([slow.task]);
  expect(timedOut).toBe(true);
  expect(slow.task.state).toBe('running');
  slow.fulfil('x');
});

test('wait({ timeoutMs: 0 }) resolves with the tasks that are done now', async () => {
  const done = createTask(() => 1);
  await done;
  expect(await wait([done], { timeoutMs: 0 })).toMatchObject({ timedOut: false });
  const slow = openTask();
  expect(await wait([done, slow.task], { timeoutMs: 0 })).toEqual({
    done: new Set([done]),
    pending: new Set([slow.task]),
    timedOut: true,
  });
  slow.fulfil('x');
});

test.for(['FIRST_COMPLETED', 'FIRST_EXCEPTION', 'ALL_COMPLETED'] as const)(
  'wait({ returnWhen: %s }) takes tasks that are done already',
  async (returnWhen) => {
    const tasks = [createTask(() => 1), createTask(() => Promise.reject(new Error('failed')))];
    await Promise.allSettled(tasks);
    const { done } = await wait(tasks, { returnWhen });
    expect(done).toEqual(new Set(tasks));
  },
);

test('wait() counts a task that is given twice once, and accepts any iterable', async () => {
  const task = createTask(() => 1);
  const { done } = await wait(new Set([task]).values());
  expect([...done]).toEqual([task]);
  expect((await wait([task, task])).done.size).toBe(1);
});

test('wait() leaves no timer, no callback and no listener behind', async () => {
  vi.useFakeTimers();
  try {
    const slow = openTask();
    const { signal } = new AbortController();
    const remove = vi.spyOn(slow.task, 'removeDoneCallback');
    await wait([slow.task, createTask(() => 1)], { timeoutMs: 60_000, signal, returnWhen: 'FIRST_COMPLETED' });
    expect(vi.getTimerCount()).toBe(0);
    expect(remove).toHaveReturnedWith(1);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    slow.fulfil('x');
  } finally {
    vi.useRealTimers();
  }
});

test('wait({ signal }) rejects with the reason, and the tasks continue', async () => {
  const slow = openTask();
  const controller = new AbortController();
  const waiting = wait([slow.task], { signal: controller.signal });
  controller.abort('enough');
  expect(await waiting.catch((error: unknown) => error)).toBe('enough');
  expect(await wait([slow.task], { signal: controller.signal }).catch((error: unknown) => error)).toBe('enough');
  expect(slow.task.state).toBe('running');
  slow.fulfil('x');
});

test('wait() throws a RangeError for no tasks', async () => {
  await expect(wait([])).rejects.toThrow(
    new RangeError("Cannot wait as 'tasks' must hold at least one task: it is empty"),
  );
});

test('wait() throws for a value that is not a task', async () => {
  // @ts-expect-error a promise has no state
  await expect(wait([createTask(() => 1), Promise.resolve(1)])).rejects.toThrow(
    new TypeError("Cannot wait as 'tasks' must hold tasks made by createTask(): one of them is [Promise]"),
  );
  // @ts-expect-error one task is not a list of tasks
  await expect(wait(createTask(() => 1))).rejects.toThrow(TypeError);
});

test.for([-1, NaN, 2 ** 31])('wait({ timeoutMs: %o }) is a RangeError', async (timeoutMs) => {
  await expect(wait([createTask(() => 1)], { timeoutMs })).rejects.toThrow(RangeError);
});

test('wait() throws a TypeError for a timeoutMs that is not a number', async () => {
  await expect(wait([createTask(() => 1)], { timeoutMs: '5' as unknown as number })).rejects.toThrow(TypeError);
});

test('wait() throws for an unknown returnWhen', async () => {
  // @ts-expect-error not one of the three
  await expect(wait([createTask(() => 1)], { returnWhen: 'FIRST' })).rejects.toThrow(
    "Cannot wait as 'returnWhen' must be one of FIRST_COMPLETED, FIRST_EXCEPTION, ALL_COMPLETED: current value is 'FIRST'",
  );
});

test('waitWith() takes the definition of an exception from its caller', async () => {
  const [good, bad, slow] = [createTask(() => 'good'), createTask(() => sleep(1, 'bad')), openTask()];
  const { done } = await waitWith(
    [slow.task, good, bad],
    { returnWhen: 'FIRST_EXCEPTION' },
    (task) => task.result() === 'bad',
  );
  expect([...done]).toEqual([good, bad]);
  slow.fulfil('x');
});

test('wait() keeps a failure during the wait off fetchmany:task:unhandled, but not a later one', async () => {
  const reports: unknown[] = [];
  const listener = (message: unknown): void => void reports.push((message as { task: Task<unknown> }).task);
  subscribe('fetchmany:task:unhandled', listener);
  const during = createTask(() => failAfter(1));
  const after = createTask(() => failAfter(40));
  const { done } = await wait([during, after], { timeoutMs: 20 });
  expect([...done]).toEqual([during]);
  await sleep(40);
  unsubscribe('fetchmany:task:unhandled', listener);
  expect(reports).toEqual([after]);
});

test('wait() has typed tasks', () => {
  const [first, second] = [createTask(() => 1), createTask(() => 'a')];
  expectTypeOf(wait([first])).resolves.toEqualTypeOf<WaitResult<Task<number>>>();
  expectTypeOf(wait([first, second])).resolves.toEqualTypeOf<WaitResult<Task<number> | Task<string>>>();
});
