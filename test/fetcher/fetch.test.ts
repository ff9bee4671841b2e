import { afterEach, describe, expect, expectTypeOf, test, vi } from 'vitest';
import {
  createFetcher,
  FetchError,
  mockTransport,
  type CancelledResult,
  type FailureResult,
  type FetchErrorCode,
  type FetchResult,
  type ResponseResult,
  type Transport,
} from '../../src/index.ts';
import { createFetcherOver } from '../../src/fetcher/fetcher.ts';
import { resolveOptions } from '../../src/fetcher/options.ts';
import type { CallTransport } from '../../src/call/send.ts';
import { failed as failedOutcome } from '../../src/call/outcome.ts';
import { heldTransport } from '../helpers/held-transport.ts';
import { deadPort } from '../helpers/servers/raw-server.ts';
import { quiet } from '../helpers/process/quiet.ts';
import { respond, serve, silence } from '../helpers/servers/serve.ts';
import { failureOf, responseOf } from '../helpers/kinds.ts';

afterEach(() => {
  vi.useRealTimers();
});

/** Milliseconds; far less than the wait that the abort ends. */
const inPrompt = 500;

/** Resolves with the value of a promise and the milliseconds it took. */
async function timed<T>(promise: Promise<T>): Promise<{ value: T; ms: number }> {
  const start = performance.now();
  return { value: await promise, ms: performance.now() - start };
}

describe('fetch()', () => {
  test('resolves with every field of a response', async () => {
    await using server = await serve({
      '/from': respond(302, { location: '/to?q=1#part' }),
      '/to?q=1': respond(200, { 'content-type': 'application/json', 'x-twice': ['a', 'b'] }, '{"a":"ä"}'),
    });
    await using fetcher = createFetcher();
    const before = Date.now();
    const result = responseOf(await fetcher.fetch({ url: `${server.url}/from#mine`, method: 'get', id: 'job-1' }));
    expect(JSON.parse(JSON.stringify(result))).toEqual({
      kind: 'response',
      index: 0,
      url: `${server.url}/from#mine`,
      method: 'GET',
      ok: true,
      status: 200,
      length: 10,
      wireLength: 10,
      elapsedMs: result.elapsedMs,
      attempts: 1,
      complete: 'framed',
      finalUrl: `${server.url}/to?q=1`,
      redirects: 1,
      headers: result.headers,
      timingsMs: result.timingsMs,
      at: result.at,
      id: 'job-1',
      mediaType: 'application/json',
    });
    expect(result.headers).toMatchObject({ 'content-type': 'application/json', 'x-twice': 'a, b' });
    const at = Date.parse(result.at ?? '');
    expect(at).toBeGreaterThanOrEqual(before);
    expect(at).toBeLessThanOrEqual(Date.now());
    expect(new Date(at).toISOString()).toBe(result.at);
    expect(result.elapsedMs).toBeGreaterThan(0);
    expect(Object.values(result.timingsMs).every((ms) => ms >= 0)).toBe(true);
    expect(result.timingsMs).toMatchObject({
      queue: expect.any(Number),
      firstByte: expect.any(Number),
      download: expect.any(Number),
    });
    expect(result.json()).toEqual({ a: 'ä' });
    expect(result.text()).toBe('{"a":"ä"}');
    expect(result.bytes()).toEqual(expect.any(Uint8Array));
  });

  test('has the timings of a new connection, and omits them on a reused one', async () => {
    await using server = await serve(respond(200));
    await using fetcher = createFetcher();
    const [first, second] = [await fetcher.fetch(server.at('a')), await fetcher.fetch(server.at('a'))];
    expect(first.timingsMs).toMatchObject({ dns: expect.any(Number), connect: expect.any(Number) });
    expect(second.timingsMs).not.toHaveProperty('dns');
    expect(second.timingsMs).not.toHaveProperty('connect');
    expect(server.connections.made).toBe(1);
  });

  test('resolves with every field of a failure', async () => {
    const port = await deadPort();
    await using fetcher = createFetcher({ retry: { retries: 1 } });
    const result = failureOf(await fetcher.fetch({ url: `http://127.0.0.1:${port}/x`, id: 'dead' }));
    expect(result).toMatchObject({
      kind: 'failure',
      index: 0,
      url: `http://127.0.0.1:${port}/x`,
      method: 'GET',
      ok: false,
      length: 0,
      attempts: 2,
      id: 'dead',
      at: expect.stringMatching(/^\d{4}-.*Z$/),
      elapsedMs: expect.any(Number),
      timingsMs: expect.any(Object),
    });
    expect(result.error).toBeInstanceOf(FetchError);
    expect(result.error).toMatchObject({ code: 'CONNECT_REFUSED', retryable: true, cause: { code: 'ECONNREFUSED' } });
    expect(JSON.parse(JSON.stringify(result)).error).toEqual({
      code: 'CONNECT_REFUSED',
      message: result.error.message,
      retryable: true,
    });
    expect(result).not.toHaveProperty('status');
  });

  test('narrows by kind', () => {
    expect(narrowing).toBeTypeOf('function');
  });

  test('sets ok by the expected statuses', async () => {
    await using server = await serve({ '/200': respond(200), '/404': respond(404), '/418': respond(418) });
    await using listed = createFetcher({ expect: '404' });
    await using asked = createFetcher({ expect: (status) => status === 418 });
    const okOf = async (fetcher: typeof listed, path: string): Promise<boolean> =>
      (await fetcher.fetch(server.url + path)).ok;
    expect([await okOf(listed, '/200'), await okOf(listed, '/404')]).toEqual([false, true]);
    expect([await okOf(asked, '/200'), await okOf(asked, '/418')]).toEqual([false, true]);
  });

  test('turns an exception of its transport into a failure, and leaves no timer behind', async () => {
    vi.useFakeTimers();
    const fault = new Error('my own bug');
    const transport: Transport = {
      send() {
        throw fault;
      },
      close: () => Promise.resolve(),
    };
    await using fetcher = createFetcher({ transport, timeoutMs: 1000, urlDeadlineMs: 2000 });
    const result = await fetcher.fetch('http://a.test/');
    expect(result).toMatchObject({ kind: 'failure', attempts: 1, error: { code: 'INTERNAL', cause: fault } });
    expect(vi.getTimerCount()).toBe(0);
  });

  test('takes the first outcome of a built-in transport that reports two', async () => {
    let sendings = 0;
    const transport: CallTransport = {
      send(_request, _call, done) {
        sendings += 1;
        const code = sendings === 1 ? 'CONN_RESET' : 'HTTP_PROTOCOL';
        for (let times = 0; times < 2; times += 1) done(failedOutcome(new FetchError(code, `sending ${sendings}`)));
      },
      close: () => Promise.resolve(),
    };
    await using fetcher = createFetcherOver(transport, resolveOptions({ concurrency: 1 }));
    const result = await fetcher.fetch('http://a.test/');
    expect(result).toMatchObject({ attempts: 2, error: { code: 'HTTP_PROTOCOL' } });
    // A second retry beside the first would end later and keep the slot.
    await quiet();
    expect(await fetcher.fetch('http://a.test/')).toMatchObject({ error: { code: 'HTTP_PROTOCOL' } });
    expect(sendings).toBe(3);
  });

  test('counts the body and discards it with responseBody: discard', async () => {
    await using server = await serve(respond(200, {}, 'hello'));
    await using fetcher = createFetcher({ responseBody: 'discard' });
    const result = responseOf(await fetcher.fetch(server.url));
    expect([result.length, result.wireLength]).toEqual([5, 5]);
    for (const read of [() => result.bytes(), () => result.text(), () => result.json()])
      expect(read).toThrow(/as 'responseBody' did not keep it/);
  });
});

describe('fetch() with a signal', () => {
  test('that has aborted already sends nothing', async () => {
    const wire = heldTransport();
    await using fetcher = createFetcher({ transport: wire.transport });
    const result = await fetcher.fetch('http://a.test/', { signal: AbortSignal.abort('no') });
    expect(result).toMatchObject({
      kind: 'cancelled',
      ok: false,
      attempts: 0,
      elapsedMs: 0,
      error: { code: 'ABORTED', cause: 'no' },
    });
    expect(result).not.toHaveProperty('at');
    expect(wire.sent).toEqual([]);
  });

  test('aborted in the queue settles at once and takes no slot', async () => {
    const wire = heldTransport();
    await using fetcher = createFetcher({ transport: wire.transport, concurrency: 1 });
    const first = fetcher.fetch('http://a.test/1');
    const controller = new AbortController();
    const second = fetcher.fetch('http://a.test/2', { signal: controller.signal });
    const third = fetcher.fetch('http://a.test/3');
    await wire.until(1);
    controller.abort();
    const { value, ms } = await timed(second);
    expect(ms).toBeLessThan(inPrompt);
    expect(value).toMatchObject({ kind: 'cancelled', attempts: 0 });
    wire.answer('/1');
    await wire.until(2);
    wire.answer('/3');
    expect((await Promise.all([first, third])).map(({ ok }) => ok)).toEqual([true, true]);
    expect(wire.sent).toEqual(['/1', '/3']);
  });

  test('aborted in flight settles at once and closes its connection', async () => {
    await using server = await serve(silence);
    await using fetcher = createFetcher();
    const controller = new AbortController();
    const fetched = fetcher.fetch(server.url, { signal: controller.signal });
    await server.seen(1);
    controller.abort(new Error('enough'));
    const { value, ms } = await timed(fetched);
    expect(ms).toBeLessThan(inPrompt);
    expect(value).toMatchObject({ kind: 'cancelled', attempts: 1, at: expect.any(String), error: { code: 'ABORTED' } });
    expect(value).not.toHaveProperty('length');
    await server.deserted();
  });

  test('aborted in the middle of a body settles at once', async () => {
    await using server = await serve((response) => {
      response.writeHead(200, { 'content-length': 1000 });
      response.write('half');
    });
    await using fetcher = createFetcher();
    const controller = new AbortController();
    const fetched = fetcher.fetch(server.url, { signal: controller.signal });
    await server.seen(1);
    await quiet();
    controller.abort();
    const { value, ms } = await timed(fetched);
    expect(ms).toBeLessThan(inPrompt);
    expect(value.kind).toBe('cancelled');
    await server.deserted();
  });

  test('aborted during the backoff settles at once and sends nothing again', async () => {
    let sent = 0;
    const { promise: failed, resolve } = Promise.withResolvers<void>();
    const transport = mockTransport(() => {
      sent += 1;
      resolve();
      return { status: 429, headers: { 'retry-after': '50' } };
    });
    await using fetcher = createFetcher({ transport });
    const controller = new AbortController();
    const fetched = fetcher.fetch('http://a.test/', { signal: controller.signal });
    await failed;
    await quiet();
    controller.abort();
    const { value, ms } = await timed(fetched);
    expect(ms).toBeLessThan(inPrompt);
    expect(value).toMatchObject({ kind: 'cancelled', attempts: 1 });
    expect(sent).toBe(1);
  });

  test('aborted while it waits for the slot of its next attempt settles at once', async () => {
    const wire = heldTransport();
    await using fetcher = createFetcher({ transport: wire.transport, concurrency: 1 });
    const controller = new AbortController();
    const flaky = fetcher.fetch('http://a.test/flaky', { signal: controller.signal });
    const other = fetcher.fetch('http://b.test/other');
    await wire.until(1);
    wire.answer('/flaky', { status: 503 });
    await wire.until(2);
    // Longer than the first backoff can be.
    await new Promise((resolve) => setTimeout(resolve, 220));
    controller.abort();
    const { value, ms } = await timed(flaky);
    expect(ms).toBeLessThan(inPrompt);
    expect(value).toMatchObject({ kind: 'cancelled', attempts: 1 });
    wire.answer('/other');
    expect(await other).toMatchObject({ ok: true });
    expect(wire.sent).toEqual(['/flaky', '/other']);
  });

  test('aborted after the end changes nothing', async () => {
    await using fetcher = createFetcher({ transport: mockTransport(() => ({})) });
    const controller = new AbortController();
    const result = await fetcher.fetch('http://a.test/', { signal: controller.signal });
    controller.abort();
    expect(result.kind).toBe('response');
  });

  test('aborted with a FetchError as the reason is cancelled too', async () => {
    await using server = await serve(silence);
    await using fetcher = createFetcher();
    const controller = new AbortController();
    const fetched = fetcher.fetch(server.url, { signal: controller.signal });
    await server.seen(1);
    controller.abort(new FetchError('TIMEOUT', 'not really'));
    expect(await fetched).toMatchObject({ kind: 'cancelled', error: { code: 'ABORTED', cause: { code: 'TIMEOUT' } } });
  });
});

/** Never called: the compiler is the test. */
function narrowing(result: FetchResult): void {
  expectTypeOf(result.kind).toEqualTypeOf<'response' | 'failure' | 'cancelled'>();
  expectTypeOf(result).toHaveProperty('index').toEqualTypeOf<number>();
  expectTypeOf(result.at).toEqualTypeOf<string | undefined>();
  if (result.kind === 'response') {
    expectTypeOf(result).toEqualTypeOf<ResponseResult>();
    expectTypeOf(result.status).toEqualTypeOf<number>();
    expectTypeOf(result.complete).toEqualTypeOf<'framed' | 'unverified'>();
    expectTypeOf(result).not.toHaveProperty('error');
  } else if (result.kind === 'failure') {
    expectTypeOf(result).toEqualTypeOf<FailureResult>();
    expectTypeOf(result.ok).toEqualTypeOf<false>();
    expectTypeOf(result.error.code).toEqualTypeOf<FetchErrorCode>();
    expectTypeOf(result.length).toEqualTypeOf<number>();
  } else {
    expectTypeOf(result).toEqualTypeOf<CancelledResult>();
    expectTypeOf(result).not.toHaveProperty('length');
  }
  if (result.ok) expectTypeOf(result).toEqualTypeOf<ResponseResult>();
}

test('an invalid signal throws a TypeError that names it, wherever it is given', async () => {
  await using fetcher = createFetcher({ transport: mockTransport(() => ({})) });
  const signal = 5 as unknown as AbortSignal;
  const wrong = /'signal' must be an AbortSignal/;
  await expect(fetcher.fetch('http://example.com/', { signal })).rejects.toThrow(wrong);
  await expect(fetcher.gather([], { signal })).rejects.toThrow(wrong);
  expect(() => fetcher.asCompleted([], { signal })).toThrow(wrong);
  expect(() => fetcher.sequential([], { signal })).toThrow(wrong);
  await expect(fetcher.wait(['http://example.com/'], { signal })).rejects.toThrow(wrong);
});
