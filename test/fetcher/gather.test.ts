import { expect, test } from 'vitest';
import { createFetcher, FetchError, mockTransport } from '../../src/index.ts';
import { heldTransport } from '../helpers/held-transport.ts';
import { quiet } from '../helpers/process/quiet.ts';
import { respond, serve, silence } from '../helpers/servers/serve.ts';

const urls = (count: number): string[] => Array.from({ length: count }, (_, at) => `http://a.test/${at}`);
const refused = (): FetchError => new FetchError('TLS_HOST', 'Wrong name');

test('gather() resolves with the results in input order, whatever the order of completion', async () => {
  const wire = heldTransport();
  await using fetcher = createFetcher({ transport: wire.transport });
  const gathered = fetcher.gather(urls(4));
  await wire.until(4);
  for (const path of ['/2', '/0', '/3', '/1']) wire.answer(path, { body: path });
  const results = await gathered;
  expect(results.map(({ index, url }) => `${index} ${url}`)).toEqual(urls(4).map((url, at) => `${at} ${url}`));
  expect(results.map((result) => result.kind === 'response' && result.text())).toEqual(['/0', '/1', '/2', '/3']);
});

test('gather() of no requests resolves with an empty array', async () => {
  await using fetcher = createFetcher();
  expect(await fetcher.gather([])).toEqual([]);
});

test('gather() accepts an async generator of every kind of input', async () => {
  await using server = await serve(respond(200));
  async function* inputs(): AsyncGenerator<string | URL | { url: string; method: string; id: string }> {
    yield `${server.url}/a`;
    yield new URL('/b', server.url);
    yield { url: `${server.url}/c`, method: 'delete', id: 'third' };
  }
  await using fetcher = createFetcher();
  const results = await fetcher.gather(inputs());
  expect(results.map(({ url, method, id }) => [url, method, id])).toEqual([
    [`${server.url}/a`, 'GET', undefined],
    [`${server.url}/b`, 'GET', undefined],
    [`${server.url}/c`, 'DELETE', 'third'],
  ]);
});

test('gather() treats a 404 as a result, not as a failure', async () => {
  await using server = await serve(respond(404));
  await using fetcher = createFetcher();
  expect(await fetcher.gather([server.url])).toMatchObject([{ kind: 'response', ok: false, status: 404 }]);
});

test('gather() rejects with the first failure once the other requests were cancelled and have settled', async () => {
  const wire = heldTransport();
  await using fetcher = createFetcher({ transport: wire.transport, concurrency: 3, perHost: { concurrency: 3 } });
  let isSourceClosed = false;
  function* source(): Generator<string> {
    try {
      yield* urls(1000);
      for (;;) yield 'http://a.test/more';
    } finally {
      isSourceClosed = true;
    }
  }
  const gathered = fetcher.gather(source());
  await wire.until(3);
  const error = refused();
  wire.answer('/1', error);
  await expect(gathered).rejects.toBe(error);
  expect(wire.underWay).toEqual([]);
  expect(wire.aborted).toEqual(wire.sent.filter((path) => path !== '/1'));
  expect(isSourceClosed).toBe(true);
  // The request that took the free slot before the failure was read.
  const sent = wire.sent.length;
  expect(sent).toBeLessThanOrEqual(4);
  await quiet();
  expect(wire.sent).toHaveLength(sent);
});

test('gather() rejects for an input that is not a URL', async () => {
  await using fetcher = createFetcher({ transport: mockTransport(() => ({})) });
  await expect(fetcher.gather(['http://a.test/', 'nonsense'])).rejects.toMatchObject({ code: 'URL_INVALID' });
});

test('gather() closes real connections when it fails', async () => {
  await using server = await serve({ '/hangs': silence });
  await using fetcher = createFetcher();
  const gathered = fetcher.gather(
    (async function* () {
      yield `${server.url}/hangs`;
      await server.seen(1);
      yield 'ftp://example.com/';
    })(),
  );
  await expect(gathered).rejects.toMatchObject({ code: 'URL_SCHEME' });
  await server.deserted();
});

test('gather({ returnExceptions }) resolves with a result for each request, failures included', async () => {
  const error = refused();
  const transport = mockTransport(({ url }) => (url.endsWith('/1') ? error : {}));
  await using fetcher = createFetcher({ transport });
  const results = await fetcher.gather([...urls(3), 'nonsense'], { returnExceptions: true });
  expect(results.map(({ kind }) => kind)).toEqual(['response', 'failure', 'response', 'failure']);
  expect(results[1]).toMatchObject({ index: 1, ok: false, length: 0, attempts: 1, error });
  expect(results[3]).toMatchObject({ index: 3, url: 'nonsense', attempts: 0, error: { code: 'URL_INVALID' } });
});

test.each([{}, { returnExceptions: true }])(
  'gather(%o) rejects with the reason of its signal, once everything has settled',
  async (options) => {
    const wire = heldTransport();
    await using fetcher = createFetcher({ transport: wire.transport, concurrency: 2 });
    const controller = new AbortController();
    const gathered = fetcher.gather(urls(5), { ...options, signal: controller.signal });
    await wire.until(2);
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(gathered).rejects.toBe(reason);
    expect(wire.aborted).toEqual(['/0', '/1']);
    await quiet();
    expect(wire.sent).toEqual(['/0', '/1']);
  },
);

test('gather() with a signal that has aborted already sends nothing', async () => {
  const wire = heldTransport();
  await using fetcher = createFetcher({ transport: wire.transport });
  const gathered = fetcher.gather(urls(2), { signal: AbortSignal.abort('no') });
  await expect(gathered).rejects.toBe('no');
  expect(wire.sent).toEqual([]);
});

test('gather() rejects with the error of its source once the requests in flight have settled', async () => {
  const wire = heldTransport();
  await using fetcher = createFetcher({ transport: wire.transport });
  const fault = new Error('disk on fire');
  const gathered = fetcher.gather(
    (async function* () {
      yield 'http://a.test/0';
      await wire.until(1);
      throw fault;
    })(),
  );
  await expect(gathered).rejects.toBe(fault);
  expect(wire.aborted).toEqual(['/0']);
});

test.each([
  ['a text', 'http://a.test/'],
  ['nothing', undefined],
  ['a number', 5],
  ['an object', {}],
])('gather() refuses %s as its source', async (_, source) => {
  await using fetcher = createFetcher();
  await expect(fetcher.gather(source as unknown as string[])).rejects.toThrow(TypeError);
  await expect(fetcher.gather(source as unknown as string[])).rejects.toThrow(/'inputs' must be an iterable/);
});
