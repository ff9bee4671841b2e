import type { Socket } from 'node:net';
import { brotliCompressSync, constants, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { createFetcher } from '../../../src/index.ts';
import type { FetcherOptions } from '../../../src/fetcher/options.ts';
import type { FetchResult } from '../../../src/http/result.ts';
import { loopbackCertificate } from '../../helpers/servers/certificate.ts';
import {
  deadPort,
  rawServer,
  send,
  sendThenClose,
  sendThenReset,
  type RawHandler,
} from '../../helpers/servers/raw-server.ts';
import { quiet } from '../../helpers/process/quiet.ts';
import { respond, serve } from '../../helpers/servers/serve.ts';
import { responseOf } from '../../helpers/kinds.ts';

const once = { retry: { retries: 0 } };

/** Fetches once from a server with this answer. */
async function fetchFrom(answer: RawHandler, options: FetcherOptions = {}, method = 'GET'): Promise<FetchResult> {
  await using server = await rawServer(answer);
  await using fetcher = createFetcher({ ...once, ...options });
  const result = await fetcher.fetch({ url: server.url, method });
  return result;
}

const ok = (length: number): string => `HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n`;
const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
const unframed = 'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n';

describe('a connection', () => {
  test('that is refused is CONNECT_REFUSED', async () => {
    await using fetcher = createFetcher(once);
    const result = await fetcher.fetch(`http://127.0.0.1:${await deadPort()}/`);
    expect(result).toMatchObject({
      kind: 'failure',
      length: 0,
      attempts: 1,
      error: { code: 'CONNECT_REFUSED', retryable: true },
    });
  });

  test('to a name that does not exist is DNS_NOT_FOUND, without a retry', async () => {
    await using fetcher = createFetcher();
    const result = await fetcher.fetch('http://nowhere.invalid/');
    expect(result).toMatchObject({ attempts: 1, error: { code: 'DNS_NOT_FOUND', retryable: false } });
  });

  test('is reused, but for its own host only', async () => {
    await using server = await serve(respond(200, {}, 'hello'));
    await using fetcher = createFetcher();
    for (let turn = 0; turn < 3; turn += 1) {
      await fetcher.fetch(server.at('a'));
      await fetcher.fetch(server.at('b'));
    }
    expect(server.connections.made).toBe(2);
  });

  test('that the server closes after its response is not reused', async () => {
    await using server = await serve(respond(200, { connection: 'close' }, 'bye'));
    await using fetcher = createFetcher();
    const results = await fetcher.gather(Array.from({ length: 12 }, (_, at) => `${server.url}/${at}`));
    expect(results.every(({ ok: isOk, attempts }) => isOk && attempts === 1)).toBe(true);
    expect(server.connections.made).toBe(12);
  });
});

describe('a response that is cut off', () => {
  const table: [name: string, answer: RawHandler, code: string, length: number][] = [
    ['A5 reset before it', sendThenReset(), 'CONN_RESET', 0],
    ['A6 closed before it', sendThenClose(), 'NO_RESPONSE', 0],
    ['A7 reset in its head', sendThenReset('HTTP/1.1 200 OK\r\nX-'), 'CONN_RESET', 0],
    ['A8 closed in its head', sendThenClose('HTTP/1.1 200 OK\r\nX-'), 'NO_RESPONSE', 0],
    [
      'A9 closed before the end of its head',
      sendThenClose('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n'),
      'NO_RESPONSE',
      0,
    ],
    ['A10 reset in a body of known length', sendThenReset(`${ok(10)}half`), 'BODY_TRUNCATED', 4],
    ['A11 closed in a body of known length', sendThenClose(`${ok(10)}half`), 'BODY_TRUNCATED', 4],
    ['A12 chunked, closed without a last chunk', sendThenClose(`${chunked}4\r\nhalf\r\n`), 'BODY_TRUNCATED', 4],
    ['A12 the same, reset', sendThenReset(`${chunked}4\r\nhalf\r\n`), 'BODY_TRUNCATED', 4],
    ['A13 chunked, closed inside a chunk', sendThenClose(`${chunked}a\r\nhalf`), 'BODY_TRUNCATED', 4],
    ['A14 chunked, closed after the last size', sendThenClose(`${chunked}4\r\nhalf\r\n0\r\n`), 'BODY_TRUNCATED', 4],
    ['A16 of no known length, reset', sendThenReset(`${unframed}half`), 'BODY_TRUNCATED', 4],
    ['B26 closed after an interim response', sendThenClose('HTTP/1.1 103 Early Hints\r\n\r\n'), 'NO_RESPONSE', 0],
    [
      'a chunked one that says it closes',
      sendThenClose(chunked.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n4\r\nhalf\r\n')),
      'BODY_TRUNCATED',
      4,
    ],
  ];
  test.each(table)('%s', async (_, answer, code, length) => {
    const result = await fetchFrom(answer);
    expect(result).toMatchObject({ kind: 'failure', ok: false, length, attempts: 1, error: { code, retryable: true } });
    expect(result).not.toHaveProperty('status');
    expect(result.kind === 'failure' && result.error.cause).toBeInstanceOf(Error);
  });

  test('A15 without a known length but closed in an orderly way is a response, unverified', async () => {
    const result = await fetchFrom(sendThenClose(`${unframed}whole?`));
    expect(result).toMatchObject({ kind: 'response', status: 200, ok: true, length: 6, complete: 'unverified' });
  });

  test('A17 over TLS is BODY_TRUNCATED after a reset, and BODY_TRUNCATED or unverified without close_notify', async () => {
    const tls = await loopbackCertificate();
    await using reset = await rawServer(sendThenReset(`${unframed}half`), tls);
    await using fetcher = createFetcher({ ...once, tls: { rejectUnauthorized: false } });
    expect(await fetcher.fetch(reset.url)).toMatchObject({ kind: 'failure', error: { code: 'BODY_TRUNCATED' } });
    await using closed = await rawServer(sendThenClose(`${unframed}whole?`), tls);
    expect(await fetcher.fetch(closed.url)).toMatchObject({ kind: 'response', complete: 'unverified', length: 6 });
  });

  test('is retried until a response is whole', async () => {
    await using server = await rawServer((socket, request) =>
      (request.connection === 1 ? sendThenReset(`${unframed}half`) : sendThenClose(`${unframed}whole`))(
        socket,
        request,
      ),
    );
    await using fetcher = createFetcher();
    expect(await fetcher.fetch(server.url)).toMatchObject({
      kind: 'response',
      length: 5,
      attempts: 2,
      complete: 'unverified',
    });
  });
});

describe('a response that is not HTTP', () => {
  test.each([
    ['SSH-2.0-OpenSSH_9.6\r\n', 'HTTP_PROTOCOL'],
    ['<html>HTTP/0.9</html>', 'HTTP_PROTOCOL'],
    ['HTTP/1.1 2x0 OK\r\n\r\n', 'HTTP_PROTOCOL'],
    ['HTTP/1.1 000 OK\r\n\r\n', 'HTTP_PROTOCOL'],
    ['HTTP/1.1 200 OK\r\nFoo : bar\r\n\r\n', 'HTTP_PROTOCOL'],
    ['HTTP/1.1 200 OK\r\nFoo: a\0b\r\n\r\n', 'HTTP_PROTOCOL'],
    ['HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nab', 'LENGTH_MISMATCH'],
    [
      'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n',
      /HTTP_PROTOCOL|LENGTH_MISMATCH/,
    ],
    [`${chunked}zz\r\nab\r\n`, 'HTTP_PROTOCOL'],
    ['HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n', 'HTTP_PROTOCOL'],
    [`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`, 'HEADERS_TOO_LARGE'],
    ['HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n', 'ENCODING_UNSUPPORTED'],
  ])('%j is refused without a retry', async (bytes, code) => {
    await using server = await rawServer(send(bytes));
    await using fetcher = createFetcher();
    const result = await fetcher.fetch(server.url);
    expect(result).toMatchObject({ kind: 'failure', attempts: 1, error: { retryable: false } });
    expect(result.kind === 'failure' && result.error.code).toMatch(code);
    await server.deserted();
  });

  test('a head of 60 KB is accepted', async () => {
    expect(
      await fetchFrom(send(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(60_000)}\r\nContent-Length: 0\r\n\r\n`)),
    ).toMatchObject({ status: 200 });
  });

  test('up to 20 interim responses are skipped', async () => {
    const hint = 'HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n';
    const result = await fetchFrom(send(hint, 'HTTP/1.1 102 Processing\r\n\r\n', hint, `${ok(2)}ok`));
    expect(result).toMatchObject({ status: 200, length: 2, attempts: 1 });
    expect(await fetchFrom(send(hint.repeat(25), `${ok(2)}ok`))).toMatchObject({ error: { code: 'HTTP_PROTOCOL' } });
  });

  test('headers named like object properties are ordinary headers', async () => {
    const result = responseOf(
      await fetchFrom(
        send('HTTP/1.1 200 OK\r\n__proto__: a\r\nconstructor: b\r\ntoString: c\r\nContent-Length: 0\r\n\r\n'),
      ),
    );
    expect(JSON.parse(JSON.stringify(result.headers), (_, value: unknown) => value)).toMatchObject({
      constructor: 'b',
      tostring: 'c',
    });
    expect(Object.keys(result.headers)).toContain('__proto__');
    expect(({} as Record<string, unknown>).a).toBeUndefined();
  });
});

describe('a response without a body', () => {
  test.each([
    ['HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n'],
    ['HEAD', 'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n'],
    ['GET', 'HTTP/1.1 204 No Content\r\n\r\n'],
    ['GET', 'HTTP/1.1 204 No Content\r\nContent-Encoding: gzip\r\n\r\n'],
    ['HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody'],
    ['GET', 'HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\nbody'],
    ['GET', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 1000\r\n\r\n'],
    ['GET', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'],
    ['GET', 'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 0\r\n\r\n'],
    ['GET', `${chunked}0\r\n\r\n`],
  ])('%s %j is whole with 0 bytes', async (method, head) => {
    await using server = await rawServer(send(head));
    await using fetcher = createFetcher({ ...once, maxBodyBytes: 10 });
    for (let turn = 0; turn < 2; turn += 1) {
      const result = await fetcher.fetch({ url: server.url, method });
      expect(result).toMatchObject({ kind: 'response', length: 0, wireLength: 0, complete: 'framed' });
      expect(result.kind === 'response' && result.bytes()).toHaveLength(0);
    }
    // undici never reuses a connection after a HEAD, because servers have answered one with a body.
    expect(server.requests.map(({ connection }) => connection)[1]).toBeLessThanOrEqual(2);
  });
});

describe('a coded body', () => {
  const text = 'the quick brown fox '.repeat(1000);
  const codings: [string, Buffer][] = [
    ['gzip', gzipSync(text)],
    ['x-gzip', gzipSync(text)],
    ['GZIP', gzipSync(text)],
    ['deflate', deflateSync(text)],
    ['deflate', deflateRawSync(text)],
    ['br', brotliCompressSync(text)],
    ['zstd', zstdCompressSync(text)],
    ['gzip, br', brotliCompressSync(gzipSync(text))],
    ['deflate, identity, gzip', gzipSync(deflateSync(text))],
    ['identity', Buffer.from(text)],
  ];
  test.each(codings)('%s is decoded and counted before and after, whatever the status', async (coding, body) => {
    await using server = await serve({
      '/200': respond(200, { 'content-encoding': coding }, body),
      '/404': respond(404, { 'content-encoding': coding }, body),
    });
    await using fetcher = createFetcher(once);
    for (const status of [200, 404]) {
      const result = await fetcher.fetch(`${server.url}/${status}`);
      expect(result).toMatchObject({
        kind: 'response',
        status,
        length: text.length,
        wireLength: body.length,
        complete: 'framed',
      });
      expect(result.kind === 'response' && result.text()).toBe(text);
    }
  });

  test('is requested in the supported codings', async () => {
    await using server = await serve(respond(200));
    await using fetcher = createFetcher();
    await fetcher.fetch(server.url);
    expect(server.requests[0]!.headers['accept-encoding']).toBe('gzip, deflate, br, zstd');
  });

  test.each(['gzip', 'deflate', 'br', 'zstd'])(
    'in %s that is none, or was cut off within its framing, is DECODE_FAILED',
    async (coding) => {
      const [, whole] = codings.find(([name]) => name === coding)!;
      for (const body of [Buffer.from('this is plain text, for sure'), whole.subarray(0, whole.length - 6)]) {
        await using server = await serve(respond(200, { 'content-encoding': coding }, body));
        await using fetcher = createFetcher();
        const result = await fetcher.fetch(server.url);
        expect(result).toMatchObject({
          kind: 'failure',
          attempts: 1,
          error: { code: 'DECODE_FAILED', retryable: false },
          wireLength: body.length,
        });
      }
    },
  );

  test('in an unknown coding is ENCODING_UNSUPPORTED', async () => {
    await using server = await serve(respond(200, { 'content-encoding': 'lzma' }, 'x'));
    await using fetcher = createFetcher();
    expect(await fetcher.fetch(server.url)).toMatchObject({ attempts: 1, error: { code: 'ENCODING_UNSUPPORTED' } });
  });

  test('on a broken connection is BODY_TRUNCATED, not DECODE_FAILED', async () => {
    const body = gzipSync(text);
    const head = `HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${body.length}\r\n\r\n`;
    const result = await fetchFrom((socket) => socket.end(Buffer.concat([Buffer.from(head), body.subarray(0, 40)])));
    expect(result).toMatchObject({ kind: 'failure', error: { code: 'BODY_TRUNCATED' }, wireLength: 40 });
  });
});

describe('maxBodyBytes', () => {
  const limit = { ...once, maxBodyBytes: 1000 };
  const bodies: [string, (bytes: number) => RawHandler][] = [
    ['by its length', (bytes) => send(ok(bytes), 'x'.repeat(bytes))],
    ['in chunks', (bytes) => send(chunked, `${bytes.toString(16)}\r\n${'x'.repeat(bytes)}\r\n0\r\n\r\n`)],
    ['by its end', (bytes) => sendThenClose(unframed + 'x'.repeat(bytes))],
  ];
  test.each(bodies)('accepts a body of exactly this size and refuses one byte more: %s', async (_, answer) => {
    expect(await fetchFrom(answer(1000), limit)).toMatchObject({ kind: 'response', length: 1000 });
    expect(await fetchFrom(answer(1001), limit)).toMatchObject({
      kind: 'failure',
      error: { code: 'BODY_TOO_LARGE', retryable: false },
    });
  });

  test('is compared with the Content-Length before the body is read', async () => {
    const result = await fetchFrom(send(ok(1001)), limit);
    expect(result).toMatchObject({ kind: 'failure', length: 0, wireLength: 0, error: { code: 'BODY_TOO_LARGE' } });
  });

  test('ends an endless body and its connection', async () => {
    await using server = await rawServer((socket) => {
      socket.write(chunked);
      const pour = (): void => {
        while (socket.writable && socket.write(`1000\r\n${'x'.repeat(4096)}\r\n`));
      };
      socket.on('drain', pour);
      pour();
    });
    await using fetcher = createFetcher({ ...limit, maxBodyBytes: 1_000_000 });
    const result = await fetcher.fetch(server.url);
    expect(result).toMatchObject({ kind: 'failure', attempts: 1, error: { code: 'BODY_TOO_LARGE' } });
    expect(result.kind === 'failure' && result.length).toBeLessThan(2_000_000);
    await server.deserted();
  });

  test('counts decoded bytes, so that a bomb does no harm', async () => {
    const zeros = Buffer.alloc(64 << 20);
    const bombs = {
      gzip: gzipSync(zeros, { level: 1 }),
      br: brotliCompressSync(zeros, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }),
      zstd: zstdCompressSync(zeros),
    };
    await using fetcher = createFetcher({ ...once, maxBodyBytes: 1 << 20 });
    for (const [coding, body] of Object.entries(bombs)) {
      await using server = await serve(respond(200, { 'content-encoding': coding }, body));
      const result = await fetcher.fetch(server.url);
      expect(result, coding).toMatchObject({ kind: 'failure', error: { code: 'BODY_TOO_LARGE' } });
      expect(result.kind === 'failure' && result.length).toBeLessThan(2 << 20);
    }
  });

  test('ignores the Content-Length of a coded body, which is not its decoded length', async () => {
    const body = Buffer.concat([gzipSync('tiny', { level: 0 }), ...Array.from({ length: 60 }, () => gzipSync(''))]);
    expect(body.length).toBeGreaterThan(1000);
    await using server = await serve(respond(200, { 'content-encoding': 'gzip' }, body));
    await using fetcher = createFetcher(limit);
    expect(await fetcher.fetch(server.url)).toMatchObject({ kind: 'response', length: 4, wireLength: body.length });
  });

  test('of 0 accepts only empty bodies', async () => {
    expect(await fetchFrom(send(ok(0)), { maxBodyBytes: 0 })).toMatchObject({ kind: 'response' });
    expect(await fetchFrom(send(`${ok(1)}x`), { maxBodyBytes: 0 })).toMatchObject({
      error: { code: 'BODY_TOO_LARGE' },
    });
  });
});

/** Answers the first request on a connection and ends the connection at the second. */
const fickle =
  (end: RawHandler): RawHandler =>
  (socket, request) =>
    (request.turn === 1 ? send(`${ok(2)}ok`) : end)(socket, request);

describe('a keep-alive connection that the server closes while we use it', () => {
  const ends: [string, RawHandler][] = [
    ['reset', sendThenReset()],
    ['closed', sendThenClose()],
  ];

  test.each(ends)('%s: a GET is sent again without an attempt being charged', async (_, end) => {
    await using server = await rawServer(fickle(end));
    await using fetcher = createFetcher(once);
    for (let turn = 0; turn < 3; turn += 1) {
      expect(await fetcher.fetch(server.url)).toMatchObject({ status: 200, length: 2, attempts: 1 });
    }
    expect(server.requests.map(({ connection, turn }) => `${connection}.${turn}`)).toEqual([
      '1.1',
      '1.2',
      '2.1',
      '2.2',
      '3.1',
    ]);
  });

  test.each(ends)('%s: a POST is not sent again', async (_, end) => {
    await using server = await rawServer(fickle(end));
    await using fetcher = createFetcher();
    const post = { url: server.url, method: 'POST', body: 'x' };
    expect(await fetcher.fetch(post)).toMatchObject({ status: 200 });
    expect(await fetcher.fetch(post)).toMatchObject({
      kind: 'failure',
      attempts: 1,
      error: { code: expect.stringMatching(/^CONN_RESET|NO_RESPONSE$/) },
    });
    expect(server.requests).toHaveLength(2);
  });

  test('a GET is sent again only once: a new connection that is closed too is a failure', async () => {
    await using server = await rawServer((socket, request) =>
      (request.connection === 1 ? fickle(sendThenReset()) : sendThenReset())(socket, request),
    );
    await using fetcher = createFetcher(once);
    await fetcher.fetch(server.url);
    expect(await fetcher.fetch(server.url)).toMatchObject({
      kind: 'failure',
      attempts: 1,
      error: { code: 'CONN_RESET' },
    });
    expect(server.requests).toHaveLength(3);
  });

  test('after the start of its response: the attempt counts', async () => {
    await using server = await rawServer(fickle(sendThenReset('HTTP/1.1 200 OK\r\nX-')));
    await using fetcher = createFetcher(once);
    await fetcher.fetch(server.url);
    expect(await fetcher.fetch(server.url)).toMatchObject({ kind: 'failure', attempts: 1 });
    expect(server.requests).toHaveLength(2);
  });

  test('while it is idle: no request notices', async () => {
    await using server = await rawServer((socket, request) => {
      send(`${ok(2)}ok`)(socket, request);
      setTimeout(() => socket.end(), 5);
    });
    await using fetcher = createFetcher(once);
    for (let turn = 1; turn <= 3; turn += 1) {
      expect(await fetcher.fetch(server.url)).toMatchObject({ status: 200, attempts: 1 });
      await server.deserted();
    }
  });
});

describe('unsolicited bytes', () => {
  test('after a complete body harm neither it nor the next response', async () => {
    await using server = await rawServer((socket, { connection }) => {
      socket.write(`${ok(2)}${connection}!${ok(6)}poison`);
    });
    await using fetcher = createFetcher(once);
    for (let turn = 1; turn <= 3; turn += 1) {
      const result = await fetcher.fetch(server.url);
      expect(result.kind === 'response' && result.text()).toBe(`${turn}!`);
    }
  });

  test('before the next response do not harm that request, and end all reuse for the origin', async () => {
    await using server = await rawServer((socket, { connection, turn }) => {
      socket.write(turn === 1 ? `${ok(2)}${connection}!` : `garbage${ok(2)}no`);
    });
    await using fetcher = createFetcher(once);
    for (let connection = 1; connection <= 4; connection += 1) {
      const result = await fetcher.fetch(server.url);
      expect(result).toMatchObject({ kind: 'response', attempts: 1 });
      // The second request meets them, so the second connection answers it.
      expect(responseOf(result).text()).toBe(`${connection}!`);
    }
    expect(server.requests.map(({ connection }) => connection)).toEqual([1, 1, 2, 3, 4]);
  });

  test('are not suspected when a body is cut off or malformed: the origin keeps its connections', async () => {
    await using server = await rawServer((socket, { connection, turn }) => {
      socket.write(connection === 1 && turn === 2 ? `${chunked}2\r\nokay\r\n` : `${ok(2)}ok`);
    });
    await using fetcher = createFetcher(once);
    const kinds: string[] = [];
    for (let turn = 0; turn < 4; turn += 1) kinds.push((await fetcher.fetch(server.url)).kind);
    expect(kinds).toEqual(['response', 'failure', 'response', 'response']);
    expect(server.requests.map(({ connection }) => connection)).toEqual([1, 1, 2, 2]);
  });

  test('on an idle connection are not taken for the next response', async () => {
    await using server = await rawServer((socket, { connection }) => {
      socket.write(`${ok(2)}${connection}!`);
      setTimeout(() => socket.write(`${ok(6)}poison`), 5);
    });
    await using fetcher = createFetcher(once);
    for (let turn = 1; turn <= 3; turn += 1) {
      const result = await fetcher.fetch(server.url);
      expect(result.kind === 'response' && result.text()).toBe(`${turn}!`);
      await quiet();
    }
  });
});

test('unsolicited bytes that arrive while the event loop is busy are not taken for the next response', async () => {
  const sockets: Socket[] = [];
  await using server = await rawServer((socket, { connection }) => {
    sockets.push(socket);
    socket.write(`${ok(2)}${connection}!`);
  });
  await using fetcher = createFetcher(once);
  for (let turn = 1; turn <= 3; turn += 1) {
    const result = await fetcher.fetch(server.url);
    expect(result.kind === 'response' && result.text()).toBe(`${turn}!`);
    await quiet();
    // In one turn with the next request, so that nobody has looked at the socket in between.
    sockets.at(-1)!.write(`${ok(6)}poison`);
  }
});

describe('a request', () => {
  test('has the path and query without the fragment, the host and our own headers', async () => {
    await using server = await rawServer(send(ok(0)));
    await using fetcher = createFetcher();
    await fetcher.fetch(`${server.url}/a%20b/ä?q=1&r#part`);
    const [line, ...headers] = server.requests[0]!.head.split('\r\n');
    expect(line).toBe('GET /a%20b/%C3%A4?q=1&r HTTP/1.1');
    expect(headers.map((header) => header.toLowerCase())).toEqual(
      expect.arrayContaining([
        `host: 127.0.0.1:${server.port}`,
        'accept: */*',
        expect.stringMatching(/^user-agent: fetchmany\/\d/),
      ]),
    );
  });

  test('has the body with its length', async () => {
    await using server = await serve(respond(200));
    await using fetcher = createFetcher();
    const bytes = new Uint8Array([0, 1, 2, 255]).subarray(1);
    await fetcher.fetch({ url: server.url, method: 'POST', body: bytes });
    await fetcher.fetch({ url: server.url, method: 'POST', body: 'ä' });
    await fetcher.fetch({ url: server.url, method: 'POST' });
    expect(server.requests.map(({ body, headers }) => [[...body], headers['content-length']])).toEqual([
      [[1, 2, 255], '3'],
      [[195, 164], '2'],
      [[], '0'],
    ]);
  });

  test('over TLS fails with a self-signed certificate, unless verification is off or the certificate is trusted', async () => {
    const tls = await loopbackCertificate();
    await using server = await rawServer(send(ok(0)), tls);
    const outcomes: string[] = [];
    for (const option of [{}, { rejectUnauthorized: false }, { ca: tls.cert }]) {
      await using fetcher = createFetcher({ ...once, tls: option });
      const result = await fetcher.fetch(server.url);
      outcomes.push(result.kind === 'failure' ? result.error.code : result.kind);
    }
    expect(outcomes).toEqual([expect.stringMatching(/^TLS_SELF_SIGNED|TLS_UNTRUSTED$/), 'response', 'response']);
  });

  test('to a server that speaks no TLS is TLS_PROTOCOL', async () => {
    // Node's server cannot parse the TLS hello and answers 400.
    await using server = await serve(respond(200));
    await using fetcher = createFetcher(once);
    const result = await fetcher.fetch(server.url.replace('http:', 'https:'));
    expect(result).toMatchObject({ kind: 'failure', error: { code: 'TLS_PROTOCOL', retryable: false } });
    expect(server.requests).toEqual([]);
  });
});
