import { setImmediate as turn } from 'node:timers/promises';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createFetcher, mockTransport } from '../../src/index.ts';
import { inOrder } from '../../src/async/in-order.ts';
import { collect } from '../helpers/collect.ts';
import { heldTransport } from '../helpers/held-transport.ts';
import { quiet } from '../helpers/process/quiet.ts';
import { watchedAsyncSource, watchedSource } from '../helpers/watched-source.ts';

const urls = (count: number): string[] => Array.from({ length: count }, (_, at) => `http://a.test/${at}`);
const many = { concurrency: 1000, perHost: { concurrency: 1000 }, retry: { retries: 0 } };

test('inOrder() yields every result once, in order, whatever the order of completion', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 30 }),
      fc.integer({ min: 1, max: 10 }),
      fc.integer({ min: 1, max: 12 }),
      fc.infiniteStream(fc.nat()),
      async (count, width, window, choices) => {
        const transport = mockTransport(async () => {
          for (let turns = Number(choices.next().value) % 5; turns > 0; turns -= 1) await turn();
          return {};
        });
        await using fetcher = createFetcher({ transport, concurrency: width, perHost: { concurrency: width } });
        const results = await collect(inOrder((held) => fetcher.asCompleted(held), urls(count), window));
        expect(results.map(({ url }) => url)).toEqual(urls(count));
      },
    ),
    { numRuns: 60 },
  );
});

test('inOrder() holds back the source while one result is late, so that no more results wait than the window holds', async () => {
  const wire = heldTransport();
  await using fetcher = createFetcher({ ...many, transport: wire.transport });
  const source = watchedSource(urls(1000));
  const results = collect(inOrder((held) => fetcher.asCompleted(held), source, 10));
  await wire.until(10);
  for (const path of wire.sent.slice(1)) wire.answer(path);
  await quiet();
  expect(source.pulled).toBe(10);
  expect(wire.sent).toHaveLength(10);
  wire.answer('/0');
  await wire.until(20);
  await quiet();
  expect(source.pulled).toBe(20);
  while (wire.sent.length < 1000 || wire.underWay.length > 0) {
    wire.answerAll();
    await turn();
  }
  expect((await results).map(({ url }) => url)).toEqual(urls(1000));
});

test('inOrder() yields the results it has, in order and across gaps, before it throws', async () => {
  const fault = new Error('cut off');
  const results = inOrder(
    async function* () {
      for (const index of [4, 0, 2]) yield { index };
      throw fault;
    },
    [],
    10,
  );
  const indexes: number[] = [];
  const reading = (async () => {
    for await (const { index } of results) indexes.push(index);
  })();
  await expect(reading).rejects.toBe(fault);
  expect(indexes).toEqual([0, 2, 4]);
});

test('inOrder() closes the source when its reader leaves, even while the source is held back', async () => {
  const wire = heldTransport();
  await using fetcher = createFetcher({ ...many, transport: wire.transport });
  const source = watchedAsyncSource(urls(1000));
  const results = inOrder((held) => fetcher.asCompleted(held), source, 5);
  const first = results.next();
  await wire.until(5);
  wire.answer('/0');
  await expect(first).resolves.toMatchObject({ value: { index: 0 } });
  await results.return();
  expect(source.closed).toBe(1);
  expect(wire.underWay).toEqual([]);
});

test('inOrder() throws the error of its source after all results', async () => {
  const fault = new Error('broken list');
  await using fetcher = createFetcher({ transport: heldTransport().transport });
  const source = (function* () {
    yield 'http://a.test/0';
    throw fault;
  })();
  const results = inOrder((held) => fetcher.asCompleted(held), source, 5);
  await expect(results.next()).resolves.toMatchObject({ value: { kind: 'cancelled' } });
  await expect(results.next()).rejects.toBe(fault);
});
