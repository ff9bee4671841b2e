import { createServer } from 'node:https';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { createFetcher, type Fetcher } from '../../src/index.ts';
import type { FetcherOptions } from '../../src/fetcher/options.ts';
import { watchProcess } from '../helpers/incidents.ts';
import { failureOf, responseOf } from '../helpers/kinds.ts';
import { listening, type Listening } from '../helpers/servers/listening.ts';
import { respond, serve } from '../helpers/servers/serve.ts';
import {
  accepted,
  body,
  client,
  good,
  https,
  intermediate,
  passing,
  refused,
  root,
  says,
  trusted,
} from './handshakes.ts';
import type { TlsCase } from './handshakes.ts';
import { expectHonest } from './invariants.ts';

const connectTimeoutMs = 250;
/** Milliseconds by which a fault may settle after its limit, on a busy machine. */
const slackMs = 2000;

function urlOf({ host = '127.0.0.1', scheme = 'https' }: TlsCase, { port }: Listening): string {
  return `${scheme}://${host}:${port}/`;
}

function optionsFor({ tls }: TlsCase, retries: number): FetcherOptions {
  return { connectTimeoutMs, retry: { retries }, ...(tls ? { tls } : {}) };
}

/** Checks after a case that no connection is left, and that the next URL is fetched as usual. */
async function expectUnharmed(server: Listening, fetcher: Fetcher): Promise<void> {
  await using healthy = await serve(respond(200));
  expect(await fetcher.fetch(healthy.url)).toMatchObject({ ok: true, attempts: 1 });
  await expect.poll(() => server.connections.open, { timeout: 1000 + slackMs, interval: 5 }).toBe(0);
}

/** Returns the code of the cause of an error. */
function nativeCode({ cause }: Error): unknown {
  return (cause as NodeJS.ErrnoException | undefined)?.code;
}

describe('TLS: a server with', () => {
  test.each(accepted)('$id $fault is accepted', async (accept) => {
    using incidents = watchProcess();
    await using server = await listening(accept.server());
    await using fetcher = createFetcher({ ...optionsFor(accept, 0), connectTimeoutMs: 5000 });
    const result = responseOf(await fetcher.fetch(urlOf(accept, server)));
    expect(result).toMatchObject({ status: 200, attempts: 1, complete: 'framed', length: 2 });
    expect(result.text()).toBe(body);
    expect(Object.keys(result.timingsMs)).toEqual(expect.arrayContaining(['connect', 'tls']));
    expect(incidents.seen).toEqual([]);
  });
});

describe('TLS: a certificate or server:', () => {
  test.each(refused)('$id $fault is $code, and is not retried', async (fault) => {
    using incidents = watchProcess();
    await using server = await listening(fault.server());
    await using fetcher = createFetcher({ ...optionsFor(fault, 2), connectTimeoutMs: 5000 });
    const start = performance.now();
    const [result, ...more] = await fetcher.gather([urlOf(fault, server)], { returnExceptions: true });
    expect(performance.now() - start).toBeLessThan(slackMs);
    expect(more).toEqual([]);
    expectHonest(result!);
    expect(result).toMatchObject({ attempts: 1, length: 0, error: { code: fault.code, retryable: false } });
    expect(server.connections.made).toBe(1);
    const { error } = failureOf(result!);
    expect(nativeCode(error)).toMatch(fault.native ?? /^[A-Z_]+$/);
    expect(error.message).toMatch(/^Cannot connect to \S+: |^The server ended the TLS connection/);
    await expectUnharmed(server, fetcher);
    expect(incidents.seen).toEqual([]);
  });
});

describe('TLS: a handshake that ends in', () => {
  test.each(passing)('$id $fault is $code, and is retried', async (fault) => {
    using incidents = watchProcess();
    await using server = await listening(fault.server());
    await using fetcher = createFetcher(optionsFor(fault, 1));
    const start = performance.now();
    const result = await fetcher.fetch(urlOf(fault, server));
    const tookMs = performance.now() - start;
    expectHonest(result);
    expect(result).toMatchObject({ attempts: 2, length: 0, error: { code: fault.code, retryable: true } });
    expect(server.connections.made).toBe(2);
    if (fault.native) expect(nativeCode(failureOf(result).error)).toMatch(fault.native);
    if (fault.code === 'TLS_TIMEOUT') expect(tookMs).toBeGreaterThan(2 * connectTimeoutMs - 10);
    expect(tookMs).toBeLessThan(2 * connectTimeoutMs + slackMs);
    await expectUnharmed(server, fetcher);
    expect(incidents.seen).toEqual([]);
  });
});

test('F13 the message for plain HTTP suggests it as the reason', async () => {
  await using server = await listening(says('HTTP/1.1 400 Bad Request\r\n\r\n')());
  await using fetcher = createFetcher();
  const { error } = failureOf(await fetcher.fetch(`https://127.0.0.1:${server.port}/`));
  expect(error.message).toMatch(/ \(does it speak plain http\?\)$/);
});

test('F11 the message says that a client certificate is required, if the server says so (TLS 1.3)', async () => {
  await using server = await listening(https(good, { requestCert: true, ca: root.cert, minVersion: 'TLSv1.3' })());
  await using fetcher = createFetcher({ tls: trusted });
  const { error } = failureOf(await fetcher.fetch(`https://127.0.0.1:${server.port}/`));
  expect(error.message).toMatch(/: the server requires a client certificate$/);
});

describe('F21 fetchers with other TLS options', () => {
  test('share neither connections nor sessions', async () => {
    const seen: [isResumed: boolean, isKnown: boolean][] = [];
    const server = createServer(
      { ...good, requestCert: true, rejectUnauthorized: false, ca: root.cert },
      ({ socket }, response) => {
        seen.push([isResumed(socket), (socket as TLSSocket).authorized]);
        response.end(body);
      },
    );
    await using listener = await listening(server);
    const url = `https://127.0.0.1:${listener.port}/`;
    await using careless = createFetcher({ tls: { rejectUnauthorized: false } });
    await using known = createFetcher({ tls: { ...trusted, ...client } });
    await using strict = createFetcher({ tls: trusted });
    await using other = createFetcher({ tls: { ca: intermediate.cert } });
    await using usual = createFetcher();
    for (const fetcher of [careless, careless, known, known, strict]) {
      expect(await fetcher.fetch(url)).toMatchObject({ ok: true });
    }
    for (const fetcher of [other, usual]) {
      expect(await fetcher.fetch(url)).toMatchObject({ error: { code: 'TLS_UNTRUSTED' } });
    }
    const unknown = [false, false];
    expect(seen).toEqual([unknown, unknown, [false, true], [false, true], unknown]);
    expect(listener.connections.made).toBe(5);
  });

  test('resume their own sessions only, and for the same host only', async () => {
    const seen: boolean[] = [];
    const server = createServer(good, ({ socket }, response) => {
      seen.push(isResumed(socket));
      response.setHeader('connection', 'close');
      response.end(body);
    });
    await using listener = await listening(server);
    await using fetcher = createFetcher({ tls: trusted });
    for (const host of ['127.0.0.1', '127.0.0.1', 'localhost', 'localhost']) {
      expect(await fetcher.fetch(`https://${host}:${listener.port}/`)).toMatchObject({ ok: true });
    }
    expect(seen).toEqual([false, true, false, true]);
  });
});

function isResumed(socket: Socket): boolean {
  return (socket as TLSSocket).isSessionReused();
}
