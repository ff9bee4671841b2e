import { afterEach, describe, expect, test, vi } from 'vitest';
import { createFetcher } from '../../src/index.ts';
import { heldTransport } from '../helpers/held-transport.ts';
import { rawServer, send } from '../helpers/servers/raw-server.ts';
import { held, respond, serve, silence } from '../helpers/servers/serve.ts';
import { failureOf } from '../helpers/kinds.ts';

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const once = { retry: { retries: 0 } };

describe('timeoutMs', () => {
  test('ends an attempt without a response', async () => {
    await using server = await serve(silence);
    await using fetcher = createFetcher({ ...once, timeoutMs: 60 });
    const result = await fetcher.fetch(server.url);
    expect(result).toMatchObject({ kind: 'failure', attempts: 1, error: { code: 'TIMEOUT', retryable: true } });
    expect(result.elapsedMs).toBeGreaterThanOrEqual(58);
    await server.deserted();
  });

  test('ends a body that trickles for ever, and counts what had arrived', async () => {
    await using server = await serve((response) => {
      response.writeHead(200, { 'content-length': 1000 });
      const timer = setInterval(() => response.write('x'), 10);
      response.once('close', () => clearInterval(timer));
    });
    await using fetcher = createFetcher({ ...once, timeoutMs: 400 });
    const result = failureOf(await fetcher.fetch(`${server.url}/trickle`));
    expect(result).toMatchObject({ error: { code: 'TIMEOUT' }, finalUrl: `${server.url}/trickle`, redirects: 0 });
    expect(result.length).toBeGreaterThan(0);
    expect(result.length).toBeLessThan(42);
    expect(result.wireLength).toBe(result.length);
    await server.deserted();
  });

  test('ends an endless stream of interim responses', async () => {
    await using server = await rawServer((socket) => {
      const timer = setInterval(() => socket.write('HTTP/1.1 103 Early Hints\r\n\r\n'), 20);
      socket.once('close', () => clearInterval(timer));
    });
    await using fetcher = createFetcher({ ...once, timeoutMs: 150 });
    expect(await fetcher.fetch(server.url)).toMatchObject({ error: { code: 'TIMEOUT' } });
    await server.deserted();
  });

  test('limits one attempt: the next one has the full time', async () => {
    await using server = await serve([silence, respond(200)]);
    await using fetcher = createFetcher({ timeoutMs: 600, retry: { retries: 1 } });
    const result = await fetcher.fetch(server.url);
    expect(result).toMatchObject({ status: 200, attempts: 2 });
    expect(result.elapsedMs).toBeGreaterThanOrEqual(598);
  });

  test('covers all hops of a redirect together', async () => {
    await using server = await serve({ '/a': respond(302, { location: '/b' }), '/b': silence });
    await using fetcher = createFetcher({ ...once, timeoutMs: 500 });
    expect(await fetcher.fetch(`${server.url}/a`)).toMatchObject({ error: { code: 'TIMEOUT' }, redirects: 1 });
  });

  test('does not count the wait of a redirect for a slot at a busy host', async () => {
    vi.useFakeTimers();
    const wire = heldTransport();
    await using fetcher = createFetcher({
      ...once,
      transport: wire.transport,
      timeoutMs: 200,
      perHost: { concurrency: 1 },
    });
    const busy = fetcher.fetch('http://b.test/busy');
    const redirected = fetcher.fetch('http://a.test/from');
    await vi.advanceTimersByTimeAsync(10);
    wire.answer('/from', { status: 302, headers: { location: 'http://b.test/to' } });
    await vi.advanceTimersByTimeAsync(180);
    wire.answer('/busy');
    await busy;
    await vi.advanceTimersByTimeAsync(180);
    wire.answer('/to');
    const result = await redirected;
    expect(result).toMatchObject({ status: 200, redirects: 1, elapsedMs: 190 });
  });

  test('leaves no timer of an attempt that was in time', async () => {
    const answer = held(respond(200));
    await using server = await serve(answer);
    await using fetcher = createFetcher({ timeoutMs: 5000 });
    const fetched = fetcher.fetch(server.url);
    await server.seen(1);
    answer.release();
    expect((await fetched).ok).toBe(true);
    expect(process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length).toBeLessThan(3);
  });
});

describe('headersTimeoutMs', () => {
  test('ends the wait for a head that arrives byte by byte', async () => {
    await using server = await rawServer((socket) => {
      const timer = setInterval(() => socket.write('H'), 20);
      socket.write('HTTP/1.1 200 OK\r\nX-Slow: ');
      socket.once('close', () => clearInterval(timer));
    });
    await using fetcher = createFetcher({ ...once, headersTimeoutMs: 100 });
    expect(await fetcher.fetch(server.url)).toMatchObject({
      error: { code: 'HEADERS_TIMEOUT', retryable: true },
      length: 0,
    });
    await server.deserted();
  });

  test('counts from the request, not from the last interim response', async () => {
    await using server = await rawServer((socket) => {
      const timer = setInterval(() => socket.write('HTTP/1.1 103 Early Hints\r\n\r\n'), 20);
      socket.once('close', () => clearInterval(timer));
    });
    await using fetcher = createFetcher({ ...once, headersTimeoutMs: 100 });
    expect(await fetcher.fetch(server.url)).toMatchObject({ error: { code: 'HEADERS_TIMEOUT' } });
  });

  test('does not limit the body', async () => {
    await using server = await rawServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na');
      setTimeout(() => socket.write('b'), 1200);
    });
    await using fetcher = createFetcher({ ...once, headersTimeoutMs: 1000 });
    expect(await fetcher.fetch(server.url)).toMatchObject({ status: 200, length: 2 });
  });
});

describe('idleTimeoutMs', () => {
  test('ends a body that stands still, and counts what had arrived', async () => {
    await using server = await rawServer(send('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf'));
    await using fetcher = createFetcher({ ...once, idleTimeoutMs: 80 });
    const result = await fetcher.fetch(server.url);
    expect(result).toMatchObject({
      kind: 'failure',
      length: 4,
      wireLength: 4,
      error: { code: 'BODY_TIMEOUT', retryable: true },
    });
    await server.deserted();
  });

  test('does not end a slow body that keeps moving', async () => {
    await using server = await rawServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n');
      let left = 15;
      const timer = setInterval(() => {
        socket.write('x');
        left -= 1;
        if (left === 0) clearInterval(timer);
      }, 100);
      socket.once('close', () => clearInterval(timer));
    });
    await using fetcher = createFetcher({ ...once, idleTimeoutMs: 1000 });
    const result = await fetcher.fetch(server.url);
    expect(result).toMatchObject({ status: 200, length: 15 });
    expect(result.elapsedMs).toBeGreaterThan(1000);
  });

  test('does not limit the head', async () => {
    await using server = await rawServer(
      (socket) => void setTimeout(() => socket.write('HTTP/1.1 204 No\r\n\r\n'), 150),
    );
    await using fetcher = createFetcher({ ...once, idleTimeoutMs: 80 });
    expect(await fetcher.fetch(server.url)).toMatchObject({ status: 204 });
  });
});
