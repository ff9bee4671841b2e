import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { createFetcher, FetchError, mockTransport } from '../../src/index.ts';
import { collect } from '../helpers/collect.ts';
import { heldTransport } from '../helpers/held-transport.ts';
import { quiet } from '../helpers/process/quiet.ts';
import { watchedSource } from '../helpers/watched-source.ts';

const urls = (count: number): string[] => Array.from({ length: count }, (_, at) => `http://a.test/${at}`);
const three = { perHost: { concurrency: 3 }, retry: { retries: 0 } };

test('asCompleted({ stop }) starts nothing new, drops waiting requests and finishes those in flight', async () => {
  const wire = heldTransport();
  await using fetcher = createFetcher({ ...three, transport: wire.transport });
  const stop = new AbortController();
  const source = watchedSource(urls(100));
  const results = collect(fetcher.asCompleted(source, { stop: stop.signal }));
  await wire.until(3);
  stop.abort();
  expect(wire.aborted).toEqual([]);
  wire.answerAll();
  await expect(results).resolves.toMatchObject([{ status: 200 }, { status: 200 }, { status: 200 }]);
  await quiet();
  expect(wire.sent).toHaveLength(3);
  expect(getEventListeners(stop.signal, 'abort')).toEqual([]);
});

test('asCompleted({ stop }) closes its source, and does not wait for a silent one', async () => {
  const stop = new AbortController();
  await using fetcher = createFetcher({ transport: mockTransport(() => ({})) });
  let closed = 0;
  const silent: AsyncIterable<string> = {
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise(() => {}),
      return: async () => {
        closed += 1;
        return { done: true, value: undefined };
      },
    }),
  };
  const results = collect(fetcher.asCompleted(silent, { stop: stop.signal }));
  await quiet();
  stop.abort();
  await expect(results).resolves.toEqual([]);
  expect(closed).toBe(1);
});

test('asCompleted({ stop }) ignores what its source yields afterwards', async () => {
  const wire = heldTransport();
  const stop = new AbortController();
  await using fetcher = createFetcher({ ...three, transport: wire.transport });
  const { promise, reject } = Promise.withResolvers<IteratorResult<string>>();
  const steps = [Promise.resolve({ done: false, value: 'http://a.test/0' }), promise];
  const source: AsyncIterable<string> = { [Symbol.asyncIterator]: () => ({ next: () => steps.shift()! }) };
  const results = collect(fetcher.asCompleted(source, { stop: stop.signal }));
  await wire.until(1);
  stop.abort();
  reject(new Error('too late'));
  await quiet();
  wire.answerAll();
  await expect(results).resolves.toMatchObject([{ index: 0, status: 200 }]);
});

test('asCompleted({ stop }) with an aborted signal starts nothing', async () => {
  const wire = heldTransport();
  await using fetcher = createFetcher({ transport: wire.transport });
  await expect(collect(fetcher.asCompleted(urls(5), { stop: AbortSignal.abort() }))).resolves.toEqual([]);
  expect(wire.sent).toEqual([]);
});

test('asCompleted({ stop }) lets a request that was sent before use its retries', async () => {
  const stop = new AbortController();
  let sent = 0;
  const transport = mockTransport(() => {
    sent += 1;
    if (sent > 1) return {};
    stop.abort();
    return new FetchError('CONN_RESET', 'reset');
  });
  await using fetcher = createFetcher({ perHost: { concurrency: 1 }, retry: { retries: 1 }, transport });
  const results = await collect(fetcher.asCompleted(urls(10), { stop: stop.signal }));
  expect(results).toMatchObject([{ index: 0, status: 200, attempts: 2 }]);
});

test('asCompleted({ stop, signal }) cancels what is in flight when the signal aborts second', async () => {
  const wire = heldTransport();
  await using fetcher = createFetcher({ ...three, transport: wire.transport });
  const [stop, cancel] = [new AbortController(), new AbortController()];
  const results: string[] = [];
  const reading = (async () => {
    for await (const { kind } of fetcher.asCompleted(urls(100), { stop: stop.signal, signal: cancel.signal })) {
      results.push(kind);
    }
  })();
  await wire.until(3);
  stop.abort();
  cancel.abort();
  await expect(reading).rejects.toBe(cancel.signal.reason);
  expect(results).toEqual(['cancelled', 'cancelled', 'cancelled']);
});

test('sequential({ stop }) ends after the request in flight, without waiting for the next interval', async () => {
  const wire = heldTransport();
  await using fetcher = createFetcher({ transport: wire.transport });
  const stop = new AbortController();
  const results = collect(fetcher.sequential(urls(10), { intervalMs: 60_000, stop: stop.signal }));
  await wire.until(1);
  wire.answerAll();
  await quiet();
  stop.abort();
  await expect(results).resolves.toMatchObject([{ index: 0, status: 200 }]);
  expect(wire.sent).toHaveLength(1);
});
