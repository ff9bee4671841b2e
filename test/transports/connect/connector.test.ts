import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { createFetcher } from '../../../src/fetcher/fetcher.ts';
import { serveDns, zoneOf, type DnsAnswer } from '../../helpers/servers/dns-server.ts';
import { moduleCommand, runShell } from '../../helpers/process/module.ts';
import { namedFetcher } from '../../helpers/named-fetcher.ts';
import { respond, serve, type ScriptedServer } from '../../helpers/servers/serve.ts';

const once = { retry: { retries: 0 } };

/** Returns the server's URL with a name as its host. */
const under = (server: ScriptedServer, name: string): string => server.url.replace('127.0.0.1', name);

test('a name leads to its server, and all connections share one query', async () => {
  await using server = await serve(respond(200));
  await using dns = await serveDns(zoneOf({ 'shop.example': ['127.0.0.1'] }));
  await using fetcher = namedFetcher({ servers: [dns.address] });
  const results = await fetcher.gather(Array.from({ length: 50 }, (_, at) => `${under(server, 'shop.example')}/${at}`));
  expect(results.every(({ ok }) => ok)).toBe(true);
  expect(server.requests[0]?.headers.host).toMatch(/^shop\.example:\d+$/);
  expect(dns.questions).toHaveLength(2);
});

test.for<[string, DnsAnswer, string, boolean]>([
  ['NXDOMAIN', { rcode: 3 }, 'DNS_NOT_FOUND', false],
  ['no address', {}, 'DNS_NOT_FOUND', false],
  ['SERVFAIL', { rcode: 2 }, 'DNS_TEMPORARY', true],
  ['REFUSED', { rcode: 5 }, 'DNS_TEMPORARY', true],
  ['garbage', { bytes: Buffer.from('garbage') }, 'DNS_TEMPORARY', true],
])('a name server that answers with %s makes a failure', async ([, answer, code, retryable]) => {
  await using dns = await serveDns(() => answer);
  await using fetcher = namedFetcher({ servers: [dns.address] }, once);
  const result = await fetcher.fetch('http://name.example/');
  expect(result).toMatchObject({ kind: 'failure', attempts: 1, error: { code, retryable } });
});

test('a silent name server is DNS_TIMEOUT, at the connect timeout or after 5 s', async () => {
  await using dns = await serveDns(() => undefined);
  await using patient = namedFetcher({ servers: [dns.address] }, once);
  await using hasty = namedFetcher({ servers: [dns.address] }, { ...once, connectTimeoutMs: 300 });
  const [late, soon] = await Promise.all([patient.fetch('http://name.example/'), hasty.fetch('http://name.example/')]);
  for (const result of [late, soon]) expect(result).toMatchObject({ error: { code: 'DNS_TIMEOUT', retryable: true } });
  expect(late.elapsedMs).toBeLessThan(6000);
  expect(soon.elapsedMs).toBeLessThan(1000);
});

test('500 names without an answer do not hold up others', async () => {
  await using server = await serve(respond(200));
  await using dns = await serveDns(({ name }) => (name.startsWith('dead') ? undefined : { addresses: ['127.0.0.1'] }));
  await using fetcher = namedFetcher({ servers: [dns.address] }, { ...once, concurrency: 600, connectTimeoutMs: 2000 });
  const dead = Array.from({ length: 500 }, (_, at) => `http://dead${at}.example/`);
  const good = Array.from({ length: 50 }, (_, at) => under(server, `good${at}.example`));
  const results = await fetcher.gather([...dead, ...good], { returnExceptions: true });
  for (const result of results.slice(500)) {
    expect(result).toMatchObject({ kind: 'response', status: 200 });
    expect(result.elapsedMs).toBeLessThan(1500);
  }
  for (const result of results.slice(0, 500)) expect(result).toMatchObject({ error: { code: 'DNS_TIMEOUT' } });
});

test('no request is lost when name servers come back', async () => {
  await using server = await serve(respond(200));
  let isDown = true;
  await using dns = await serveDns(() => (isDown ? undefined : { addresses: ['127.0.0.1'] }));
  await using fetcher = namedFetcher({ servers: [dns.address] }, { connectTimeoutMs: 400, retry: { retries: 10 } });
  setTimeout(() => (isDown = false), 1000);
  const result = await fetcher.fetch(under(server, 'shop.example'));
  expect(result).toMatchObject({ kind: 'response', status: 200 });
  expect(result.attempts).toBeGreaterThan(1);
});

test.for<[string, string[]]>([
  ['the IPv6 one is dead', ['::1', '127.0.0.1']],
  ['the first two are dead', ['127.0.0.7', '127.0.0.8', '127.0.0.1']],
  ['the first is silent', ['192.0.2.77', '127.0.0.1']],
])('another address is tried when %s', async ([, addresses]) => {
  await using server = await serve(respond(200));
  await using dns = await serveDns(zoneOf({ 'shop.example': addresses }));
  await using fetcher = namedFetcher({ servers: [dns.address] }, once);
  const result = await fetcher.fetch(under(server, 'shop.example'));
  expect(result).toMatchObject({ kind: 'response', status: 200 });
  expect(result.elapsedMs).toBeLessThan(2000);
});

test('an address is not given up because this process was busy while it connected', async () => {
  await using server = await serve(respond(200));
  await using fetcher = createFetcher(once);
  // As a long garbage collection does, or a machine with too much work.
  const stall = ({ socket }: { readonly socket: Socket }): void => {
    socket.once('connectionAttempt', () =>
      process.nextTick(() => {
        const until = performance.now() + 400;
        while (performance.now() < until);
      }),
    );
  };
  subscribe('net.client.socket', stall as (message: unknown) => void);
  onTestFinished(() => void unsubscribe('net.client.socket', stall as (message: unknown) => void));
  // This name has two addresses, 127.0.0.1 and ::1, and no server listens at the second one.
  const result = await fetcher.fetch(under(server, 'busy.localhost'));
  expect(result).toMatchObject({ kind: 'response', status: 200, attempts: 1 });
});

test('among several failed addresses the most telling error counts', async () => {
  await using server = await serve(respond(200));
  const { url } = server;
  await server[Symbol.asyncDispose]();
  await using dns = await serveDns(zoneOf({ 'shop.example': ['192.0.2.77', '127.0.0.1'] }));
  await using fetcher = namedFetcher({ servers: [dns.address] }, once);
  const result = await fetcher.fetch(url.replace('127.0.0.1', 'shop.example'));
  expect(result).toMatchObject({ error: { code: 'CONNECT_REFUSED' } });
});

test('close() ends pending lookups and lets the process exit', async () => {
  await using dns = await serveDns(() => undefined);
  await using fetcher = namedFetcher({ servers: [dns.address] });
  const waiting = fetcher.fetch('http://name.example/');
  await sleep(100);
  await fetcher.close();
  expect(await waiting).toMatchObject({ kind: 'cancelled' });
  const start = performance.now();
  const { code } = await runShell(
    moduleCommand(`
      import { createFetcherOver } from '#src/fetcher/fetcher.ts';
      import { resolveOptions } from '#src/fetcher/options.ts';
      import { DnsLookup } from '#src/transports/connect/dns/lookup.ts';
      import { createHttp1Transport } from '#src/transports/http1/http1.ts';
      const lookup = new DnsLookup({ servers: ['${dns.address}'] });
      const fetcher = createFetcherOver(createHttp1Transport(resolveOptions(), { lookup }), resolveOptions());
      void fetcher.fetch('http://name.example/');
      setTimeout(() => fetcher.close(), 100);
    `),
  );
  expect(code).toBe(0);
  expect(performance.now() - start).toBeLessThan(3000);
});
