import { getEventListeners } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, expectTypeOf, test } from 'vitest';
import { InvalidStateError, TaskGroup, type Task } from '../../src/index.ts';
import { heldJob, heldJobs } from '../helpers/held-job.ts';

/** Notes whether a promise has settled. */
function watched<T>(promise: Promise<T>): { readonly promise: Promise<T>; readonly isSettled: boolean } {
  let isSettled = false;
  const settled = (): void => void (isSettled = true);
  promise.then(settled, settled);
  return {
    promise,
    get isSettled() {
      return isSettled;
    },
  };
}

/** A job that stops when it is asked to. */
const obedient = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }));

test('TaskGroup.run() resolves with the value of its body once all tasks have settled', async () => {
  const [first, second] = heldJobs(2);
  const run = watched(
    TaskGroup.run((group) => {
      void group.createTask(first!.job);
      void group.createTask(() => second!.job(new AbortController().signal));
      return 'value';
    }),
  );
  first!.fulfil('');
  await turn();
  expect(run.isSettled).toBe(false);
  second!.fulfil('');
  expect(await run.promise).toBe('value');
  expectTypeOf(run.promise).resolves.toEqualTypeOf<string>();
});

test('a task may start further tasks, which are waited for', async () => {
  const names: string[] = [];
  await TaskGroup.run((group) => {
    void group.createTask(async () => {
      await turn();
      void group.createTask(async () => {
        await turn();
        names.push('inner');
      });
      names.push('outer');
    });
  });
  expect(names).toEqual(['outer', 'inner']);
});

test('the first failure cancels the others, and the group rejects once they have settled', async () => {
  const stubborn = heldJob();
  const failing = heldJob();
  let sibling!: Task<never>;
  const run = watched(
    TaskGroup.run(async (group) => {
      void group.createTask(stubborn.job);
      sibling = group.createTask(obedient);
      await group.createTask(failing.job);
    }),
  );
  failing.reject(new Error('boom'));
  await turn();
  expect([sibling.state, stubborn.signal!.aborted, run.isSettled]).toEqual(['cancelled', true, false]);
  stubborn.reject(new Error('also'));
  const error: unknown = await run.promise.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(AggregateError);
  expect((error as AggregateError).errors.map(({ message }: Error) => message)).toEqual(['boom', 'also']);
  expect(error).toMatchObject({ message: '2 tasks failed, the first with: boom', cause: { message: 'boom' } });
});

test('a body that throws cancels its tasks', async () => {
  let task!: Task<never>;
  const run = TaskGroup.run((group) => {
    task = group.createTask(obedient);
    throw new TypeError('typo');
  });
  await expect(run).rejects.toMatchObject({ message: 'A task failed: typo', errors: [expect.any(TypeError)] });
  expect(task.state).toBe('cancelled');
});

test('a task that is cancelled by itself is no failure', async () => {
  const value = await TaskGroup.run(async (group) => {
    const task = group.createTask(obedient);
    task.cancel();
    await group.createTask(turn);
    return task.state;
  });
  expect(value).toBe('cancelled');
});

test('an abort cancels the group, and leaves no listener', async () => {
  const controller = new AbortController();
  let task!: Task<never>;
  const run = TaskGroup.run((group, signal) => {
    task = group.createTask(obedient);
    return obedient(signal);
  }, controller);
  controller.abort(new Error('enough'));
  await expect(run).rejects.toThrow('enough');
  expect(task.state).toBe('cancelled');
  expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  await expect(TaskGroup.run(() => 1, controller)).rejects.toThrow('enough');
});

test('no task starts in a group that is over', async () => {
  const group = await TaskGroup.run((given) => given);
  expect(() => group.createTask(() => 1)).toThrow(InvalidStateError);
});

test('TaskGroup.run() refuses a body that is no function', async () => {
  // @ts-expect-error -- a promise is already running
  await expect(TaskGroup.run(Promise.resolve())).rejects.toThrow(TypeError);
});
