import { createServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { createFetcher, type FetcherOptions } from '../../../../src/index.ts';
import { watchProcess } from '../../../helpers/incidents.ts';
import { httpProxy } from '../../../helpers/proxies/http-proxy.ts';
import { socksProxy } from '../../../helpers/proxies/socks-proxy.ts';
import { failureOf } from '../../../helpers/kinds.ts';
import { issue } from '../../../helpers/servers/authority.ts';
import { loopbackCertificate } from '../../../helpers/servers/certificate.ts';
import { listening } from '../../../helpers/servers/listening.ts';
import { deadPort, rawServer, send } from '../../../helpers/servers/raw-server.ts';
import { respond, serve } from '../../../helpers/servers/serve.ts';

const tls = await loopbackCertificate();
const once: FetcherOptions = { retry: { retries: 0 } };
const secret = 'hunter2';

/** Answers as soon as the client has said something. */
const says =
  (...pieces: readonly (string | Uint8Array)[]) =>
  (socket: Socket): void =>
    void socket.once('data', () => {
      for (const piece of pieces) socket.write(piece);
    });

const closes = (socket: Socket): void => void socket.once('data', () => socket.end());
const resets = (socket: Socket): void => void socket.once('data', () => socket.resetAndDestroy());
const answers = (head: string) => says(`HTTP/1.1 ${head}\r\n\r\n`);

interface Fault {
  readonly what: string;
  readonly proxy: (socket: Socket) => void;
  readonly code: string;
  readonly isRetryable: boolean;
  readonly message: RegExp;
}

/** Makes a fault. */
function fault(what: string, proxy: Fault['proxy'], code: string, message: RegExp, isRetryable = false): Fault {
  return { what, proxy, code, message, isRetryable };
}

const httpFaults: readonly Fault[] = [
  fault('closes', closes, 'PROXY_CONNECT', /it closed the connection/, true),
  fault('resets', resets, 'PROXY_CONNECT', /it closed the connection/, true),
  fault('answers 403', answers('403 No'), 'PROXY_REFUSED', /status 403/),
  fault('answers 503', answers('503 No'), 'PROXY_REFUSED', /status 503/, true),
  fault('answers 301', answers('301 There\r\nLocation: http://x/'), 'PROXY_REFUSED', /status 301/),
  fault('answers 407', answers('407 Who?'), 'PROXY_AUTH', /rejected the user name and password/),
  fault('answers with garbage', says('SSH-2.0-OpenSSH_9.2\r\n'), 'PROXY_REFUSED', /its response is not HTTP/),
  fault('answers with half a garbage', says('HTTP/2 200\r\n\r\n'), 'PROXY_REFUSED', /its response is not HTTP/),
  fault('answers without a status', says('HTTP/1.1 2x0 OK\r\n\r\n'), 'PROXY_REFUSED', /has no status/),
  fault('ends its lines with LF', says('HTTP/1.1 200 OK\n\n'), 'PROXY_REFUSED', /ends in LF without CR/),
  fault('ends one line with LF', says('HTTP/1.1 200 OK\r\nA: b\n\r\n'), 'PROXY_REFUSED', /ends in LF without CR/),
  fault('ends a line with LF, piece by piece', says('HTTP/1.1 200 OK', '\n', '\n'), 'PROXY_REFUSED', /LF without CR/),
  fault('answers with a head of 70 KB', says('HTTP/1.1 200 OK\r\nX: ', 'x'.repeat(70_000)), 'PROXY_REFUSED', /64 KB/),
  fault(
    'is silent',
    (socket) => void socket.resume(),
    'CONNECT_TIMEOUT',
    /through the proxy http:.*proxy response timed out/,
    true,
  ),
  fault(
    'opens the tunnel and closes it',
    (socket) => {
      says('HTTP/1.1 200 OK\r\n\r\n')(socket);
      socket.once('data', () => socket.end());
    },
    'CONNECT_RESET',
    /through the proxy http:/,
    true,
  ),
  fault(
    'lies: there is no server',
    says('HTTP/1.1 200 OK\r\n\r\n', 'hello, this is no TLS'),
    'TLS_PROTOCOL',
    /through the proxy/,
  ),
];

const reply = (code: number): number[] => [5, code, 0, 1, 0, 0, 0, 0, 0, 0];
const socks = (...replies: readonly number[][]) => says(...replies.map((bytes) => Buffer.from(bytes)));

const socksFaults: readonly Fault[] = [
  fault('closes', closes, 'PROXY_CONNECT', /it closed the connection/, true),
  fault('resets', resets, 'PROXY_CONNECT', /it closed the connection/, true),
  fault(
    'is silent',
    (socket) => void socket.resume(),
    'CONNECT_TIMEOUT',
    /through the proxy socks5h:.*proxy response timed out/,
    true,
  ),
  fault('speaks HTTP', says('HTTP/1.1 400 Bad\r\n\r\n'), 'PROXY_REFUSED', /its response is not SOCKS5/),
  fault('says one wrong byte', says('H'), 'PROXY_REFUSED', /its response is not SOCKS5/),
  fault('accepts no method', socks([5, 0xff]), 'PROXY_AUTH', /rejected the user name and password/),
  fault('chooses GSSAPI', socks([5, 1]), 'PROXY_REFUSED', /was not offered/),
  fault('refuses the password', socks([5, 2], [1, 1]), 'PROXY_AUTH', /rejected the user name and password/),
  fault('has a general failure', socks([5, 0], reply(1)), 'PROXY_REFUSED', /general failure/),
  fault('has rules', socks([5, 0], reply(2)), 'PROXY_REFUSED', /not allowed/),
  fault('finds no network', socks([5, 0], reply(3)), 'CONNECT_UNREACHABLE', /network unreachable/, true),
  fault('finds no host', socks([5, 0], reply(4)), 'CONNECT_UNREACHABLE', /host unreachable/, true),
  fault('finds nobody listening', socks([5, 0], reply(5)), 'CONNECT_REFUSED', /connection refused/, true),
  fault('runs out of hops', socks([5, 0], reply(6)), 'CONNECT_UNREACHABLE', /TTL/, true),
  fault('knows no CONNECT', socks([5, 0], reply(7)), 'PROXY_REFUSED', /command/),
  fault('knows no such address', socks([5, 0], reply(8)), 'PROXY_REFUSED', /address type/),
  fault('answers with an unknown reply', socks([5, 0], reply(99)), 'PROXY_REFUSED', /reply 99/),
  fault(
    'has an unknown type of address',
    socks([5, 0], [5, 0, 0, 9, 1]),
    'PROXY_REFUSED',
    /its response is not SOCKS5/,
  ),
  fault(
    'sends half a reply',
    (socket) => {
      says(Buffer.of(5, 0, 5, 0, 0, 1))(socket);
      socket.once('data', () => socket.end());
    },
    'PROXY_CONNECT',
    /it closed the connection/,
    true,
  ),
];

describe.each([
  ['http', httpFaults],
  ['socks5h', socksFaults],
] as const)('an %s proxy that', (scheme, faults) => {
  test.each(faults.map((each) => [each.what, each] as const))('%s', async (_what, each) => {
    using incidents = watchProcess();
    await using proxy = await listening(createServer(each.proxy));
    await using fetcher = createFetcher({
      ...once,
      proxy: `${scheme}://me:${secret}@127.0.0.1:${proxy.port}`,
      connectTimeoutMs: each.code === 'CONNECT_TIMEOUT' ? 200 : 10_000,
    });
    const { error, proxy: named, attempts } = failureOf(await fetcher.fetch('https://a.localhost:1/'));
    expect(error.code).toBe(each.code);
    expect(error.message).toMatch(each.message);
    expect(error.retryable).toBe(each.isRetryable);
    expect([named, attempts]).toEqual([`${scheme}://127.0.0.1:${proxy.port}`, 1]);
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(secret);
    await expect.poll(() => proxy.connections.open, { interval: 5 }).toBe(0);
    expect(incidents.seen).toEqual([]);
  });
});

test.each(['http', 'https', 'socks5', 'socks5h'])(
  'an %s proxy that is down is PROXY_CONNECT, and retried',
  async (scheme) => {
    const port = await deadPort();
    await using fetcher = createFetcher({ retry: { retries: 1 }, proxy: `${scheme}://127.0.0.1:${port}` });
    const { error, attempts } = failureOf(await fetcher.fetch('http://a.localhost:1/'));
    expect(error).toMatchObject({ code: 'PROXY_CONNECT', retryable: true });
    expect(error.message).toBe(`Cannot connect to the proxy ${scheme}://127.0.0.1:${port}: connection refused`);
    expect(attempts).toBe(2);
  },
);

test('a proxy whose name does not exist is PROXY_CONNECT, not the fault of the server', async () => {
  await using fetcher = createFetcher({ ...once, proxy: 'http://proxy.invalid:3128' });
  const { error } = failureOf(await fetcher.fetch('https://a.localhost:1/'));
  expect(error.code).toBe('PROXY_CONNECT');
  expect(error.message).toBe('Cannot connect to the proxy http://proxy.invalid:3128: no such host');
});

test('socks5 reports a server whose name does not exist as DNS_NOT_FOUND', async () => {
  await using proxy = await socksProxy();
  await using fetcher = createFetcher({ ...once, proxy: `socks5://${proxy.host}` });
  expect(failureOf(await fetcher.fetch('http://nobody.invalid/')).error.code).toBe('DNS_NOT_FOUND');
  expect(proxy.connections.made).toBe(0);
});

test('a name longer than SOCKS can say fails its request', async () => {
  await using proxy = await socksProxy();
  await using fetcher = createFetcher({ ...once, proxy: `socks5h://${proxy.host}` });
  const name = Array.from({ length: 8 }, () => 'a'.repeat(60)).join('.');
  expect(failureOf(await fetcher.fetch(`http://${name}/`)).error.code).toBe('DNS_NOT_FOUND');
});

test('the certificate of a proxy is PROXY_TLS, that of the server behind it is not', async () => {
  const stranger = await issue('stranger', { names: ['a.localhost'] });
  await using server = await rawServer(send('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'), stranger);
  await using proxy = await httpProxy({ tls });
  const url = `https://a.localhost:${server.port}/`;
  await using distrustful = createFetcher({ ...once, tls: { ca: stranger.cert }, proxy: proxy.url });
  const { error } = failureOf(await distrustful.fetch(url));
  expect(error).toMatchObject({ code: 'PROXY_TLS', retryable: false });
  expect(error.message).toBe(`Cannot connect to the proxy ${proxy.url}: its certificate is self-signed`);
  await using trusting = createFetcher({ ...once, proxy: { url: proxy.url, ca: tls.cert } });
  expect(failureOf(await trusting.fetch(url)).error.code).toBe('TLS_SELF_SIGNED');
});

test('a proxy that speaks no TLS although its URL says so is PROXY_TLS', async () => {
  await using proxy = await httpProxy();
  await using fetcher = createFetcher({ ...once, proxy: proxy.url.replace('http:', 'https:') });
  expect(failureOf(await fetcher.fetch('http://a.localhost:1/')).error.code).toBe('PROXY_TLS');
});

test('a proxy that never ends its TLS handshake is PROXY_CONNECT', async () => {
  await using proxy = await listening(createServer());
  await using fetcher = createFetcher({ ...once, connectTimeoutMs: 200, proxy: `https://127.0.0.1:${proxy.port}` });
  const { error } = failureOf(await fetcher.fetch('http://a.localhost:1/'));
  expect(error.code).toBe('PROXY_CONNECT');
  expect(error.message).toMatch(/TLS handshake timed out after 200 ms/);
});

test('a wrong password is PROXY_AUTH for forwarded requests too, and a 407 of a server is a response', async () => {
  await using server = await serve(respond(407));
  await using proxy = await httpProxy({ login: 'me:right' });
  const url = server.at('a');
  await using wrong = createFetcher({ ...once, proxy: proxy.url.replace('//', '//me:wrong@') });
  expect(failureOf(await wrong.fetch(url)).error).toMatchObject({ code: 'PROXY_AUTH', retryable: false });
  await using none = createFetcher({ ...once, proxy: proxy.url });
  expect(failureOf(await none.fetch(url)).error.message).toMatch(/requires a user name and password/);
  await using direct = createFetcher(once);
  expect(await direct.fetch(url)).toMatchObject({ kind: 'response', status: 407 });
  const right = proxy.url.replace('//', '//me:right@');
  await using tunnelled = createFetcher({ ...once, proxy: { url: right, tunnel: true } });
  expect(await tunnelled.fetch(url)).toMatchObject({ kind: 'response', status: 407 });
});

test.each<[what: string, proxy: (socket: Socket) => void, code: string, message: string]>([
  ['closes', closes, 'NO_RESPONSE', 'The proxy PROXY closed the connection before sending complete response headers'],
  ['resets', resets, 'CONN_RESET', 'The proxy PROXY reset the connection before responding'],
  [
    'answers with garbage',
    says('SSH-2.0\r\n'),
    'HTTP_PROTOCOL',
    'The response violates the HTTP protocol (through the proxy PROXY)',
  ],
  [
    'ends lines with LF',
    says('HTTP/1.1 200 OK\nContent-Length: 0\n\n'),
    'HTTP_PROTOCOL',
    'The response violates the HTTP protocol (through the proxy PROXY)',
  ],
  [
    'cuts the body',
    (socket) => void socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf')),
    'BODY_TRUNCATED',
    'The body was cut off before its end (through the proxy PROXY)',
  ],
  [
    'contradicts itself',
    says('HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n'),
    'LENGTH_MISMATCH',
    'The response has a contradictory Content-Length, or is malformed after it (through the proxy PROXY)',
  ],
  [
    'is silent',
    (socket) => void socket.resume(),
    'TIMEOUT',
    'No complete response within 200 ms (through the proxy PROXY)',
  ],
])('a proxy that forwards and %s is named in the message', async (_what, proxy, code, message) => {
  await using server = await listening(createServer(proxy));
  const name = `http://127.0.0.1:${server.port}`;
  await using fetcher = createFetcher({
    ...once,
    proxy: `http://me:${secret}@127.0.0.1:${server.port}`,
    timeoutMs: code === 'TIMEOUT' ? 200 : 10_000,
  });
  const { error, proxy: named } = failureOf(await fetcher.fetch('http://a.localhost:1/'));
  expect(error).toMatchObject({ code, message: message.replace('PROXY', name) });
  expect(named).toBe(name);
});

test('a fault of the response itself is not that of the proxy', async () => {
  await using proxy = await listening(createServer(says('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n123456789')));
  await using fetcher = createFetcher({ ...once, proxy: `http://127.0.0.1:${proxy.port}`, maxBodyBytes: 5 });
  const { error } = failureOf(await fetcher.fetch('http://a.localhost:1/'));
  expect(error).toMatchObject({ code: 'BODY_TOO_LARGE', message: 'The body is larger than 5 bytes' });
});

test('a server that does not exist behind a forwarding proxy is the response of the proxy', async () => {
  await using proxy = await httpProxy();
  await using fetcher = createFetcher({ ...once, proxy: proxy.url });
  expect(await fetcher.fetch(`http://a.localhost:${await deadPort()}/`)).toMatchObject({ status: 503, ok: false });
});

test('a handshake that is cancelled leaves no connection', async () => {
  const asked = Promise.withResolvers<void>();
  await using proxy = await listening(
    createTlsServer(tls, (socket) => void socket.once('data', () => asked.resolve())),
  );
  await using fetcher = createFetcher({ ...once, proxy: { url: `https://127.0.0.1:${proxy.port}`, ca: tls.cert } });
  const controller = new AbortController();
  const result = fetcher.fetch('https://a.localhost:1/', { signal: controller.signal });
  await asked.promise;
  controller.abort();
  expect((await result).kind).toBe('cancelled');
  await expect.poll(() => proxy.connections.open, { interval: 5 }).toBe(0);
});
