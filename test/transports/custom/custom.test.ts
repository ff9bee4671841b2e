import { randomBytes } from 'node:crypto';
import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test, vi } from 'vitest';
import { FetchTransport } from '../../../examples/transports/fetch-transport.ts';
import { HttpTransport } from '../../../examples/transports/http-transport.ts';
import { UndiciTransport } from '../../../examples/transports/undici-transport.ts';
import { createFetcher, FetchError, type Transport, type TransportResponse } from '../../../src/index.ts';
import { failureOf, responseOf } from '../../helpers/kinds.ts';
import { rawServer } from '../../helpers/servers/raw-server.ts';
import { after, respond, serve, silence } from '../../helpers/servers/serve.ts';

const once = { retry: { retries: 0 } };

const clients: readonly (readonly [name: string, create: () => Transport])[] = [
  ['node:http', () => new HttpTransport()],
  ['the global fetch', () => new FetchTransport()],
  ['undici', () => new UndiciTransport()],
];

describe.for(clients)('a transport over %s', ([, create]) => {
  test('sends the method, the headers and the body', async () => {
    await using server = await serve(respond(201, { 'X-Twice': ['a', 'b'], 'Set-Cookie': ['one=1', 'two=2'] }, 'made'));
    await using fetcher = createFetcher({ transport: create() });
    const request = { url: `${server.url}/a?b`, method: 'POST', headers: { 'X-Mine': 'yes' }, body: 'hello' };
    const result = responseOf(await fetcher.fetch(request));
    expect([result.status, result.text(), result.complete]).toEqual([201, 'made', 'framed']);
    expect(result.headers).toMatchObject({ 'x-twice': 'a, b', 'set-cookie': ['one=1', 'two=2'] });
    const [seen] = server.requests;
    expect([seen?.method, seen?.path, seen?.headers['x-mine'], String(seen?.body)]).toEqual([
      'POST',
      '/a?b',
      'yes',
      'hello',
    ]);
  });

  test.for([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
  ] as const)('gets a body decoded from %s, once', async ([coding, encode]) => {
    const text = 'the same words over and over '.repeat(1000);
    await using server = await serve(respond(200, { 'content-encoding': coding }, encode(text)));
    await using fetcher = createFetcher({ transport: create() });
    const result = responseOf(await fetcher.fetch(server.url));
    expect([result.text() === text, result.length]).toEqual([true, text.length]);
    expect(result.headers['content-encoding']).toBe(coding);
  });

  test('leaves redirects to the fetcher, which follows and counts them', async () => {
    await using server = await serve({
      '/from': respond(302, { location: '/to' }, 'the body of a redirect'),
      '/to': respond(200, {}, 'there'),
      '/loop': respond(302, { location: '/loop' }),
    });
    await using fetcher = createFetcher({ transport: create() });
    const result = responseOf(await fetcher.fetch(`${server.url}/from`));
    expect([result.text(), result.redirects, result.finalUrl]).toEqual(['there', 1, `${server.url}/to`]);
    expect(failureOf(await fetcher.fetch(`${server.url}/loop`)).error.code).toBe('REDIRECT_LOOP');
  });

  test('leaves retries to the fetcher: of a 503 and a refused connection, but not of a POST', async () => {
    await using server = await serve([respond(503), respond(200), respond(503)]);
    await using fetcher = createFetcher({ transport: create(), retry: { retries: 1 } });
    expect(await fetcher.fetch(server.url)).toMatchObject({ status: 200, attempts: 2 });
    expect(await fetcher.fetch({ url: server.url, method: 'POST' })).toMatchObject({ status: 503, attempts: 1 });
    expect(await fetcher.fetch(await refusingUrl())).toMatchObject({
      attempts: 2,
      error: { code: 'CONNECT_REFUSED', retryable: true },
    });
  });

  test('keeps to the limits of the fetcher', async () => {
    await using server = await serve(after(20, respond(200)));
    await using fetcher = createFetcher({ transport: create(), concurrency: 8, perHost: { concurrency: 3 } });
    const results = await fetcher.gather(Array.from({ length: 12 }, (_, at) => `${server.url}/${at}`));
    expect(results.every(({ ok }) => ok)).toBe(true);
    expect(server.maxInFlight()).toBe(3);
  });

  test('is aborted by a time limit before the head, and releases its connection', async () => {
    await using server = await serve(silence);
    await using fetcher = createFetcher({ ...once, transport: create(), headersTimeoutMs: 50 });
    expect(await fetcher.fetch(server.url)).toMatchObject({ error: { code: 'HEADERS_TIMEOUT' } });
    await server.deserted();
  });

  test.for([
    ['timeoutMs', 'TIMEOUT'],
    ['idleTimeoutMs', 'BODY_TIMEOUT'],
  ] as const)('is aborted by %s within the body, and lets its connection go', async ([option, code]) => {
    await using server = await serve((response) => response.writeHead(200).write('a piece'));
    await using fetcher = createFetcher({ ...once, transport: create(), [option]: 300 });
    expect(await fetcher.fetch(server.url)).toMatchObject({ error: { code }, length: 'a piece'.length });
    await server.deserted();
  });

  test('stops receiving a body at its limit', async () => {
    const closed = Promise.withResolvers<void>();
    await using server = await serve((response) => {
      // Not the connection: the global fetch opens a spare one after an abort.
      response.on('close', closed.resolve).writeHead(200);
      const more = (error?: Error | null): void => {
        if (!error) response.write(Buffer.alloc(10_000), more);
      };
      more();
    });
    await using fetcher = createFetcher({ ...once, transport: create(), maxBodyBytes: 50_000 });
    expect(await fetcher.fetch(server.url)).toMatchObject({ error: { code: 'BODY_TOO_LARGE' } });
    await closed.promise;
  });

  test('fails with BODY_TRUNCATED if the connection ends within the body', async () => {
    await using server = await rawServer((socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfour'));
    await using fetcher = createFetcher({ ...once, transport: create() });
    expect(await fetcher.fetch(server.url)).toMatchObject({ kind: 'failure', error: { code: 'BODY_TRUNCATED' } });
  });

  test('leaves a body that ends with the connection unverified', async () => {
    await using server = await rawServer((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nall of it'));
    await using fetcher = createFetcher({ ...once, transport: create() });
    expect(await fetcher.fetch(server.url)).toMatchObject({ kind: 'response', complete: 'unverified', length: 9 });
  });

  test('has no body for HEAD and 304, whatever their Content-Length', async () => {
    await using server = await serve({
      '/head': respond(200, { 'content-length': '5' }),
      '/old': (response) => response.writeHead(304, { 'content-length': '5' }).end(),
    });
    await using fetcher = createFetcher({ ...once, transport: create() });
    expect(await fetcher.fetch({ url: `${server.url}/head`, method: 'HEAD' })).toMatchObject({
      status: 200,
      length: 0,
    });
    expect(await fetcher.fetch(`${server.url}/old`)).toMatchObject({ status: 304, length: 0, complete: 'framed' });
  });

  test('is cancelled by close()', async () => {
    await using server = await serve(silence);
    const fetcher = createFetcher({ transport: create() });
    const result = fetcher.fetch(server.url);
    await server.seen(1);
    await fetcher.close();
    expect(await result).toMatchObject({ kind: 'cancelled' });
    await server.deserted();
  });
});

/** A transport that answers every request alike. */
function answering(response: unknown): Transport {
  return { send: () => Promise.resolve(response as TransportResponse) };
}

describe('a transport', () => {
  test.for([
    ['nothing', undefined, /'response' must be an object/],
    ['a status that is text', { status: '200' }, /'status' must be an integer from 200 to 999/],
    ['a status of 101', { status: 101 }, /'status' must be/],
    ['headers that are a number', { status: 200, headers: 5 }, /'headers' must be/],
    ['a body that is a number', { status: 200, body: 5 }, /'body' must be/],
    ['pieces that are text', { status: 200, body: pieces('text') }, /'body' must be made of Uint8Array pieces/],
  ] as const)('that gives %s makes an INTERNAL failure that says so', async ([, response, message]) => {
    await using fetcher = createFetcher({ ...once, transport: answering(response) });
    const { error } = failureOf(await fetcher.fetch('http://a.test/'));
    expect([error.code, error.retryable]).toEqual(['INTERNAL', false]);
    expect(error.message).toMatch(/^The transport failed: Cannot read a response as /);
    expect(error.message).toMatch(message);
  });

  test.for([
    ['throws', () => raise(new Error('no luck'))],
    ['rejects', () => Promise.reject(new Error('no luck'))],
  ] as const)('that %s makes an INTERNAL failure with its message and cause', async ([, send]) => {
    await using fetcher = createFetcher({ ...once, transport: { send } });
    expect(await fetcher.fetch('http://a.test/')).toMatchObject({
      kind: 'failure',
      attempts: 1,
      error: { code: 'INTERNAL', message: 'The transport failed: no luck', cause: { message: 'no luck' } },
    });
  });

  test.for([
    ['rejects with', () => Promise.reject(new FetchError('TLS_HOST', 'another name'))],
    ['resolves with', () => Promise.resolve(new FetchError('TLS_HOST', 'another name'))],
  ] as const)('that %s a FetchError fails with it', async ([, send]) => {
    await using fetcher = createFetcher({ ...once, transport: { send } });
    const { error } = failureOf(await fetcher.fetch('http://a.test/'));
    expect([error.code, error.message]).toEqual(['TLS_HOST', 'another name']);
  });

  test.for([
    ['an error', new Error('cut'), 'BODY_TRUNCATED', 'The body was cut off: cut'],
    ['a FetchError', new FetchError('CONN_RESET', 'reset'), 'CONN_RESET', 'reset'],
  ] as const)('whose body throws %s fails, and counts what had come', async ([, fault, code, message]) => {
    const body = (async function* () {
      yield Buffer.from('four');
      throw fault;
    })();
    await using fetcher = createFetcher({ ...once, transport: answering({ status: 200, body }) });
    expect(await fetcher.fetch('http://a.test/')).toMatchObject({ length: 4, error: { code, message } });
  });

  test('whose body is shorter than its Content-Length fails', async () => {
    const headers = { 'content-length': '10' };
    await using fetcher = createFetcher({ ...once, transport: answering({ status: 200, headers, body: 'four' }) });
    expect(await fetcher.fetch('http://a.test/')).toMatchObject({ length: 4, error: { code: 'BODY_TRUNCATED' } });
  });

  test('has its body decoded by its content-encoding, unless `decoded` is true', async () => {
    const headers = { 'Content-Encoding': 'zstd' };
    const coded = { status: 200, headers, body: zstdCompressSync('words') };
    await using decoding = createFetcher({ transport: answering(coded) });
    expect(responseOf(await decoding.fetch('http://a.test/')).text()).toBe('words');
    await using decoded = createFetcher({ transport: answering({ ...coded, body: 'words', decoded: true }) });
    expect(responseOf(await decoded.fetch('http://a.test/')).text()).toBe('words');
  });

  test('receives repeated headers joined, cookies by semicolons', async () => {
    const seen: object[] = [];
    const transport: Transport = {
      send({ headers }) {
        seen.push(headers);
        return Promise.resolve({ status: 200 });
      },
    };
    await using fetcher = createFetcher({ transport, headers: { 'X-A': ['1', '2'], Cookie: ['a=1', 'b=2'] } });
    await fetcher.fetch('http://a.test/');
    expect(seen).toMatchObject([{ 'x-a': '1, 2', cookie: 'a=1; b=2' }]);
  });

  test('is not asked for a piece without room for it', async () => {
    let asked = 0;
    const noise = gzipSync(randomBytes(8_000_000));
    const body = (async function* () {
      for (let at = 0; at < noise.length; at += 1000) {
        asked += 1;
        yield noise.subarray(at, at + 1000);
      }
    })();
    const response = { status: 200, headers: { 'content-encoding': 'gzip' }, body };
    const options = { ...once, maxBodyBytes: 100_000, responseBody: 'discard' } as const;
    await using fetcher = createFetcher({ ...options, transport: answering(response) });
    expect(await fetcher.fetch('http://a.test/')).toMatchObject({ error: { code: 'BODY_TOO_LARGE' } });
    expect(asked).toBeLessThan(noise.length / 1000 / 2);
  });

  test('that ignores its signal delays nothing, and its late response is closed', async () => {
    const late = Promise.withResolvers<TransportResponse>();
    let isClosed = false;
    const body = (async function* () {
      try {
        for (;;) yield Buffer.alloc(1000);
      } finally {
        isClosed = true;
      }
    })();
    const fetcher = createFetcher({ ...once, transport: { send: () => late.promise }, timeoutMs: 20 });
    expect(await fetcher.fetch('http://a.test/')).toMatchObject({ error: { code: 'TIMEOUT' } });
    await fetcher.close();
    late.resolve({ status: 200, body });
    await vi.waitFor(() => expect(isClosed).toBe(true));
  });

  test('has its signal aborted with the reason of the caller', async () => {
    const reasons: unknown[] = [];
    const transport: Transport = {
      send: (_request, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            reasons.push(signal.reason);
            reject(signal.reason as Error);
          });
        }),
    };
    await using fetcher = createFetcher({ transport });
    const controller = new AbortController();
    const result = fetcher.fetch('http://a.test/', { signal: controller.signal });
    controller.abort('enough');
    expect((await result).kind).toBe('cancelled');
    expect(reasons).toEqual(['enough']);
  });

  test('keeps its signal once the response is complete', async () => {
    const signals: AbortSignal[] = [];
    const transport: Transport = {
      send(_request, { signal }) {
        signals.push(signal);
        return Promise.resolve({ status: 200, body: pieces(Buffer.from('a'), Buffer.from('b')) });
      },
    };
    await using fetcher = createFetcher({ transport });
    expect(responseOf(await fetcher.fetch('http://a.test/')).text()).toBe('ab');
    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
  });

  test('is closed once, after its last request, and makes close() reject if it cannot', async () => {
    const events: string[] = [];
    const transport: Transport = {
      async send() {
        await Promise.resolve();
        events.push('sent');
        return { status: 204 };
      },
      close() {
        events.push('closed');
        throw new Error('cannot');
      },
    };
    const fetcher = createFetcher({ transport });
    await fetcher.gather(['http://a.test/1', 'http://a.test/2']);
    await expect(fetcher.close()).rejects.toThrow('cannot');
    await expect(fetcher.close()).rejects.toThrow('cannot');
    expect(events).toEqual(['sent', 'sent', 'closed']);
  });

  test('cannot be combined with addressGuard, which would have no effect', () => {
    expect(() => createFetcher({ transport: answering({ status: 200 }), addressGuard: true })).toThrow(
      /'addressGuard'/,
    );
  });
});

async function* pieces(...all: readonly unknown[]): AsyncGenerator<Uint8Array, void, undefined> {
  for (const piece of all) yield Promise.resolve(piece as Uint8Array);
}

/** Returns a URL without a listener. */
async function refusingUrl(): Promise<string> {
  await using server = await serve(silence);
  return server.url;
}

function raise(reason: unknown): never {
  throw reason;
}
