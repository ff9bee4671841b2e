import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createFetcherOver } from '../../../src/fetcher/fetcher.ts';
import { createFetcher } from '../../../src/index.ts';
import { resolveOptions } from '../../../src/fetcher/options.ts';
import { parseRequest } from '../../../src/http/request.ts';
import type { CallTransport } from '../../../src/call/send.ts';
import { adaptTransport } from '../../../src/transports/custom/adapt-transport.ts';
import { mockTransport } from '../../../src/transports/mock.ts';
import { isPublicAddress, publicOnly } from '../../../src/transports/connect/address-guard.ts';
import { BodyBudget } from '../../../src/transports/response/body-budget.ts';
import { createHttp1Transport } from '../../../src/transports/http1/http1.ts';
import { serveDns, zoneOf } from '../../helpers/servers/dns-server.ts';
import { namedFetcher } from '../../helpers/named-fetcher.ts';
import { respond, serve, type ScriptedServer } from '../../helpers/servers/serve.ts';

const guarded = { addressGuard: true, retry: { retries: 2 } };
const blocked = { kind: 'failure', ok: false, attempts: 1, error: { code: 'ADDRESS_BLOCKED', retryable: false } };

const port = (server: ScriptedServer): string => new URL(server.url).port;

/** Returns the host of a URL as the connector gets it. */
function hostOf(url: string): string {
  const request = parseRequest(url, []);
  if ('error' in request) throw request.error;
  return new URL(request.origin).hostname.replace(/^\[|\]$/g, '');
}

describe('isPublicAddress() sees through the spelling of', () => {
  test.for<[string, string[]]>([
    [
      '127.0.0.1',
      [
        'http://2130706433/',
        'http://0x7f000001/',
        'http://017700000001/',
        'http://0177.0.0.1/',
        'http://127.1/',
        'http://127.0.1/',
        'http://0x7f.0.0.1/',
        'http://①②⑦.⓪.⓪.①/',
        'http://127。0。0。1/',
        'http://127.0.0.1./',
        'http://%31%32%37.0.0.1/',
        'http:127.0.0.1',
        String.raw`http:\\127.0.0.1`,
        'http:///127.0.0.1',
        String.raw`http://127.0.0.1:80\@example.com`,
        'http://example.com@127.0.0.1/',
      ],
    ],
    ['0.0.0.0', ['http://0/', 'http://0.0.0.0/', 'http://0x0/']],
    ['169.254.169.254', ['http://2852039166/', 'http://0xa9fea9fe/', 'http://169.254.43518/']],
    ['::ffff:7f00:1', ['http://[::ffff:127.0.0.1]/', 'http://[0:0:0:0:0:FFFF:7F00:0001]/']],
  ])('%s', ([address, urls]) => {
    for (const url of urls) expect(hostOf(url)).toBe(address);
    expect(isPublicAddress(address)).toBe(false);
  });

  test.for(['http://example.com#@127.0.0.1/', String.raw`http://example.com\@127.0.0.1/`])('%s', (url) => {
    expect(hostOf(url)).toBe('example.com');
  });
});

const blockedAddresses = `
  0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.100.100.200 100.127.255.255 127.0.0.1 127.255.255.254
  168.63.129.16 169.254.0.1 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.1 192.0.2.1 192.88.99.1 192.168.0.1
  198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
  :: ::1 ::2 ::7f00:1 ::808:808 ::ffff:7f00:1 ::ffff:127.0.0.1 ::ffff:a9fe:a9fe ::ffff:0:7f00:1
  64:ff9b::7f00:1 64:ff9b::10.0.0.1 64:ff9b::a9fe:a9fe 64:ff9b:1::a9fe:a9fe 64:ff9b:1::808:808 100::1
  2001::1 2001:0:7f00:1:: 2001:1::1 2001:1ff:ffff:: 2001:db8::1 2002:7f00:1:: 2002:808:808::
  3fff::1 3fff:fff:ffff:: 4000::1 5f00::1 fc00::1 fd00:ec2::254 fe80::1 fe80::1%eth0 febf::1
  fec0::1 feff::1 ff02::1 ::1%lo 127.0.0.1%lo
  localhost example.com 127.1 1.1.1 [::1]`;

test.for(['', ...blockedAddresses.trim().split(/\s+/)])('isPublicAddress() is false for %j', (address) => {
  expect(isPublicAddress(address)).toBe(false);
});

const publicAddresses = `
  1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0
  168.63.129.15 168.63.129.17 169.253.255.255 169.255.0.0 172.15.255.255 172.32.0.1 192.0.1.0 192.0.3.0
  192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0 223.255.255.255
  2000::1 2001:200::1 2001:4860:4860::8888 2001:db7:ffff:: 2001:db9:: 2003::1 2606:4700::1111 3ffe::1
  ::ffff:8.8.8.8 ::ffff:808:808 64:ff9b::808:808 64:ff9b::8.8.8.8`;

test.for(publicAddresses.trim().split(/\s+/))('isPublicAddress() is true for %s', (address) => {
  expect(isPublicAddress(address)).toBe(true);
});

test('isPublicAddress() judges a mapped IPv4 address like the address itself, and accepts no other embedding', () => {
  fc.assert(
    fc.property(fc.ipV4(), (address) => {
      const isPublic = isPublicAddress(address);
      expect(isPublicAddress(`::ffff:${address}`)).toBe(isPublic);
      expect(isPublicAddress(`64:ff9b::${address}`)).toBe(isPublic);
      expect(isPublicAddress(`::${address}`)).toBe(false);
      expect(isPublicAddress(`::ffff:0:${address}`)).toBe(false);
    }),
    { numRuns: 2000 },
  );
});

test('isPublicAddress() is true for IPv6 only within 2000::/3', () => {
  fc.assert(
    fc.property(fc.ipV6(), (address) => {
      if (!isPublicAddress(address)) return;
      const host = new URL(`http://[${address}]`).hostname;
      expect(host).toMatch(/^\[([23][0-9a-f]{3}:|64:ff9b::|::ffff:)/);
    }),
    { numRuns: 2000 },
  );
});

describe('with addressGuard', () => {
  test.for([
    '127.0.0.1',
    '2130706433',
    '0',
    'localhost',
    'localhost.',
    'any.localhost',
    '[::1]',
    '[::ffff:7f00:1]',
    '[::]',
  ])('no connection is made to %s', async (host) => {
    await using server = await serve(respond(200));
    await using fetcher = createFetcher(guarded);
    expect(await fetcher.fetch(`http://${host}:${port(server)}/`)).toMatchObject(blocked);
    expect(await fetcher.fetch(`https://${host}:${port(server)}/`)).toMatchObject(blocked);
    expect(server.connections.made).toBe(0);
  });

  test('no connection is made to a name that resolves there', async () => {
    await using server = await serve(respond(200));
    await using dns = await serveDns(
      zoneOf({ '127.0.0.1.nip.example': ['127.0.0.1', '::1'], 'zero.example': ['0.0.0.0'] }),
    );
    await using fetcher = namedFetcher({ servers: [dns.address] }, guarded);
    const urls = ['127.0.0.1.nip.example', 'zero.example'].map((name) => `http://${name}:${port(server)}/`);
    for (const result of await fetcher.gather(urls, { returnExceptions: true })) expect(result).toMatchObject(blocked);
    expect(server.connections.made).toBe(0);
  });

  test('no redirect leads there, however it is written', async () => {
    await using server = await serve(respond(200));
    const inner = ['127.0.0.1', '2130706433', 'inner.localhost', '[::ffff:127.0.0.1]'];
    // The first hop must be public, which no test server is.
    const outer = mockTransport(({ url }) => {
      const host = inner[Number(new URL(url).searchParams.get('to'))]!;
      return { status: 302, headers: { location: `http://${host}:${port(server)}/` } };
    });
    const options = resolveOptions(guarded);
    const real = createHttp1Transport(options);
    const transport: CallTransport = {
      send: (request, call, done) =>
        (request.origin === 'http://public.example'
          ? adaptTransport(outer, options, new BodyBudget(Infinity))
          : real
        ).send(request, call, done),
      close: () => real.close(),
    };
    await using fetcher = createFetcherOver(transport, options);
    const urls = inner.map((_, at) => `http://public.example/?to=${at}`);
    const results = await fetcher.gather(urls, { returnExceptions: true });
    for (const result of results) expect(result).toMatchObject({ ...blocked, redirects: 1 });
    expect(server.connections.made).toBe(0);
  });

  test('only the public addresses of a name are tried', () => {
    const found = ['127.0.0.1', '1.1.1.1', '127.0.0.2', '::1'].map((address) => ({ address }));
    expect(publicOnly(found)).toEqual([{ address: '1.1.1.1' }]);
  });

  test('the error names the address, and without the option nothing is blocked', async () => {
    await using server = await serve(respond(200));
    await using dns = await serveDns(zoneOf({ 'inner.example': ['127.0.0.1'] }));
    await using strict = namedFetcher({ servers: [dns.address] }, guarded);
    await using open = namedFetcher({ servers: [dns.address] });
    const url = `http://inner.example:${port(server)}/`;
    const result = await strict.fetch(url);
    expect(result.kind === 'failure' && result.error.message).toBe(
      'Cannot connect to inner.example: its address 127.0.0.1 is not public, and only public addresses are allowed',
    );
    expect(await open.fetch(url)).toMatchObject({ kind: 'response', status: 200 });
  });
});

test('the option addressGuard is off by default, and true or false', () => {
  expect(resolveOptions().addressGuard).toBe(false);
  expect(resolveOptions({ addressGuard: true }).addressGuard).toBe(true);
  expect(() => resolveOptions({ addressGuard: 'yes' as never })).toThrow(/'addressGuard' must be true or false/);
});
