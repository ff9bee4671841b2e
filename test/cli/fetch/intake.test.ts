import { expect, test } from 'vitest';
import { Intake } from '../../../cli/fetch/intake.ts';
import { InputError } from '../../../src/inputs/input-error.ts';
import { collect } from '../../helpers/collect.ts';
import { watchedAsyncSource } from '../../helpers/watched-source.ts';

const lines = (count: number): string[] => Array.from({ length: count }, (_, at) => `line ${at}`);

test('Intake yields the URLs of the command line first, and counts all', async () => {
  const intake = new Intake({ urls: ['a', ''], lists: watchedAsyncSource(lines(2)), readsStdin: false });
  expect(await collect(intake)).toEqual(['a', '', 'line 0', 'line 1']);
  expect([intake.taken, intake.isAtEnd, intake.failure]).toEqual([4, true, undefined]);
});

test('Intake adds the other fields to each URL', async () => {
  const more = { method: 'POST', body: Buffer.from('x') };
  const intake = new Intake({ urls: ['a'], lists: watchedAsyncSource(['b']), readsStdin: false, more });
  expect(await collect(intake)).toEqual([
    { url: 'a', ...more },
    { url: 'b', ...more },
  ]);
});

test('Intake ends where reading a list fails, and keeps the error', async () => {
  const failure = new InputError('urls.txt', 'the device failed');
  const lists = (async function* () {
    yield 'a';
    throw failure;
  })();
  const intake = new Intake({ urls: [], lists, readsStdin: false });
  expect(await collect(intake)).toEqual(['a']);
  expect([intake.taken, intake.isAtEnd, intake.failure]).toEqual([1, true, failure]);
});

test('Intake throws other errors', async () => {
  const lists = (async function* () {
    yield 'a';
    throw new TypeError('a bug');
  })();
  await expect(collect(new Intake({ urls: [], lists, readsStdin: false }))).rejects.toThrow('a bug');
});

test('countRest() counts the rest within its time', async () => {
  const intake = new Intake({ urls: ['a'], lists: watchedAsyncSource(lines(999)), readsStdin: false });
  const iterator = intake[Symbol.asyncIterator]();
  await iterator.next();
  expect([intake.taken, intake.isAtEnd]).toEqual([1, false]);
  await intake.countRest(0);
  expect([intake.taken, intake.isAtEnd]).toEqual([1, false]);
  await intake.countRest(60_000);
  expect([intake.taken, intake.isAtEnd]).toEqual([1000, true]);
});

test('countRest() does not read standard input', async () => {
  const silent = watchedAsyncSource(lines(9), () => new Promise(() => {}));
  const intake = new Intake({ urls: [], lists: silent, readsStdin: true });
  await intake.countRest(60_000);
  expect(intake.isAtEnd).toBe(false);
  intake.close();
  expect(silent.closed).toBe(1);
});

test('Intake yields and counts only pending requests', async () => {
  const isPending = (request: unknown): boolean => request !== 'b' && request !== 'line 1';
  const intake = new Intake({ urls: ['a', 'b'], lists: watchedAsyncSource(lines(3)), readsStdin: false, isPending });
  expect(await collect(intake)).toEqual(['a', 'line 0', 'line 2']);
  expect(intake.taken).toBe(3);
});

test('total is exact at the end, and includes requests that were already done', async () => {
  const intake = new Intake({
    urls: ['a'],
    lists: watchedAsyncSource(lines(3)),
    readsStdin: false,
    isPending: (request) => request !== 'line 1',
  });
  expect(intake.total).toBeUndefined();
  await collect(intake);
  expect([intake.total, intake.taken]).toEqual([{ count: 4, isExact: true }, 3]);
});

test('total is estimated before the end, and never less than the number already read', async () => {
  const lists = Object.assign(watchedAsyncSource(lines(9)), { expected: 5 });
  const intake = new Intake({ urls: ['a', 'b'], lists, readsStdin: false });
  const iterator = intake[Symbol.asyncIterator]();
  expect(intake.total).toEqual({ count: 7, isExact: false });
  for (let count = 0; count < 9; count += 1) await iterator.next();
  expect(intake.total).toEqual({ count: 9, isExact: false });
});

test('isAwaited is true while the lists are waited for', async () => {
  const more = Promise.withResolvers<void>();
  const lists = (async function* () {
    yield 'a';
    await more.promise;
    yield 'b';
  })();
  const iterator = new Intake({ urls: [], lists, readsStdin: false });
  const reading = iterator[Symbol.asyncIterator]();
  await reading.next();
  expect(iterator.isAwaited).toBe(false);
  const next = reading.next();
  expect(iterator.isAwaited).toBe(true);
  more.resolve();
  await next;
  expect(iterator.isAwaited).toBe(false);
});
