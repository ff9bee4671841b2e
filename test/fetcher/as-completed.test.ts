import { afterEach, describe, expect, test, vi } from 'vitest';
import { createFetcher, FetchError, mockTransport, type FetchResult } from '../../src/index.ts';
import { collect } from '../helpers/collect.ts';
import { heldTransport } from '../helpers/held-transport.ts';
import { quiet } from '../helpers/process/quiet.ts';
import { respond, serve, silence } from '../helpers/servers/serve.ts';

const urls = (count: number): string[] => Array.from({ length: count }, (_, at) => `http://a.test/${at}`);
const wide = { concurrency: 100, perHost: { concurrency: 100 } };

afterEach(() => {
  vi.useRealTimers();
});

/** An endless source that records how it was used. */
function endless(): Generator<string> & { pulled: number; isClosed: boolean } {
  const state = { pulled: 0, isClosed: false };
  const source = (function* () {
    try {
      for (;;) yield `http://a.test/${state.pulled++}`;
    } finally {
      state.isClosed = true;
    }
  })();
  return Object.defineProperties(source, {
    pulled: { get: () => state.pulled },
    isClosed: { get: () => state.isClosed },
  }) as Generator<string> & { pulled: number; isClosed: boolean };
}

test('asCompleted() yields in the order of completion', async () => {
  const wire = heldTransport();
  await using fetcher = createFetcher({ transport: wire.transport });
  const results = fetcher.asCompleted(urls(3));
  const first = results.next();
  await wire.until(3);
  wire.answer('/2');
  expect((await first).value).toMatchObject({ index: 2, url: 'http://a.test/2' });
  wire.answer('/0');
  expect((await results.next()).value).toMatchObject({ index: 0 });
  wire.answer('/1');
  expect((await results.next()).value).toMatchObject({ index: 1 });
  expect(await results.next()).toEqual({ done: true, value: undefined });
  expect(await results.next()).toEqual({ done: true, value: undefined });
});

test('asCompleted() yields one numbered result for each input, invalid ones included', async () => {
  await using server = await serve({ '/200': respond(200), '/404': respond(404) });
  await using fetcher = createFetcher({ retry: { retries: 0 } });
  const inputs = [`${server.url}/404`, '', `${server.url}/200`, 'ftp://x/', { url: 5 } as unknown as string, 'h/x'];
  const results = await collect(fetcher.asCompleted(inputs));
  expect(results.map(({ index }) => index).toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5]);
  expect(results.filter(({ kind }) => kind === 'failure')).toHaveLength(4);
});

test('asCompleted() does nothing before the first next()', async () => {
  const wire = heldTransport();
  await using fetcher = createFetcher({ transport: wire.transport });
  const source = endless();
  fetcher.asCompleted(source);
  await quiet();
  expect([source.pulled, wire.sent.length]).toEqual([0, 0]);
});

test('asCompleted() gives concurrent next() calls one result each, and ends them all', async () => {
  await using fetcher = createFetcher({ transport: mockTransport(() => ({})) });
  const results = fetcher.asCompleted(urls(2));
  const steps = await Promise.all([results.next(), results.next(), results.next(), results.next()]);
  expect(steps.map(({ done }) => done)).toEqual([false, false, true, true]);
  expect(new Set(steps.slice(0, 2).map(({ value }) => value?.index))).toEqual(new Set([0, 1]));
});

test.each([1, 3])(
  'asCompleted() starts nothing in place of a result before its record is written, with concurrency %i',
  async (concurrency) => {
    let sent = 0;
    const transport = mockTransport(() => {
      sent += 1;
      return {};
    });
    await using fetcher = createFetcher({ transport, concurrency, perHost: { concurrency } });
    let recorded = 0;
    let most = 0;
    for await (const _ of fetcher.asCompleted(urls(50))) {
      // As the command writes it: within the turn of the event loop that brought the result.
      most = Math.max(most, sent - recorded);
      recorded += 1;
    }
    expect([recorded, most]).toEqual([50, concurrency]);
  },
);

describe('asCompleted() with a consumer that stops reading', () => {
  test('starts no more than concurrency allows, unread results included', async () => {
    await using server = await serve(respond(200));
    await using fetcher = createFetcher({ concurrency: 4, perHost: { concurrency: 4 }, readAhead: 10 });
    const source = Array.from({ length: 100 }, (_, at) => `${server.url}/${at}`);
    const results = fetcher.asCompleted(source);
    await results.next();
    await server.seen(5);
    await quiet();
    // One result was read; four wait to be read.
    expect(server.requests).toHaveLength(5);
    for (let read = 0; read < 10; read += 1) await results.next();
    await server.seen(15);
    await quiet();
    expect(server.requests).toHaveLength(15);
    await results.return?.();
  });

  test('reads no more than readAhead requests ahead', async () => {
    const wire = heldTransport();
    await using fetcher = createFetcher({
      transport: wire.transport,
      concurrency: 3,
      perHost: { concurrency: 3 },
      readAhead: 7,
    });
    const source = endless();
    const results = fetcher.asCompleted(source);
    const first = results.next();
    await wire.until(3);
    await quiet();
    expect(source.pulled).toBeLessThanOrEqual(3 + 7 + 1);
    wire.answerAll();
    await first;
    await quiet();
    expect(source.pulled).toBeLessThanOrEqual(1 + 3 + 7 + 1);
    await results.return?.();
  });

  test.each([1, 10, 200])('keeps reading as requests start when readAhead is %i', async (readAhead) => {
    const wire = heldTransport();
    await using fetcher = createFetcher({
      transport: wire.transport,
      concurrency: 10,
      perHost: { concurrency: 1 },
      readAhead,
    });
    const ofBusy = Array.from({ length: readAhead + 3 }, (_, at) => `http://busy.test/${at}`);
    const results = fetcher.asCompleted([...ofBusy, 'http://other.test/other']);
    const read = Array.from({ length: 20 }, () => results.next());
    // A busy host must not hide the other one until everything that waits for it has started.
    for (let started = 1; started <= 6 && !wire.sent.includes('/other'); started += 1) {
      await wire.until(started);
      await quiet();
      if (!wire.sent.includes('/other')) wire.answerAll();
    }
    expect(wire.sent).toContain('/other');
    await results.return?.();
    await Promise.all(read);
  });

  test('keeps reading and starting when readAhead is 0', async () => {
    const wire = heldTransport();
    await using fetcher = createFetcher({
      transport: wire.transport,
      concurrency: 3,
      perHost: { concurrency: 3 },
      readAhead: 0,
    });
    const source = endless();
    const results = fetcher.asCompleted(source);
    const first = results.next();
    await wire.until(3);
    await quiet();
    expect(source.pulled).toBe(3);
    wire.answer('/0');
    await first;
    void results.next();
    await wire.until(4);
    await results.return?.();
  });

  test('does not let invalid inputs pile up either', async () => {
    await using fetcher = createFetcher({ transport: mockTransport(() => ({})), concurrency: 5 });
    let pulled = 0;
    const results = fetcher.asCompleted(
      (function* () {
        for (;;) yield `nonsense ${pulled++}`;
      })(),
    );
    await results.next();
    await quiet();
    expect(pulled).toBeLessThanOrEqual(7);
    await results.return?.();
  });
});

describe('asCompleted() left early', () => {
  test('by break cancels all work, closes the source and waits for the requests in flight', async () => {
    const wire = heldTransport();
    await using fetcher = createFetcher({ transport: wire.transport, concurrency: 3, perHost: { concurrency: 3 } });
    const source = endless();
    void wire.until(3).then(() => wire.answer('/1'));
    for await (const result of fetcher.asCompleted(source)) {
      expect(result.index).toBe(1);
      break;
    }
    expect(source.isClosed).toBe(true);
    expect(wire.underWay).toEqual([]);
    const sent = wire.sent.length;
    await quiet();
    expect(wire.sent).toHaveLength(sent);
  });

  test('by an exception in the loop does the same', async () => {
    const wire = heldTransport();
    await using fetcher = createFetcher({ transport: wire.transport });
    const source = endless();
    void wire.until(3).then(() => wire.answer('/1'));
    const looping = (async () => {
      for await (const { index } of fetcher.asCompleted(source)) throw new Error(`loop ${index}`);
    })();
    await expect(looping).rejects.toThrow('loop 1');
    expect([source.isClosed, wire.underWay.length]).toEqual([true, 0]);
  });

  test('does not wait for a source that itself waits, and ends a pending next()', async () => {
    await using fetcher = createFetcher({ transport: mockTransport(() => ({})) });
    let isReturnCalled = false;
    const stuck: AsyncIterableIterator<string> = {
      next: () => new Promise(() => undefined),
      return: () => {
        isReturnCalled = true;
        return new Promise(() => undefined);
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
    const results = fetcher.asCompleted(stuck);
    const pending = results.next();
    expect(await results.return?.()).toEqual({ done: true, value: undefined });
    expect(await pending).toEqual({ done: true, value: undefined });
    expect(isReturnCalled).toBe(true);
  });

  test('ignores a source that throws when it is closed', async () => {
    await using fetcher = createFetcher({ transport: mockTransport(() => ({})) });
    const source = {
      next: () => ({ done: false, value: 'http://a.test/' }) as const,
      return: () => {
        throw new Error('will not close');
      },
      [Symbol.iterator]() {
        return this;
      },
    };
    let read = 0;
    for await (const { ok } of fetcher.asCompleted(source)) {
      expect(ok).toBe(true);
      read += 1;
      if (read === 3) break;
    }
    expect(read).toBe(3);
  });

  test('before it began never opens the source', async () => {
    await using fetcher = createFetcher({ transport: mockTransport(() => ({})) });
    const results = fetcher.asCompleted({
      [Symbol.iterator]: () => {
        throw new Error('opened');
      },
    });
    expect(await results.return?.()).toEqual({ done: true, value: undefined });
    expect(await results.next()).toEqual({ done: true, value: undefined });
  });

  test('by `await using` does the same as break', async () => {
    const wire = heldTransport();
    await using fetcher = createFetcher({ transport: wire.transport });
    const source = endless();
    {
      await using results = fetcher.asCompleted(source);
      void results.next();
      await wire.until(1);
    }
    expect([source.isClosed, wire.underWay.length]).toEqual([true, 0]);
  });

  test('while its host is paused leaves no timer that keeps the process alive', async () => {
    vi.useFakeTimers();
    const transport = mockTransport(() => ({ status: 503, headers: { 'retry-after': '50' } }));
    await using fetcher = createFetcher({ transport, concurrency: 2 });
    const results = fetcher.asCompleted(urls(10));
    const first = results.next();
    await vi.advanceTimersByTimeAsync(10);
    expect(vi.getTimerCount()).toBeGreaterThan(0);
    await results.return?.();
    await first;
    expect(vi.getTimerCount()).toBe(0);
  });

  test('closes the connections in use', async () => {
    await using server = await serve({ '/fast': respond(200), '*': silence });
    await using fetcher = createFetcher();
    async function* source(): AsyncGenerator<string> {
      yield `${server.url}/slow`;
      await server.seen(1);
      yield `${server.url}/fast`;
    }
    for await (const { status } of fetcher.asCompleted(source()) as AsyncIterable<{ status?: number }>) {
      expect(status).toBe(200);
      break;
    }
    await expect.poll(() => server.connections.open).toBeLessThanOrEqual(1);
  });
});

describe('asCompleted() aborted', () => {
  test('yields a cancelled result for each request that was read, then throws the reason', async () => {
    const wire = heldTransport();
    await using fetcher = createFetcher({ transport: wire.transport, concurrency: 2, readAhead: 10 });
    const controller = new AbortController();
    const reason = new Error('enough');
    const seen: FetchResult[] = [];
    const source = [...urls(4), { url: 'http://b.test/last', method: 'POST', id: 'b' }];
    const looping = (async () => {
      for await (const result of fetcher.asCompleted(source, { signal: controller.signal })) seen.push(result);
    })();
    await wire.until(2);
    controller.abort(reason);
    await expect(looping).rejects.toBe(reason);
    expect(seen.map(({ index, kind }) => `${index} ${kind}`).sort()).toEqual(
      source.map((_, index) => `${index} cancelled`),
    );
    const sent = seen.filter(({ attempts }) => attempts > 0);
    expect(sent.map(({ url }) => url).sort()).toEqual(['http://a.test/0', 'http://a.test/1']);
    for (const { at, elapsedMs } of sent) {
      expect(Date.parse(at ?? '')).toBeGreaterThan(Date.now() - 60_000);
      expect(elapsedMs).toBeGreaterThanOrEqual(0);
    }
    const unsent = seen.find(({ id }) => id === 'b')!;
    expect(unsent).toMatchObject({
      index: 4,
      url: 'http://b.test/last',
      method: 'POST',
      ok: false,
      attempts: 0,
      elapsedMs: 0,
    });
    expect(unsent).not.toHaveProperty('at');
    expect(unsent).not.toHaveProperty('length');
    expect(unsent).not.toHaveProperty('status');
    expect(unsent.kind === 'cancelled' && unsent.error).toMatchObject({
      code: 'ABORTED',
      retryable: false,
      cause: reason,
    });
  });

  test('still yields the unread results', async () => {
    const wire = heldTransport();
    await using fetcher = createFetcher({ transport: wire.transport });
    const controller = new AbortController();
    const results = fetcher.asCompleted(urls(3), { signal: controller.signal });
    const first = results.next();
    await wire.until(3);
    wire.answer('/0');
    wire.answer('/1');
    await first;
    await quiet();
    controller.abort();
    expect((await results.next()).value).toMatchObject({ index: 1, kind: 'response' });
    expect((await results.next()).value).toMatchObject({ index: 2, kind: 'cancelled' });
    await expect(results.next()).rejects.toBe(controller.signal.reason);
    expect(await results.next()).toEqual({ done: true, value: undefined });
  });

  test('before it began sends nothing and throws the reason', async () => {
    await using fetcher = createFetcher({ transport: mockTransport(() => ({})) });
    const source = endless();
    const results = fetcher.asCompleted(source, { signal: AbortSignal.abort('no') });
    await expect(results.next()).rejects.toBe('no');
    expect(source.pulled).toBe(0);
  });

  test('closes a source that waits, and does not wait for it', async () => {
    const wire = heldTransport();
    await using fetcher = createFetcher({ transport: wire.transport });
    const controller = new AbortController();
    const results = fetcher.asCompleted(
      (async function* () {
        yield 'http://a.test/0';
        await new Promise(() => undefined);
      })(),
      { signal: controller.signal },
    );
    const first = results.next();
    await wire.until(1);
    controller.abort('stop');
    expect((await first).value).toMatchObject({ kind: 'cancelled' });
    await expect(results.next()).rejects.toBe('stop');
  });
});

describe('asCompleted() with a source that throws', () => {
  const fault = new Error('disk on fire');
  const lists: [
    string,
    (wire: { until(count: number): Promise<void> }) => Iterable<string> | AsyncIterable<string>,
    number,
  ][] = [
    [
      'on being opened',
      () => ({
        [Symbol.iterator]() {
          throw fault;
        },
      }),
      0,
    ],
    [
      'at its first value',
      // oxlint-disable-next-line require-yield -- never reached
      function* () {
        throw fault;
      },
      0,
    ],
    [
      'at its first value, later',
      // oxlint-disable-next-line require-yield -- never reached
      async function* () {
        await quiet();
        throw fault;
      },
      0,
    ],
    [
      'midway',
      function* () {
        yield* urls(2);
        throw fault;
      },
      2,
    ],
    [
      'midway, later',
      async function* (wire) {
        yield* urls(2);
        await wire.until(2);
        throw fault;
      },
      2,
    ],
  ];

  test.each(lists)(
    '%s: what was in flight is cancelled and settled, then the error is thrown',
    async (_, source, pulled) => {
      const wire = heldTransport();
      await using fetcher = createFetcher({ transport: wire.transport });
      const seen: FetchResult[] = [];
      const looping = (async () => {
        for await (const result of fetcher.asCompleted(source(wire))) seen.push(result);
      })();
      await expect(looping).rejects.toBe(fault);
      expect(seen.map(({ kind }) => kind)).toEqual(Array.from({ length: pulled }, () => 'cancelled'));
      expect(wire.underWay).toEqual([]);
    },
  );

  test('that is not an iterator throws a TypeError', async () => {
    await using fetcher = createFetcher({ transport: mockTransport(() => ({})) });
    const source = { [Symbol.iterator]: () => ({ next: () => 5 }) } as unknown as Iterable<string>;
    await expect(fetcher.asCompleted(source).next()).rejects.toThrow(TypeError);
  });
});

test('asCompleted() throws at once for a value that is not a source', async () => {
  await using fetcher = createFetcher();
  expect(() => fetcher.asCompleted('http://a.test/')).toThrow(TypeError);
});

test('asCompleted() continues after failures', async () => {
  const transport = mockTransport(({ url }) => (url.endsWith('0') ? new FetchError('TLS_HOST', 'Wrong name') : {}));
  await using fetcher = createFetcher({ ...wide, transport });
  const results = await collect(fetcher.asCompleted(urls(100)));
  expect(results.filter(({ kind }) => kind === 'failure')).toHaveLength(10);
  expect(results.filter(({ kind }) => kind === 'response')).toHaveLength(90);
});

test('asCompleted() sends the first requests before it has read everything it may read ahead', async () => {
  const source = endless();
  const readAtStart = await new Promise<number>((resolve) => {
    const fetcher = createFetcher({
      transport: mockTransport(async () => {
        await new Promise(setImmediate);
        resolve(source.pulled);
        return {};
      }),
    });
    void fetcher
      .asCompleted(source)
      .next()
      .then(() => fetcher.close());
  });
  expect(readAtStart).toBeLessThan(1000);
});
