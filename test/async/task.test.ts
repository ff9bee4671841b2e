import { execFile } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { getEventListeners } from 'node:events';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expect, expectTypeOf, test } from 'vitest';
import { createTask, InvalidStateError, type Task } from '../../src/index.ts';

/** A job that rejects when its signal aborts, as most jobs do. */
const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));

/** The reports on the channel until it is disposed. */
function listenForUnhandled(): Disposable & { readonly reports: { task: Task<unknown>; error: unknown }[] } {
  const reports: { task: Task<unknown>; error: unknown }[] = [];
  const listener = (message: unknown): void => void reports.push(message as { task: Task<unknown>; error: unknown });
  subscribe('fetchmany:task:unhandled', listener);
  return { reports, [Symbol.dispose]: () => void unsubscribe('fetchmany:task:unhandled', listener) };
}

test('createTask() calls the job before it returns, and settles later', async () => {
  const events: string[] = [];
  const task = createTask(() => {
    events.push('job');
    return 7;
  });
  events.push('created');
  expect(events).toEqual(['job', 'created']);
  expect(task.state).toBe('running');
  expect(await task).toBe(7);
  expect(task.state).toBe('fulfilled');
  expect(await task).toBe(7);
});

test('createTask() returns a rejected task for a job that throws at once', async () => {
  const task = createTask(() => {
    throw new Error('at once');
  });
  expect(task.state).toBe('running');
  await expect(task).rejects.toThrow('at once');
  expect(task.state).toBe('rejected');
});

test('createTask() runs two jobs at once while the caller continues', async () => {
  const events: string[] = [];
  const job = (name: string, delayMs: number) => async () => {
    events.push(`start ${name}`);
    await sleep(delayMs);
    events.push(`end ${name}`);
    return name;
  };
  const tasks = [createTask(job('a', 20)), createTask(job('b', 1))];
  events.push('caller');
  expect(await Promise.all(tasks)).toEqual(['a', 'b']);
  expect(events).toEqual(['start a', 'start b', 'caller', 'end b', 'end a']);
});

test('createTask() throws for a value that is not a function', () => {
  // @ts-expect-error a promise is already running
  expect(() => createTask(Promise.resolve(1))).toThrow("Cannot start 'job' as a job must be a function");
});

test('Task is a promise, and its then() makes an ordinary one', async () => {
  const task = createTask(() => 1);
  expect(task).toBeInstanceOf(Promise);
  const derived = task.then((value) => value + 1);
  expect(derived.constructor).toBe(Promise);
  expect(await derived).toBe(2);
  expect(await task.finally(() => {})).toBe(1);
  const caught = createTask(() => Promise.reject(new Error('no'))).catch((error: Error) => error.message);
  expect(await caught).toBe('no');
});

test('Task.name is the given name or a counted one', () => {
  expect(createTask(() => 1, { name: 'mine' }).name).toBe('mine');
  const [first, second] = [createTask(() => 1), createTask(() => 1)];
  expect(first.name).toMatch(/^task-\d+$/);
  expect(second.name).not.toBe(first.name);
});

test('Task.cancel() aborts the signal, and the task is cancelled when the job rejects', async () => {
  const task = createTask(untilAborted);
  expect(task.cancel()).toBe(true);
  expect(task.state).toBe('running');
  await expect(task).rejects.toMatchObject({ name: 'AbortError' });
  expect(task.state).toBe('cancelled');
  expect(task.cancel()).toBe(false);
});

test.for([['a string'], [new Error('an error')], [null], [0]])(
  'Task.cancel(%o) rejects with just that',
  async ([reason]) => {
    const task = createTask(untilAborted);
    task.cancel(reason);
    task.cancel('only the first counts');
    expect(await task.catch((error: unknown) => error)).toBe(reason);
    expect(task.state).toBe('cancelled');
  },
);

test('Task.cancel() keeps the reason when Node wraps it in its own AbortError', async () => {
  const task = createTask((signal) => sleep(10_000, undefined, { signal }));
  task.cancel('enough');
  expect(await task.catch((error: unknown) => error)).toBe('enough');
  expect(task.state).toBe('cancelled');
});

test('Task.cancel() is a request: a job that ignores it fulfils, and the task settles no sooner', async () => {
  let finished = false;
  const task = createTask(async () => {
    await sleep(30);
    finished = true;
    return 'done anyway';
  });
  task.cancel();
  expect(await task).toBe('done anyway');
  expect(finished).toBe(true);
  expect(task.state).toBe('fulfilled');
});

test('Task.cancel() waits for the clean-up of the job', async () => {
  const events: string[] = [];
  const task = createTask(async (signal) => {
    try {
      await untilAborted(signal);
    } finally {
      await sleep(20);
      events.push('cleaned up');
    }
  });
  task.cancel();
  await task.catch(() => events.push('settled'));
  expect(events).toEqual(['cleaned up', 'settled']);
});

test('Task is rejected, not cancelled, when the job fails in another way while it stops', async () => {
  const task = createTask((signal) =>
    untilAborted(signal).catch(() => {
      throw new Error('could not clean up');
    }),
  );
  task.cancel();
  await expect(task).rejects.toThrow('could not clean up');
  expect(task.state).toBe('rejected');
});

test('Task is rejected by an AbortError of its job without cancel()', async () => {
  const task = createTask(() => Promise.reject(new DOMException('not ours', 'AbortError')));
  await expect(task).rejects.toThrow('not ours');
  expect(task.state).toBe('rejected');
});

test.for([undefined, null, 0, '', false])('Task whose job throws %o is rejected', async (falsy) => {
  const task = createTask(() => {
    throw falsy;
  });
  const seen = await task.then(
    () => 'fulfilled',
    (error: unknown) => ({ error }),
  );
  expect(seen).toEqual({ error: falsy });
  expect(task.state).toBe('rejected');
  expect(task.exception()).toBe(falsy);
});

test('createTask({ signal }) passes on the abort with its reason', async () => {
  const controller = new AbortController();
  const task = createTask(untilAborted, { signal: controller.signal });
  controller.abort('outside');
  expect(await task.catch((error: unknown) => error)).toBe('outside');
  expect(task.state).toBe('cancelled');
});

test('createTask({ signal }) passes on an abort from inside the job itself', async () => {
  const controller = new AbortController();
  const task = createTask(
    (signal) => {
      controller.abort('from inside');
      signal.throwIfAborted();
    },
    { signal: controller.signal },
  );
  expect(await task.catch((error: unknown) => error)).toBe('from inside');
  expect(task.state).toBe('cancelled');
});

test('createTask({ signal }) never calls the job if the signal has aborted already', async () => {
  let called = false;
  const task = createTask(() => (called = true), { signal: AbortSignal.abort('before') });
  expect(task.state).toBe('cancelled');
  expect(task.cancel()).toBe(false);
  expect(await task.catch((error: unknown) => error)).toBe('before');
  expect(called).toBe(false);
});

test('createTask({ signal }) shares one listener among 10,000 tasks, and removes it', async () => {
  const warnings: unknown[] = [];
  const listener = (warning: unknown): void => void warnings.push(warning);
  process.on('warning', listener);
  const { signal } = new AbortController();
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  const tasks = Array.from({ length: 10_000 }, () => createTask(() => gate, { signal }));
  expect(getEventListeners(signal, 'abort')).toHaveLength(1);
  open();
  await Promise.all(tasks);
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  await turn();
  process.off('warning', listener);
  expect(warnings).toEqual([]);
});

test('createTask({ signal }) cancels 10,000 tasks at once', async () => {
  const controller = new AbortController();
  const tasks = Array.from({ length: 10_000 }, () => createTask(untilAborted, { signal: controller.signal }));
  controller.abort();
  await Promise.allSettled(tasks);
  expect(tasks.every((task) => task.state === 'cancelled')).toBe(true);
});

test('Task.result() and exception() throw InvalidStateError while it runs', async () => {
  const task = createTask(() => 1, { name: 'busy' });
  expect(() => task.result()).toThrow(InvalidStateError);
  expect(() => task.exception()).toThrow("Cannot get the exception of task 'busy' as it must be done: it is running");
  expect(new InvalidStateError('x')).toMatchObject({ name: 'InvalidStateError' });
  await task;
});

test('Task.result() and exception() return how it ended', async () => {
  const fulfilled = createTask(() => 1);
  const rejected = createTask(() => Promise.reject(new Error('failed')));
  const cancelled = createTask(untilAborted);
  cancelled.cancel(new Error('stopped'));
  await Promise.allSettled([fulfilled, rejected, cancelled]);

  expect(fulfilled.result()).toBe(1);
  expect(fulfilled.exception()).toBeUndefined();
  expect(() => rejected.result()).toThrow('failed');
  expect(rejected.exception()).toEqual(new Error('failed'));
  expect(() => cancelled.result()).toThrow('stopped');
  expect(() => cancelled.exception()).toThrow('stopped');
});

test('Task.addDoneCallback() calls each callback once done, in order, with the task', async () => {
  const events: string[] = [];
  const task = createTask(async () => 'value', { name: 'called back' });
  task.addDoneCallback((done) => events.push(`first ${done.name} ${done.state} ${done.result()}`));
  task.addDoneCallback(() => events.push('second'));
  expect(events).toEqual([]);
  await task;
  expect(events).toEqual(['first called back fulfilled value', 'second']);
});

test('Task.addDoneCallback() is never synchronous, even when the task is done', async () => {
  const task = createTask(() => 1);
  await task;
  let called = false;
  task.addDoneCallback(() => (called = true));
  expect(called).toBe(false);
  await Promise.resolve();
  expect(called).toBe(true);
});

test('Task.addDoneCallback() of a task cancelled before it began is not synchronous either', async () => {
  let called = false;
  createTask(() => 1, { signal: AbortSignal.abort() }).addDoneCallback(() => (called = true));
  expect(called).toBe(false);
  await Promise.resolve();
  expect(called).toBe(true);
});

test('Task.removeDoneCallback() removes a callback as many times as it was added', async () => {
  let called = 0;
  const callback = (): void => void (called += 1);
  const task = createTask(() => 1);
  task.addDoneCallback(callback);
  task.addDoneCallback(callback);
  task.addDoneCallback(() => (called += 10));
  expect(task.removeDoneCallback(callback)).toBe(2);
  expect(task.removeDoneCallback(callback)).toBe(0);
  await task;
  expect(called).toBe(10);
});

test('Task.addDoneCallback() lets each callback start the next job, up to the last one', async () => {
  const { promise: end, resolve } = Promise.withResolvers<string[]>();
  const log: string[] = [];
  const next = (...names: string[]): void => {
    const [name, ...rest] = names;
    if (name === undefined) return resolve(log);
    createTask(() => sleep(1, name)).addDoneCallback((task) => {
      log.push(task.result());
      next(...rest);
    });
  };
  next('a', 'b', 'c');
  expect(await end).toEqual(['a', 'b', 'c']);
});

test('Task.addDoneCallback() makes an exception of a callback uncaught, and still calls the others', async () => {
  const output = await runProgram(`
    process.on('uncaughtException', (error) => console.log('uncaught', error.message));
    const task = createTask(() => 'value');
    task.addDoneCallback(() => { throw new Error('bad callback'); });
    task.addDoneCallback(() => console.log('other callback'));
    console.log(await task);
  `);
  expect(output.split('\n').sort()).toEqual(['other callback', 'uncaught bad callback', 'value']);
});

test('a failed task that nobody awaits does not end the process', async () => {
  expect(
    await runProgram(`
      createTask(() => Promise.reject(new Error('unseen')));
      createTask((signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))).cancel();
      setTimeout(() => console.log('alive'), 30);
    `),
  ).toBe('alive');
});

test('a failed task that nobody awaits is reported on fetchmany:task:unhandled', async () => {
  using unhandled = listenForUnhandled();
  const task = createTask(() => {
    throw new Error('unseen');
  });
  const falsy = createTask(() => {
    throw undefined;
  });
  expect(unhandled.reports).toEqual([]);
  await sleep(10);
  expect(unhandled.reports).toEqual([
    { task, error: new Error('unseen') },
    { task: falsy, error: undefined },
  ]);
  expect(unhandled.reports[0]?.task).toBe(task);
});

test.for([
  ['await', (task: Task<never>) => task.then(undefined, () => {})],
  ['catch()', (task: Task<never>) => task.catch(() => {})],
  ['finally()', (task: Task<never>) => task.finally(() => {}).catch(() => {})],
  ['Promise.allSettled()', (task: Task<never>) => Promise.allSettled([task])],
  ['a done callback', (task: Task<never>) => task.addDoneCallback(() => {})],
  ['exception() in time', (task: Task<never>) => queueMicrotask(() => queueMicrotask(() => void task.exception()))],
] as const)('a failed task is not reported after %s', async ([, retrieve]) => {
  using unhandled = listenForUnhandled();
  void retrieve(createTask(() => Promise.reject(new Error('seen'))));
  await sleep(10);
  expect(unhandled.reports).toEqual([]);
});

test('a failed task is not reported when another promise leads to it', async () => {
  using unhandled = listenForUnhandled();
  const gate = sleep(5);
  const task = createTask(async () => {
    await gate;
    throw new Error('seen in time');
  });
  await gate;
  await Promise.resolve();
  await expect(task).rejects.toThrow('seen in time');
  await sleep(10);
  expect(unhandled.reports).toEqual([]);
});

test('a failed task is reported if its only done callback was removed', async () => {
  using unhandled = listenForUnhandled();
  const task = createTask(() => Promise.reject(new Error('unseen')));
  const callback = (): void => {};
  task.addDoneCallback(callback);
  task.removeDoneCallback(callback);
  await sleep(10);
  expect(unhandled.reports).toHaveLength(1);
});

test('a cancelled task that nobody awaits is not reported', async () => {
  using unhandled = listenForUnhandled();
  createTask(untilAborted).cancel();
  void createTask(() => 1, { signal: AbortSignal.abort() });
  await sleep(10);
  expect(unhandled.reports).toEqual([]);
});

test('Task keeps the type of its result', () => {
  expectTypeOf(createTask(() => 1)).toEqualTypeOf<Task<number>>();
  expectTypeOf(createTask(async () => 'a')).toEqualTypeOf<Task<string>>();
  expectTypeOf<Task<number>['result']>().returns.toEqualTypeOf<number>();
  expectTypeOf<Awaited<Task<string>>>().toEqualTypeOf<string>();
  expectTypeOf<Task<number>>().toExtend<Task<unknown>>();
  expectTypeOf<Task<number>>().toExtend<Promise<number>>();
  expectTypeOf<Task<unknown>>().not.toExtend<Task<number>>();
  const task = createTask(() => 1);
  task.addDoneCallback((done) => expectTypeOf(done.result()).toEqualTypeOf<number>());
  expectTypeOf(createTask).parameter(0).not.toExtend<Promise<unknown>>();
});

/** Runs a program in its own process and resolves with its output. Rejects if the process fails. */
async function runProgram(source: string): Promise<string> {
  const file = new URL('../../src/async/task.ts', import.meta.url).href;
  const program = `import { createTask } from ${JSON.stringify(file)};\n${source}`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program]);
  return stdout.trim();
}
