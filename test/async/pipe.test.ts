import { setTimeout as sleep } from 'node:timers/promises';
import { expect, expectTypeOf, test } from 'vitest';
import { pipe } from '../../src/index.ts';

test('pipe() passes each step the previous result', async () => {
  const report = await pipe(
    () => sleep(1, 'a b c'),
    (text) => text.split(' '),
    async (words) => words.length,
    (count) => `${count} words`,
  );
  expect(report).toBe('3 words');
});

test('pipe() of a single job resolves with its result', async () => {
  expect(await pipe(() => 1)).toBe(1);
});

test.for([new Error('no'), undefined])('pipe() ends with the first failure, even %o', async (failure) => {
  let started = false;
  const fail = (): never => {
    throw failure;
  };
  const outcome = await Promise.allSettled([
    pipe(
      () => 1,
      fail,
      () => (started = true),
    ),
  ]);
  expect(outcome).toEqual([{ status: 'rejected', reason: failure }]);
  expect(started).toBe(false);
});

test('pipe() throws for a value that is not a function, and starts nothing', async () => {
  let started = false;
  // @ts-expect-error a promise is already running
  await expect(pipe(Promise.resolve(1), () => 2)).rejects.toThrow("Cannot start 'job' as a job must be a function");
  const job = (): boolean => (started = true);
  // @ts-expect-error a promise is already running
  await expect(pipe(job, (value) => value, Promise.resolve(1))).rejects.toThrow("Cannot start 'steps[1]'");
  // @ts-expect-error there is no job
  await expect(pipe()).rejects.toThrow("Cannot start 'job'");
  expect(started).toBe(false);
});

test('pipe({ signal }) passes the signal to the job and each step', async () => {
  const { signal } = new AbortController();
  const all = await pipe(
    (given) => [given],
    (before, given) => [...before, given],
    { signal },
  );
  expect(all.map((given) => given === signal)).toEqual([true, true]);
});

test('pipe({ signal }) starts no step after an abort, and waits for the running one', async () => {
  const controller = new AbortController();
  const events: string[] = [];
  const piped = pipe(
    async () => {
      await sleep(10);
      events.push('first ended');
    },
    () => events.push('second started'),
    { signal: controller.signal },
  );
  controller.abort('enough');
  expect(await piped.catch((error: unknown) => error)).toBe('enough');
  expect(events).toEqual(['first ended']);
  expect(await pipe(() => 1, { signal: controller.signal }).catch((error: unknown) => error)).toBe('enough');
});

test('pipe() infers the types of inline steps', async () => {
  const { signal } = new AbortController();
  const short = pipe(
    () => 1,
    (value) => [value],
    async ([first]) => String(first),
    { signal },
  );
  expectTypeOf(short).toEqualTypeOf<Promise<string>>();
  const longest = pipe(
    async (given) => given.aborted,
    (value) => (value ? 1 : 2),
    (value) => value.toFixed(),
    async (value) => ({ value }),
    ({ value }) => [value],
    (value, given) => (given.aborted ? value : value.concat('x')),
    (value) => value.join(''),
    (value) => new Set(value),
    (value) => value.size,
    (value) => value > 1,
    { signal },
  );
  expectTypeOf(longest).toEqualTypeOf<Promise<boolean>>();
  expect([await short, await longest]).toEqual(['1', true]);
  const wrong = pipe(
    () => 1,
    // @ts-expect-error the previous step returns a number
    (value: string) => value.length,
  );
  await wrong;
});
