import { getEventListeners } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFetcher, mockTransport, type Fetcher, type FetchResult } from '../../src/index.ts';
import { heldTransport } from '../helpers/held-transport.ts';
import { serve, silence } from '../helpers/servers/serve.ts';

const urls = (count: number): string[] => Array.from({ length: count }, (_, at) => `http://${at % 100}.test/${at}`);
const warnings: Error[] = [];
const onWarning = (warning: Error): void => void warnings.push(warning);
beforeAll(() => void process.on('warning', onWarning));
afterAll(() => {
  process.off('warning', onWarning);
  expect(warnings).toEqual([]);
});

describe('10,000 requests in flight', () => {
  const wide = { concurrency: 10_000, perHost: { concurrency: 10_000 } };
  const modes: [string, (fetcher: Fetcher, signal: AbortSignal) => Promise<unknown>][] = [
    ['gather()', (fetcher, signal) => fetcher.gather(urls(10_000), { signal })],
    [
      'asCompleted()',
      async (fetcher, signal) => {
        for await (const { kind } of fetcher.asCompleted(urls(10_000), { signal })) expect(kind).toBe('cancelled');
      },
    ],
    [
      'fetch(), all with one signal',
      async (fetcher, signal) => {
        const results = await Promise.all(urls(10_000).map((url) => fetcher.fetch(url, { signal })));
        expect(results.every(({ kind }) => kind === 'cancelled')).toBe(true);
        throw signal.reason;
      },
    ],
  ];
  test.each(modes)('in %s settle at once when aborted', async (_, start) => {
    const wire = heldTransport();
    await using fetcher = createFetcher({ ...wide, transport: wire.transport });
    const controller = new AbortController();
    const running = start(fetcher, controller.signal);
    await wire.until(10_000);
    const begin = performance.now();
    controller.abort('stop');
    await expect(running).rejects.toBe('stop');
    expect(performance.now() - begin).toBeLessThan(5000);
    expect(wire.underWay).toEqual([]);
  });

  test('settle at once when the fetcher is closed', async () => {
    const wire = heldTransport();
    const fetcher = createFetcher({ ...wide, transport: wire.transport });
    const results = urls(10_000).map((url) => fetcher.fetch(url));
    await wire.until(10_000);
    await fetcher.close();
    expect((await Promise.all(results)).every(({ kind }) => kind === 'cancelled')).toBe(true);
    expect(wire.underWay).toEqual([]);
  });
});

test('20,000 requests that wait for one busy host settle at once when aborted', async () => {
  const wire = heldTransport();
  await using fetcher = createFetcher({ transport: wire.transport });
  const controller = new AbortController();
  const fetched = Array.from({ length: 20_000 }, () => fetcher.fetch('http://a.test/', { signal: controller.signal }));
  await wire.until(6);
  const begin = performance.now();
  controller.abort();
  const results = await Promise.all(fetched);
  expect(performance.now() - begin).toBeLessThan(5000);
  expect(results.filter(({ attempts }) => attempts > 0)).toHaveLength(6);
});

test('400 real connections are closed when they are aborted', async () => {
  await using server = await serve(silence);
  await using fetcher = createFetcher({ concurrency: 400, perHost: { concurrency: 400 } });
  const controller = new AbortController();
  const results: FetchResult[] = [];
  const running = (async () => {
    const source = Array.from({ length: 400 }, (_, at) => `${server.url}/${at}`);
    for await (const result of fetcher.asCompleted(source, { signal: controller.signal })) results.push(result);
  })();
  await server.seen(400);
  controller.abort('stop');
  await expect(running).rejects.toBe('stop');
  expect(results).toHaveLength(400);
  await server.deserted();
});

test('a long-lived signal keeps no listener of finished requests', async () => {
  const { signal } = new AbortController();
  let most = 0;
  const transport = mockTransport(() => {
    most = Math.max(most, getEventListeners(signal, 'abort').length);
    return {};
  });
  await using fetcher = createFetcher({ transport });
  await Promise.all(urls(500).map((url) => fetcher.fetch(url, { signal })));
  await fetcher.gather(urls(500), { signal });
  await fetcher.gather([], { signal });
  expect(most).toBe(1);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('aborts at random moments leave one result per request and free every slot', async () => {
  const transport = mockTransport(async ({ url }, signal) => {
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 10));
    if (signal.aborted) return {};
    // A host that only says 503 would be held.
    if (url.endsWith('3')) return { status: 500 };
    if (url.endsWith('5')) return { status: 302, headers: { location: `http://other.test/${Math.random()}` } };
    return {};
  });
  await using fetcher = createFetcher({ transport, concurrency: 8, perHost: { concurrency: 2 }, timeoutMs: 15 });
  for (let round = 0; round < 20; round += 1) {
    const controller = new AbortController();
    const indices: number[] = [];
    const running = (async () => {
      for await (const { index } of fetcher.asCompleted(urls(60), { signal: controller.signal })) indices.push(index);
    })();
    const singles = Promise.all(urls(20).map((url) => fetcher.fetch(url, { signal: controller.signal })));
    setTimeout(() => controller.abort('stop'), Math.random() * 30);
    await expect(running).rejects.toBe('stop');
    expect(indices.sort((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, at) => at));
    expect(await singles).toHaveLength(20);
  }
  // If a slot had been lost, these could not all be in flight at once.
  const wire = await Promise.all(urls(8).map((url) => fetcher.fetch(url)));
  expect(wire).toHaveLength(8);
});
