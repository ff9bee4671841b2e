import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { constants } from 'node:http2';
import { expect, test } from 'vitest';
import { createFetcher } from '../../../src/fetcher/fetcher.ts';
import { loopbackCertificate } from '../../helpers/servers/certificate.ts';
import { serveHttp2 } from '../../helpers/servers/serve-http2.ts';
import { deadPort, rawServer, send, sendThenReset } from '../../helpers/servers/raw-server.ts';

interface Message {
  readonly request: {
    readonly origin: string;
    readonly path: string;
    addHeader(name: string, value: string): unknown;
  };
  readonly response?: { readonly statusCode: number; readonly headers: readonly Buffer[] };
  readonly error?: Error;
}

const names = [
  'request:create',
  'client:sendHeaders',
  'request:bodySent',
  'request:headers',
  'request:trailers',
  'request:error',
];

interface Listener extends Disposable {
  /** The names of all messages, in order. */
  readonly seen: readonly string[];
}

/** Listens to the channels of undici as an instrumentation does, and calls `onMessage` for each message. */
function listen(onMessage: (name: string, message: Message) => void): Listener {
  const seen: string[] = [];
  const listeners = names.map((name) => {
    const listener = (message: unknown): void => {
      seen.push(name);
      onMessage(name, message as Message);
    };
    subscribe(`undici:${name}`, listener);
    return () => unsubscribe(`undici:${name}`, listener);
  });
  return { seen, [Symbol.dispose]: () => listeners.forEach((stop) => void stop()) };
}

const answer = 'HTTP/1.1 200 OK\r\nX-One: 1\r\nContent-Length: 2\r\n\r\nok';

test('each step of a request is published on the channels of undici, in order', async () => {
  await using server = await rawServer(send(answer));
  await using fetcher = createFetcher({ retry: { retries: 0 } });
  const statuses: unknown[] = [];
  using listener = listen((_name, { response }) => {
    if (response) statuses.push(response.statusCode, response.headers.map(String));
  });
  await fetcher.fetch(`${server.url}/a`);
  expect(listener.seen).toEqual(names.slice(0, 5));
  expect(statuses).toEqual([200, ['X-One', '1', 'Content-Length', '2']]);
});

test('a header that a listener adds is sent, with that request only', async () => {
  await using server = await rawServer(send(answer));
  await using fetcher = createFetcher({ retry: { retries: 0 } });
  {
    using listener = listen((name, { request }) => {
      if (name === 'request:create') request.addHeader('traceparent', `00-${request.path.slice(1)}`);
    });
    await fetcher.fetch(`${server.url}/a`);
    await fetcher.fetch(`${server.url}/b`);
    expect(listener.seen).toHaveLength(10);
  }
  await fetcher.fetch(`${server.url}/c`);
  const traces = server.requests.map(({ head }) => /traceparent: (.*)/.exec(head)?.[1]);
  expect(traces).toEqual(['00-a', '00-b', undefined]);
  expect(server.requests.map(({ head }) => head.split('\r\n', 1)[0])).toEqual([
    'GET /a HTTP/1.1',
    'GET /b HTTP/1.1',
    'GET /c HTTP/1.1',
  ]);
});

test('a request that fails is published once as an error', async () => {
  await using server = await rawServer(sendThenReset());
  await using fetcher = createFetcher({ retry: { retries: 0 } });
  const errors: string[] = [];
  using listener = listen((name, { error, request }) => {
    if (name === 'request:error') errors.push(`${request.origin} ${error instanceof Error}`);
  });
  await fetcher.fetch(server.url);
  expect(listener.seen.filter((name) => name === 'request:trailers')).toEqual([]);
  const dead = `http://127.0.0.1:${await deadPort()}`;
  await fetcher.fetch(dead);
  expect(errors).toEqual([`${new URL(server.url).origin} true`, `${dead} true`]);
});

test('over HTTP/2 the same is published, and added headers are sent', async () => {
  await using server = await serveHttp2((stream) => {
    stream.respond({ ':status': 201, 'x-one': '1' });
    stream.end('ok');
  });
  const { cert } = await loopbackCertificate();
  await using fetcher = createFetcher({ retry: { retries: 0 }, http2: true, tls: { ca: cert } });
  const statuses: unknown[] = [];
  using listener = listen((name, { request, response }) => {
    if (name === 'request:create') request.addHeader('traceparent', `00-${request.path.slice(1)}`);
    if (response) statuses.push(response.statusCode, response.headers.map(String));
  });
  await fetcher.fetch(`${server.url}/a`);
  expect(listener.seen).toEqual(names.slice(0, 5));
  expect(statuses).toEqual([201, expect.arrayContaining(['x-one', '1'])]);
  expect(server.requests[0]).toMatchObject({ path: '/a', headers: { traceparent: '00-a' } });
});

test('over HTTP/2 a request that fails is published once as an error, sent or not', async () => {
  await using server = await serveHttp2((stream) => stream.close(constants.NGHTTP2_INTERNAL_ERROR));
  const { cert } = await loopbackCertificate();
  await using fetcher = createFetcher({ retry: { retries: 0 }, http2: true, tls: { ca: cert } });
  const errors: string[] = [];
  using listener = listen((name, { error, request }) => {
    if (name === 'request:error') errors.push(`${request.origin} ${error instanceof Error}`);
  });
  const dead = `https://127.0.0.1:${await deadPort()}`;
  await fetcher.fetch(server.url);
  await fetcher.fetch(dead);
  expect(errors).toEqual([`${server.url} true`, `${dead} true`]);
  expect(listener.seen.filter((name) => name === 'request:trailers')).toEqual([]);
});

test('a server that speaks no HTTP/2 is published as over HTTP/1.1, once', async () => {
  const tls = await loopbackCertificate();
  await using server = await rawServer(send(answer), tls);
  await using fetcher = createFetcher({ retry: { retries: 0 }, http2: true, tls: { ca: tls.cert } });
  using listener = listen(() => undefined);
  await fetcher.fetch(server.url);
  expect(listener.seen).toEqual(names.slice(0, 5));
});
