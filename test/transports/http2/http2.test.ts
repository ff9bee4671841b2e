import { execFile } from 'node:child_process';
import { createServer as createHttpsServer } from 'node:https';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { createFetcher, type Fetcher } from '../../../src/index.ts';
import type { FetcherOptions } from '../../../src/fetcher/options.ts';
import type { BodyReceiver } from '../../../src/http/body-writer.ts';
import { loopbackCertificate } from '../../helpers/servers/certificate.ts';
import { code, frame, pack, rawHttp2, type RawHttp2Options, type RawStream } from '../../helpers/servers/http2-raw.ts';
import { quiet } from '../../helpers/process/quiet.ts';
import { serve, respond } from '../../helpers/servers/serve.ts';
import { serveHttp2 } from '../../helpers/servers/serve-http2.ts';

let ca: string;

beforeAll(async () => {
  ({ cert: ca } = await loopbackCertificate());
});

const noRetry = { retries: 0 };

function http2Fetcher(options: FetcherOptions = {}): Fetcher {
  return createFetcher({ http2: true, tls: { ca }, ...options });
}

const ok = { ':status': '200' };

/** Sends the whole head in frames of 16 KB. */
function inFrames(stream: RawStream, block: Buffer): RawStream {
  for (let at = 0; at < block.length; at += 16_384) {
    const isLast = at + 16_384 >= block.length;
    stream.raw(frame(at === 0 ? 1 : 9, isLast ? 4 : 0, stream.id, block.subarray(at, at + 16_384)));
  }
  return stream;
}

const largeHead = (kilobytes: number): Buffer =>
  pack([[':status', '200'], ...Array.from({ length: kilobytes }, (_, at) => [`x-${at}`, 'y'.repeat(1000)] as const)]);

describe('a body that its server ended (END_STREAM)', () => {
  const table: [name: string, answer: (stream: RawStream) => unknown, length: number][] = [
    ['with its last piece', (stream) => stream.headers(ok).data('hello', 'end'), 5],
    ['with an empty frame', (stream) => stream.headers(ok).data('hello').data('', 'end'), 5],
    ['later', (stream) => setTimeout(() => stream.data('', 'end'), 20) && stream.headers(ok).data('hello'), 5],
    ['with its head', (stream) => stream.headers({ ':status': '404' }, 'end'), 0],
    ['with trailers', (stream) => stream.headers(ok).data('hello').headers({ 'x-sum': '1' }, 'end'), 5],
    ['after interim responses', (stream) => stream.headers({ ':status': '103' }).headers(ok).data('hello', 'end'), 5],
    ['and then reset', (stream) => stream.headers(ok).data('hello', 'end').reset(code.cancel), 5],
    ['and then closed its connection', (stream) => stream.headers(ok).data('hello', 'end').close(), 5],
    [
      'and then cut its connection',
      (stream) => setTimeout(() => stream.cut(), 20) && stream.headers(ok).data('hello', 'end'),
      5,
    ],
    ['and gave its connection up', (stream) => stream.headers(ok).data('hello', 'end').goAway(stream.id, code.calm), 5],
    ['and said goodbye', (stream) => stream.headers(ok).data('hello', 'end').goAway(stream.id, code.noError), 5],
    ['after a goodbye', (stream) => stream.headers(ok).goAway(stream.id, code.noError).data('hello', 'end'), 5],
    ['of the declared length', (stream) => stream.headers({ ...ok, 'content-length': '5' }).data('hello', 'end'), 5],
    ['after 60 KB of head', (stream) => inFrames(stream, largeHead(60)).data('hello', 'end'), 5],
  ];

  test.for(table)('%s is framed', async ([, answer, length]) => {
    await using server = await rawHttp2(answer);
    await using fetcher = http2Fetcher({ retry: noRetry });
    const result = await fetcher.fetch(server.url);
    expect(result).toMatchObject({ kind: 'response', complete: 'framed', length, wireLength: length, attempts: 1 });
    expect(server.requests.length).toBe(1);
  });
});

describe('a body of the declared length on a stream that was not ended', () => {
  const promised = { ...ok, 'content-length': '5' };
  const table: [name: string, answer: (stream: RawStream) => unknown][] = [
    ['reset without an error', (stream) => stream.headers(promised).data('hello').reset(code.noError)],
    ['cancelled', (stream) => stream.headers(promised).data('hello').reset(code.cancel)],
    ['closed with its connection', (stream) => stream.headers(promised).data('hello').close()],
    ['H5 with more after it', (stream) => stream.headers(promised).data('hello').data('more', 'end')],
  ];

  test.for(table)('%s is unverified', async ([, answer]) => {
    await using server = await rawHttp2(answer);
    await using fetcher = http2Fetcher({ retry: noRetry });
    const result = await fetcher.fetch(server.url);
    expect(result).toMatchObject({ kind: 'response', complete: 'unverified', length: 5 });
  });
});

/** Sends the same frame again and again, 4 MB in all. */
function flood(stream: RawStream, bytes: Uint8Array): void {
  stream.raw(Buffer.concat(Array.from({ length: Math.ceil(4e6 / bytes.length) }, () => bytes)));
}

describe('a response that fails', () => {
  interface Fault {
    readonly name: string;
    readonly answer: (stream: RawStream) => unknown;
    /** A fault of an HTTP/2 server, and its outcome. */
    readonly codes: readonly string[];
    readonly length?: number;
    readonly server?: RawHttp2Options;
    readonly options?: FetcherOptions;
  }
  const half = (stream: RawStream): RawStream => stream.headers(ok).data('half');
  const truncated = { codes: ['BODY_TRUNCATED'], length: 4 };
  const table: Fault[] = [
    { name: 'H1 reset with an error in its body', answer: (stream) => half(stream).reset(code.internal), ...truncated },
    { name: 'H2 cancelled in its body', answer: (stream) => half(stream).reset(code.cancel), ...truncated },
    {
      name: 'H3 reset without an error in its body',
      answer: (stream) => half(stream).reset(code.noError),
      ...truncated,
    },
    {
      name: 'H3 the same, later',
      answer: (stream) => setTimeout(() => stream.reset(code.noError), 20) && half(stream),
      ...truncated,
    },
    {
      name: 'H3 the same, before its first piece',
      answer: (stream) => stream.headers(ok).reset(code.noError),
      codes: ['BODY_TRUNCATED'],
    },
    {
      name: 'H3 the same, of a known length',
      answer: (stream) =>
        stream
          .headers({ ...ok, 'content-length': '10' })
          .data('half')
          .reset(code.noError),
      ...truncated,
    },
    { name: 'H4 closed in its body', answer: (stream) => half(stream).close(), ...truncated },
    {
      name: 'H4 cut in its body',
      answer: (stream) => setTimeout(() => stream.cut(), 20) && half(stream),
      ...truncated,
    },
    {
      name: 'H4 goodbye, then closed in its body',
      answer: (stream) => half(stream).goAway(stream.id, code.noError).close(),
      ...truncated,
    },
    {
      name: 'H4 goodbye with an error',
      answer: (stream) => half(stream).goAway(stream.id, code.internal),
      ...truncated,
    },
    {
      name: 'H5 shorter than promised',
      answer: (stream) => stream.headers({ ...ok, 'content-length': '10' }).data('half', 'end'),
      ...truncated,
    },
    {
      name: 'H5 longer than promised, in one piece',
      answer: (stream) => stream.headers({ ...ok, 'content-length': '3' }).data('hello', 'end'),
      codes: ['BODY_TRUNCATED'],
    },
    {
      name: 'truncated gzip on a stream that ended',
      answer: (stream) =>
        stream
          .headers({ ...ok, 'content-encoding': 'gzip' })
          .data(gzipSync('hello'.repeat(100)).subarray(0, 20), 'end'),
      codes: ['BODY_TRUNCATED', 'DECODE_FAILED'],
      length: expect.any(Number) as number,
    },
    {
      name: 'reset without an error before its head',
      answer: (stream) => stream.reset(code.noError),
      codes: ['CONN_RESET'],
    },
    { name: 'cancelled before its head', answer: (stream) => stream.reset(code.cancel), codes: ['CONN_RESET'] },
    {
      name: 'cancelled after an interim response',
      answer: (stream) => stream.headers({ ':status': '103' }).reset(code.cancel),
      codes: ['CONN_RESET'],
    },
    { name: 'reset with ENHANCE_YOUR_CALM', answer: (stream) => stream.reset(code.calm), codes: ['CONN_RESET'] },
    { name: 'closed before its head', answer: (stream) => stream.close(), codes: ['NO_RESPONSE'] },
    { name: 'cut before its head', answer: (stream) => stream.cut(), codes: ['CONN_RESET'] },
    {
      name: 'GOAWAY with an error',
      answer: (stream) => stream.goAway(stream.id, code.internal),
      codes: ['CONN_RESET'],
    },
    {
      name: 'H7 a flood of CONTINUATION',
      answer(stream) {
        stream.raw(frame(1, 0, stream.id, pack([[':status', '200']])));
        for (let count = 0; count < 1000; count += 1) stream.raw(frame(9, 0, stream.id, pack([['x', 'y']])));
      },
      codes: ['HTTP_PROTOCOL'],
    },
    {
      name: 'H8 a flood of PING',
      answer: (stream) =>
        stream.raw(Buffer.concat(Array.from({ length: 20_000 }, () => frame(6, 0, 0, Buffer.alloc(8))))),
      codes: ['HTTP_PROTOCOL'],
    },
    {
      name: 'H8 a flood of SETTINGS',
      answer: (stream) => stream.raw(Buffer.concat(Array.from({ length: 5000 }, () => frame(4, 0, 0)))),
      codes: ['HTTP_PROTOCOL'],
    },
    {
      name: 'H9 a flood of empty DATA',
      answer: (stream) =>
        stream.headers(ok).raw(Buffer.concat(Array.from({ length: 3000 }, () => frame(0, 0, stream.id)))),
      codes: ['HTTP_PROTOCOL'],
    },
    {
      name: 'a flood of WINDOW_UPDATE',
      answer: (stream) => flood(stream, frame(8, 0, 0, Buffer.from([0, 0, 0, 1]))),
      codes: ['HTTP_PROTOCOL'],
    },
    {
      name: 'a flood of ALTSVC',
      answer: (stream) => flood(stream, frame(10, 0, stream.id, Buffer.from(`\0\0h2=":${'4'.repeat(1000)}"`))),
      codes: ['HTTP_PROTOCOL'],
    },
    {
      name: 'a flood of frames of an unknown type, after the head',
      answer: (stream) => flood(stream.headers(ok), frame(0x77, 0, stream.id, Buffer.alloc(16_000))),
      codes: ['HTTP_PROTOCOL'],
    },
    {
      name: 'H10 no stream allowed',
      answer: () => undefined,
      codes: ['HEADERS_TIMEOUT'],
      server: { maxStreams: 0 },
      options: { headersTimeoutMs: 100 },
    },
    { name: 'silence', answer: () => undefined, codes: ['TIMEOUT'], options: { timeoutMs: 100 } },
    {
      name: 'a body that stalls',
      answer: half,
      codes: ['BODY_TIMEOUT'],
      length: 4,
      options: { idleTimeoutMs: 100 },
    },
    {
      name: 'H11 a head of 100 KB',
      answer: (stream) => inFrames(stream, largeHead(100)),
      codes: ['HEADERS_TOO_LARGE'],
    },
    {
      name: 'H11 a head of 200 KB',
      answer: (stream) => inFrames(stream, largeHead(200)),
      codes: ['HEADERS_TOO_LARGE'],
    },
    {
      name: '21 interim responses',
      answer(stream) {
        for (let count = 0; count < 21; count += 1) stream.headers({ ':status': '103' });
        stream.headers(ok, 'end');
      },
      codes: ['HTTP_PROTOCOL'],
    },
    {
      name: 'a header name in upper case',
      answer: (stream) => stream.headers({ ...ok, 'X-Up': '1' }, 'end'),
      codes: ['HTTP_PROTOCOL'],
    },
    { name: 'no status', answer: (stream) => stream.headers({ 'x-a': '1' }, 'end'), codes: ['HTTP_PROTOCOL'] },
    {
      name: 'a status below 100',
      answer: (stream) => stream.headers({ ':status': '099' }, 'end'),
      codes: ['HTTP_PROTOCOL'],
    },
    {
      name: 'a switch of protocols',
      answer: (stream) => stream.headers({ ':status': '101' }),
      codes: ['HTTP_PROTOCOL'],
    },
    {
      name: 'a transfer coding',
      answer: (stream) => stream.headers({ ...ok, 'transfer-encoding': 'chunked' }).data('x', 'end'),
      codes: ['HTTP_PROTOCOL'],
    },
    // Node 22 does not report that it gave up the connection.
    {
      name: 'a body before its head',
      answer: (stream) => stream.data('x', 'end'),
      codes: ['HTTP_PROTOCOL', 'TIMEOUT'],
      options: { timeoutMs: 200 },
    },
    {
      name: 'no frames',
      answer: (stream) => stream.raw(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')),
      codes: ['HTTP_PROTOCOL', 'TIMEOUT'],
      options: { timeoutMs: 200 },
    },
    {
      name: 'F10 HTTP/1 in place of what was agreed on',
      answer: () => undefined,
      codes: ['HTTP_PROTOCOL'],
      server: { greeting: Buffer.from('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n') },
    },
    {
      name: 'a body over the limit',
      answer: (stream) => stream.headers(ok).data('hello', 'end'),
      codes: ['BODY_TOO_LARGE'],
      length: 5,
      options: { maxBodyBytes: 4 },
    },
    {
      name: 'a body over the limit by its Content-Length',
      answer: (stream) => stream.headers({ ...ok, 'content-length': '5' }),
      codes: ['BODY_TOO_LARGE'],
      options: { maxBodyBytes: 4 },
    },
    {
      name: 'a body over the limit once decoded',
      answer: (stream) =>
        stream.headers({ ...ok, 'content-encoding': 'br' }).data(brotliCompressSync(Buffer.alloc(1e6)), 'end'),
      codes: ['BODY_TOO_LARGE'],
      length: expect.any(Number) as number,
      options: { maxBodyBytes: 1000 },
    },
  ];

  test.for(table)('$name', async ({ answer, codes, length = 0, server: how = {}, options = {} }) => {
    await using server = await rawHttp2(answer, how);
    await using fetcher = http2Fetcher({ retry: noRetry, timeoutMs: 5000, ...options });
    const result = await fetcher.fetch(server.url);
    expect(result).toMatchObject({
      kind: 'failure',
      length,
      attempts: 1,
      error: { code: expect.toBeOneOf([...codes]) as string },
    });
    expect(result.elapsedMs).toBeLessThan(1500);
    expect(server.connections.made).toBe(1);
    await fetcher.close();
    await server.until(() => server.connections.open === 0);
  });

  test('is retried like any other', async () => {
    await using server = await rawHttp2((stream) =>
      stream.turn < 3 ? half(stream).reset(code.noError) : stream.headers(ok).data('whole', 'end'),
    );
    await using fetcher = http2Fetcher();
    expect(await fetcher.fetch(server.url)).toMatchObject({ status: 200, length: 5, attempts: 3, complete: 'framed' });
    // A failed stream does not end the use of its connection.
    expect(server.connections.made).toBe(1);
  });

  test('does not affect other streams', async () => {
    await using server = await rawHttp2((stream) => {
      stream.headers(ok);
      if (stream.turn < 20) return;
      for (const each of server.requests) {
        if (each.turn % 2) each.data('half').reset(code.cancel);
        else each.data('whole', 'end');
      }
    });
    await using fetcher = http2Fetcher({ retry: noRetry, perHost: { concurrency: 20 } });
    const urls = Array.from({ length: 20 }, (_, at) => `${server.url}/${at}`);
    const results = await fetcher.gather(urls, { returnExceptions: true });
    expect(results.filter(({ ok: isOk }) => isOk).length).toBe(10);
    expect(server.connections.made).toBe(1);
  });

  test('and ends its connection leaves the other streams to a retry', async () => {
    await using server = await rawHttp2((stream) => {
      if (stream.connection > 1) stream.headers(ok, 'end');
      else if (stream.turn === 3) stream.raw(Buffer.concat(Array.from({ length: 5000 }, () => frame(4, 0, 0))));
    });
    await using fetcher = http2Fetcher({ perHost: { concurrency: 3 } });
    const results = await fetcher.gather([1, 2, 3].map((at) => `${server.url}/${at}`));
    expect(results.map(({ attempts }) => attempts)).toEqual([2, 2, 2]);
  });
});

describe('a request that its server did not process', () => {
  const table: [name: string, answer: (stream: RawStream) => unknown][] = [
    ['REFUSED_STREAM', (stream) => stream.reset(code.refused)],
    ['GOAWAY', (stream) => stream.goAway(0, code.noError)],
    ['GOAWAY with an error', (stream) => stream.goAway(0, code.calm)],
    ['GOAWAY, then closed', (stream) => stream.goAway(0, code.noError).close()],
  ];

  test.for(table)('H6 %s is sent again without an attempt being charged, a POST too', async ([, refuse]) => {
    await using server = await rawHttp2((stream) =>
      stream.connection === 1 ? refuse(stream) : stream.headers(ok).data('done', 'end'),
    );
    await using fetcher = http2Fetcher({ retry: noRetry });
    const result = await fetcher.fetch({ url: server.url, method: 'POST', body: 'order' });
    expect(result).toMatchObject({ status: 200, attempts: 1, length: 4 });
    expect(server.connections.made).toBe(2);
    expect(server.requests.length).toBe(2);
  });

  test('twice is CONN_RESET', async () => {
    await using server = await rawHttp2((stream) => stream.reset(code.refused));
    await using fetcher = http2Fetcher({ retry: noRetry });
    expect(await fetcher.fetch(server.url)).toMatchObject({
      error: { code: 'CONN_RESET', retryable: true },
      attempts: 1,
    });
    expect(server.requests.length).toBe(2);
  });

  test('for lack of streams gets more connections', async () => {
    await using server = await serveHttp2(
      (stream) => setTimeout(() => stream.respond({ ':status': 200 }, { endStream: true }), 30),
      {
        settings: { maxConcurrentStreams: 4 },
      },
    );
    await using fetcher = http2Fetcher({ retry: noRetry, perHost: { concurrency: 20 } });
    const urls = Array.from({ length: 60 }, (_, at) => `${server.url}/${at}`);
    const results = await fetcher.gather(urls);
    expect(results.every(({ attempts }) => attempts === 1)).toBe(true);
    expect(server.sessions.made).toBeLessThanOrEqual(6);
  });

  test('because the session was ending is sent again if it is idempotent', async () => {
    await using server = await rawHttp2((stream) =>
      stream.turn % 2 === 1 ? stream.headers(ok, 'end') : stream.close(),
    );
    await using fetcher = http2Fetcher({ retry: noRetry });
    await fetcher.fetch(server.url);
    expect(await fetcher.fetch(server.url)).toMatchObject({ status: 200, attempts: 1 });
    expect(await fetcher.fetch({ url: server.url, method: 'POST' })).toMatchObject({ error: { code: 'NO_RESPONSE' } });
    expect(server.requests.length).toBe(4);
  });

  test('because it requires HTTP/1.1 is sent over HTTP/1.1', async () => {
    await using server = await rawHttp2((stream) => stream.reset(code.http1Required), {
      protocols: ['h2', 'http/1.1'],
    });
    await using fetcher = http2Fetcher({ retry: noRetry });
    const result = await fetcher.fetch({ url: server.url, method: 'POST' });
    expect(result.kind === 'response' && result.text()).toBe('1.1');
    await fetcher.fetch(server.url);
    expect(server.requests.length).toBe(1);
  });
});

describe('sessions', () => {
  test('carry a hundred streams at once', async () => {
    await using server = await serveHttp2((stream) => {
      if (server.requests.length === 100) release();
      void released.then(() => stream.end('hello'));
    });
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    await using fetcher = http2Fetcher({ concurrency: 200, perHost: { concurrency: 100 } });
    const results = await fetcher.gather(Array.from({ length: 300 }, (_, at) => `${server.url}/${at}`));
    expect(results.every((result) => result.kind === 'response' && result.text() === 'hello')).toBe(true);
    expect(server.sessions.made).toBe(1);
    expect(server.maxInFlight).toBe(100);
  });

  test('H13 count streams for the limit of a host', async () => {
    await using server = await serveHttp2((stream) => setTimeout(() => stream.end('hello'), 10));
    await using fetcher = http2Fetcher({ perHost: { concurrency: 3 } });
    await fetcher.gather(Array.from({ length: 20 }, (_, at) => `${server.url}/${at}`));
    expect(server.maxInFlight).toBe(3);
    expect(server.sessions.made).toBe(1);
  });

  test('H12 do not let a stalled stream hold up others', async () => {
    await using server = await serveHttp2((stream, { path }) => {
      stream.respond({ ':status': 200 });
      if (path === '/stalled') stream.write('half');
      else stream.end(Buffer.alloc(200_000));
    });
    await using fetcher = http2Fetcher({
      retry: noRetry,
      concurrency: 100,
      perHost: { concurrency: 100 },
      timeoutMs: 3000,
    });
    const urls = ['/stalled', ...Array.from({ length: 99 }, (_, at) => `/${at}`)].map((path) => server.url + path);
    const order: string[] = [];
    for await (const { kind, url, elapsedMs } of fetcher.asCompleted(urls)) {
      order.push(url);
      if (kind === 'response') expect(elapsedMs).toBeLessThan(2500);
    }
    expect(order.length).toBe(100);
    expect(order.at(-1)).toBe(urls[0]);
    expect(server.sessions.made).toBe(1);
  });

  test('are not shared between hosts', async () => {
    await using server = await serveHttp2((stream) => stream.end('hello'));
    await using fetcher = http2Fetcher();
    const { port } = new URL(server.url);
    await fetcher.gather(['a', 'b', 'a', 'b'].map((name) => `https://${name}.localhost:${port}/`));
    expect(server.sessions.made).toBe(2);
  });

  test('survive a cancelled request: only its stream is reset', async () => {
    await using server = await serveHttp2((stream, { path }) => void (path === '/held' || stream.end('hello')));
    await using fetcher = http2Fetcher();
    const controller = new AbortController();
    const held = fetcher.fetch(`${server.url}/held`, { signal: controller.signal });
    await server.until(() => server.requests.length === 1);
    controller.abort();
    expect((await held).kind).toBe('cancelled');
    expect(await fetcher.fetch(server.url)).toMatchObject({ status: 200 });
    expect(server.sessions).toEqual({ made: 1, open: 1 });
  });

  test('reset an unwanted stream with the right code', async () => {
    await using server = await rawHttp2((stream) => stream.headers(ok).data('half'));
    await using fetcher = http2Fetcher();
    const controller = new AbortController();
    const fetched = fetcher.fetch(server.url, { signal: controller.signal });
    await server.until(() => server.requests.length === 1);
    controller.abort();
    await fetched;
    await server.until(() => server.resets.length > 0);
    expect(server.resets).toEqual([{ id: 1, code: code.cancel }]);
    expect(server.connections.open).toBe(1);
  });

  test('that timed out without a response are not reused', async () => {
    await using server = await rawHttp2((stream) => stream.turn !== 2 && stream.headers(ok, 'end'));
    await using fetcher = http2Fetcher({ retry: noRetry, timeoutMs: 100 });
    await fetcher.fetch(server.url);
    expect(await fetcher.fetch(server.url)).toMatchObject({ error: { code: 'TIMEOUT' } });
    expect(await fetcher.fetch(server.url)).toMatchObject({ status: 200 });
    expect(server.connections.made).toBe(2);
    await server.until(() => server.connections.open === 1);
  });

  test('are closed after a few idle seconds', { timeout: 10_000 }, async () => {
    await using server = await serveHttp2((stream) => stream.end('hello'));
    await using fetcher = http2Fetcher();
    await fetcher.fetch(server.url);
    expect(server.sessions.open).toBe(1);
    await server.until(() => server.sessions.open === 0);
    expect(await fetcher.fetch(server.url)).toMatchObject({ status: 200, attempts: 1 });
    expect(server.sessions.made).toBe(2);
  });

  test('take no new streams after a GOAWAY', async () => {
    await using server = await rawHttp2((stream) =>
      stream.headers(ok).goAway(stream.id, code.noError).data('hello', 'end'),
    );
    await using fetcher = http2Fetcher({ perHost: { concurrency: 1 } });
    const results = await fetcher.gather(Array.from({ length: 10 }, (_, at) => `${server.url}/${at}`));
    expect(results.every(({ ok: isOk, attempts }) => isOk && attempts === 1)).toBe(true);
    await server.until(() => server.connections.open === 0);
  });

  test('are all closed by close(), with their exchanges', async () => {
    const before = process.getActiveResourcesInfo();
    {
      await using server = await serveHttp2((stream, { path }) => void (path === '/held' || stream.end('hello')));
      const fetcher = http2Fetcher();
      await fetcher.fetch(server.url);
      const held = fetcher.fetch(`${server.url}/held`);
      const uploading = fetcher.fetch({ url: `${server.url}/held`, method: 'POST', body: new Uint8Array(5_000_000) });
      await server.until(() => server.requests.length >= 2);
      await fetcher.close();
      expect((await held).kind).toBe('cancelled');
      expect((await uploading).kind).toBe('cancelled');
      await server.until(() => server.sessions.open === 0);
    }
    await quiet();
    expect(process.getActiveResourcesInfo().length).toBeLessThanOrEqual(before.length);
  });

  test('without a stream do not keep the process alive', async () => {
    await using server = await serveHttp2((stream) => stream.end('hello'));
    const program = `
      import { createFetcher } from ${JSON.stringify(fileURLToPath(new URL('../../../src/index.ts', import.meta.url)))};
      const fetcher = createFetcher({ http2: true, tls: { ca: process.env.CA } });
      const { status } = await fetcher.fetch(${JSON.stringify(server.url)});
      const done = performance.now();
      process.once('exit', () => console.log(status, performance.now() - done < 2000));`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--experimental-strip-types', '--no-warnings', '--input-type=module', '--eval', program],
      { env: { ...process.env, CA: ca } },
    );
    expect(stdout).toBe('200 true\n');
  });
});

describe('traffic', () => {
  test('passes unchanged in both directions', async () => {
    await using server = await serveHttp2((stream, { body }) => {
      stream.respond({
        ':status': 201,
        'set-cookie': ['a=1', 'b=2'],
        'x-many': ['1', '2'],
        'content-type': 'text/plain',
      });
      stream.end(body);
    });
    await using fetcher = http2Fetcher();
    const body = 'x'.repeat(300_000);
    const result = await fetcher.fetch({
      url: `${server.url}/path?query=1#fragment`,
      method: 'POST',
      headers: { 'X-Own': 'é', TE: 'gzip', Accept: 'text/plain' },
      body,
    });
    expect(result).toMatchObject({
      status: 201,
      finalUrl: `${server.url}/path?query=1`,
      length: 300_000,
      headers: { 'set-cookie': ['a=1', 'b=2'], 'x-many': '1, 2' },
      timingsMs: {
        connect: expect.any(Number) as number,
        tls: expect.any(Number) as number,
        firstByte: expect.any(Number) as number,
      },
    });
    expect(result.kind === 'response' && result.text()).toBe(body);
    const [{ path, headers }] = server.requests as [(typeof server.requests)[0]];
    expect(path).toBe('/path?query=1');
    expect(headers).toMatchObject({
      ':method': 'POST',
      ':scheme': 'https',
      ':authority': new URL(server.url).host,
      'content-length': '300000',
      'user-agent': expect.stringMatching(/^fetchmany/) as string,
      accept: 'text/plain',
    });
    expect(Buffer.from(String(headers['x-own']), 'latin1').toString('latin1')).toBe('é');
    expect(headers['te']).toBeUndefined();
  });

  test('is decoded and counted before and after', async () => {
    const text = 'hello '.repeat(100_000);
    const zipped = gzipSync(text);
    await using server = await serveHttp2((stream) => {
      stream.respond({ ':status': 200, 'content-encoding': 'gzip' });
      stream.end(zipped);
    });
    await using fetcher = http2Fetcher();
    const result = await fetcher.fetch(server.url);
    expect(result).toMatchObject({ length: text.length, wireLength: zipped.length, complete: 'framed' });
    expect(result.kind === 'response' && result.text()).toBe(text);
  });

  test('may be large: windows are opened as bodies are read', async () => {
    await using server = await serveHttp2((stream) => stream.end(Buffer.alloc(20_000_000, 'x')));
    await using fetcher = http2Fetcher({ responseBody: 'discard' });
    const results = await fetcher.gather([1, 2, 3, 4].map((at) => `${server.url}/${at}`));
    expect(results.map((result) => result.kind === 'response' && result.length)).toEqual(Array(4).fill(20_000_000));
    expect(server.sessions.made).toBe(1);
  });

  /** A receiver that asks to wait after each piece, and has room again after `drained`. */
  function slowReceiver(drained: () => Promise<unknown>): {
    receiver: BodyReceiver;
    pieces: Buffer[];
    tooSoon: number;
  } {
    const pieces: Buffer[] = [];
    let isFull = false;
    const slow = { pieces, tooSoon: 0, receiver: (() => 'discard') as BodyReceiver };
    slow.receiver = (_head, control) => ({
      write(piece) {
        if (isFull) slow.tooSoon += 1;
        pieces.push(Buffer.from(piece));
        isFull = true;
        void drained().then(() => {
          isFull = false;
          control.drain();
        });
        return false;
      },
      end: () => Promise.resolve(),
      commit: () => ({}),
      abort: () => undefined,
    });
    return slow;
  }

  test('comes to a slow receiver one piece at a time', async () => {
    const body = randomBytes(3_000_000);
    await using server = await serveHttp2((stream) => stream.end(body));
    const slow = slowReceiver(() => new Promise(setImmediate));
    await using fetcher = http2Fetcher({ responseBody: slow.receiver });
    expect(await fetcher.fetch(server.url)).toMatchObject({
      kind: 'response',
      complete: 'framed',
      length: body.length,
    });
    expect(Buffer.concat(slow.pieces).equals(body)).toBe(true);
    expect(slow.tooSoon).toBe(0);
  });

  test('is whole for a slow receiver whose connection breaks meanwhile', async () => {
    await using server = await rawHttp2((stream) =>
      stream.headers(ok).data('one ').data('two ').data('three', 'end').close(),
    );
    const slow = slowReceiver(() => server.until(() => server.connections.open === 0).then(quiet));
    await using fetcher = http2Fetcher({ responseBody: slow.receiver, retry: noRetry });
    expect(await fetcher.fetch(server.url)).toMatchObject({ kind: 'response', complete: 'framed', length: 13 });
    expect(slow.pieces.join('')).toBe('one two three');
  });

  test('that is cut counts the bytes that a slow receiver had not taken yet', async () => {
    await using server = await rawHttp2((stream) => stream.headers(ok).data('one ').data('two').reset(code.internal));
    const slow = slowReceiver(() => new Promise(() => undefined));
    await using fetcher = http2Fetcher({ responseBody: slow.receiver, retry: noRetry });
    const { kind, length } = (await fetcher.fetch(server.url)) as { kind: string; length: number };
    expect({ kind, length }).toEqual({ kind: 'failure', length: 7 });
  });

  test('may be large in requests', async () => {
    await using server = await serveHttp2((stream, { body }) => stream.end(String(body.length)));
    await using fetcher = http2Fetcher({ retry: noRetry });
    const upload = { url: server.url, method: 'POST', body: new Uint8Array(20_000_000) };
    const results = await fetcher.gather([upload, upload, upload, upload]);
    expect(results.map((result) => result.kind === 'response' && result.text())).toEqual(Array(4).fill('20000000'));
  });

  test('has no body in the response to HEAD, nor with a 204 or 304', async () => {
    await using server = await serveHttp2((stream, { path }) => {
      stream.respond({ ':status': Number(path.slice(1)), 'content-length': '1000' }, { endStream: true });
    });
    await using fetcher = http2Fetcher();
    const results = await fetcher.gather([
      { url: `${server.url}/200`, method: 'HEAD' },
      `${server.url}/304`,
      { url: `${server.url}/404`, method: 'HEAD' },
    ]);
    expect(
      results.map((result) => result.kind === 'response' && [result.status, result.length, result.complete]),
    ).toEqual([
      [200, 0, 'framed'],
      [304, 0, 'framed'],
      [404, 0, 'framed'],
    ]);
  });

  test('may end early when a server answers before it has read the request', async () => {
    await using server = await rawHttp2((stream) =>
      stream.headers({ ':status': '413' }).data('no', 'end').reset(code.noError),
    );
    await using fetcher = http2Fetcher({ retry: noRetry });
    const result = await fetcher.fetch({ url: server.url, method: 'PUT', body: new Uint8Array(5_000_000) });
    expect(result).toMatchObject({ kind: 'response', status: 413, length: 2, complete: 'framed' });
  });

  test('that HTTP/2 cannot carry is REQUEST_INVALID', async () => {
    await using server = await serveHttp2((stream) => stream.end('hello'));
    await using fetcher = http2Fetcher();
    const headers = { 'Content-Type': ['text/plain', 'text/html'] };
    expect(await fetcher.fetch({ url: server.url, headers })).toMatchObject({ error: { code: 'REQUEST_INVALID' } });
    const large = Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`x-${at}`, 'y'.repeat(60_000)]));
    const tooLarge = await fetcher.fetch({ url: server.url, headers: large });
    expect(tooLarge).toMatchObject({ error: { code: 'REQUEST_INVALID' }, attempts: 1 });
    expect(await fetcher.fetch(server.url)).toMatchObject({ status: 200 });
  });

  test('is redirected within a session and to an HTTP/1.1 server', async () => {
    await using plain = await serve(respond(200, {}, 'plain'));
    await using server = await serveHttp2((stream, { path }) => {
      if (path === '/from') stream.respond({ ':status': 302, location: '/to' });
      if (path === '/to') stream.respond({ ':status': 302, location: plain.url });
      if (path === '/endless') stream.respond({ ':status': 302, location: '/from' });
      if (path === '/endless') stream.write(Buffer.alloc(100_000));
      else stream.end('moved');
    });
    await using fetcher = http2Fetcher();
    for (const path of ['/from', '/endless']) {
      const result = await fetcher.fetch(server.url + path);
      expect(result).toMatchObject({
        status: 200,
        length: 5,
        redirects: path === '/from' ? 2 : 3,
        finalUrl: `${plain.url}/`,
      });
    }
    expect(server.sessions).toEqual({ made: 1, open: 1 });
  });

  test('with two different Locations is not redirected', async () => {
    await using server = await rawHttp2((stream) =>
      stream.raw(
        frame(
          1,
          5,
          stream.id,
          pack([
            [':status', '302'],
            ['location', '/a'],
            ['location', '/b'],
          ]),
        ),
      ),
    );
    await using fetcher = http2Fetcher();
    expect(await fetcher.fetch(server.url)).toMatchObject({ error: { code: 'REDIRECT_INVALID' } });
  });

  test('verifies certificates', async () => {
    await using server = await serveHttp2((stream) => stream.end('hello'));
    await using fetcher = createFetcher({ http2: true });
    expect(await fetcher.fetch(server.url)).toMatchObject({ error: { code: 'TLS_SELF_SIGNED' }, attempts: 1 });
  });

  test('waits for one connection and fails with it', async () => {
    await using fetcher = http2Fetcher({ retry: noRetry, addressGuard: true });
    const results = await fetcher.gather(Array(5).fill('https://127.0.0.1:9/'), { returnExceptions: true });
    expect(results.map((result) => result.kind === 'failure' && result.error.code)).toEqual(
      Array(5).fill('ADDRESS_BLOCKED'),
    );
  });

  test('that is aborted before its connection is open leaves nothing behind', async () => {
    await using server = await rawHttp2(() => undefined);
    await using fetcher = http2Fetcher();
    const controller = new AbortController();
    const fetched = fetcher.fetch(server.url, { signal: controller.signal });
    await new Promise((resolve) => setImmediate(resolve));
    controller.abort();
    expect((await fetched).kind).toBe('cancelled');
    await server.until(() => server.connections.open === 0);
  });
});

describe('an HTTP/1.1 server', () => {
  async function serveHttp1(): Promise<AsyncDisposable & { url: string; connections: number }> {
    const server = createHttpsServer(await loopbackCertificate(), (request, response) =>
      response.end(request.httpVersion),
    );
    const seen = { connections: 0 };
    server.on('secureConnection', () => (seen.connections += 1));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return {
      url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
      get connections() {
        return seen.connections;
      },
      async [Symbol.asyncDispose]() {
        const closed = once(server, 'close');
        server.close();
        server.closeAllConnections();
        await closed;
      },
    };
  }

  test('is sent HTTP/1.1 over the connection that asked for HTTP/2', async () => {
    await using server = await serveHttp1();
    await using fetcher = http2Fetcher();
    for (let turn = 0; turn < 3; turn += 1) {
      const result = await fetcher.fetch(server.url);
      expect(result).toMatchObject({ status: 200, complete: 'framed' });
      expect(result.kind === 'response' && result.text()).toBe('1.1');
    }
    expect(server.connections).toBe(1);
  });

  test('gets as many connections as there are requests', async () => {
    await using server = await serveHttp1();
    await using fetcher = http2Fetcher({ perHost: { concurrency: 5 } });
    const results = await fetcher.gather(Array.from({ length: 30 }, (_, at) => `${server.url}/${at}`));
    expect(results.every(({ attempts, ok: isOk }) => isOk && attempts === 1)).toBe(true);
    expect(server.connections).toBeLessThanOrEqual(5);
  });

  test('without TLS is not asked for HTTP/2', async () => {
    await using server = await serve(respond(200, {}, 'plain'));
    await using fetcher = http2Fetcher();
    expect(await fetcher.fetch(server.url)).toMatchObject({ status: 200 });
  });
});
