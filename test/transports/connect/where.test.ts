import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { describe, expect, test } from 'vitest';
import { createFetcher, type ConnectOptions, type FetcherOptions } from '../../../src/index.ts';
import { Where } from '../../../src/transports/connect/where.ts';
import { failureOf, responseOf } from '../../helpers/kinds.ts';
import { runCli } from '../../helpers/process/cli.ts';
import { httpProxy } from '../../helpers/proxies/http-proxy.ts';
import { socksProxy } from '../../helpers/proxies/socks-proxy.ts';
import { loopbackCertificate } from '../../helpers/servers/certificate.ts';
import { serveDns, zoneOf } from '../../helpers/servers/dns-server.ts';
import { listening } from '../../helpers/servers/listening.ts';
import { rawServer, send } from '../../helpers/servers/raw-server.ts';
import { respond, serve } from '../../helpers/servers/serve.ts';
import { serveHttp2 } from '../../helpers/servers/serve-http2.ts';
import { temporary } from '../../helpers/temporary.ts';

const files = temporary('where');
const tls = await loopbackCertificate();
const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

const once = (connect: ConnectOptions, more: FetcherOptions = {}): FetcherOptions => ({
  retry: { retries: 0 },
  tls: { ca: tls.cert },
  connect,
  ...more,
});

const portOf = ({ url }: { readonly url: string }): number => Number(new URL(url).port);

describe('Where', () => {
  test.each([
    [['a.example:80:b.example:81'], 'a.example', 80, { hostname: 'b.example', port: 81 }],
    [['a.example:80:b.example:81'], 'a.example.', 80, { hostname: 'b.example', port: 81 }],
    [['a.example:80:b.example:81'], 'a.example', 443, undefined],
    [['a.example:80:b.example:81'], 'c.example', 80, undefined],
    [['::b.example:'], 'c.example', 7, { hostname: 'b.example', port: 7 }],
    [[':80::81'], 'c.example', 80, { hostname: 'c.example', port: 81 }],
    [['[::1]:80:[::2]:81'], '::1', 80, { hostname: '::2', port: 81 }],
    [['Bücher.example:80:b.example:81'], 'xn--bcher-kva.example', 80, { hostname: 'b.example', port: 81 }],
    [['a.example:80:one:1', '::two:2'], 'a.example', 80, { hostname: 'one', port: 1 }],
  ])('connectTo %j leads %s:%i to %j', (connectTo, hostname, port, expected) => {
    expect(new Where({ connectTo }).redirect({ hostname, port })).toEqual(expected);
  });

  test.each([
    [['a.example:80:127.0.0.1'], 'a.example', 80, ['127.0.0.1']],
    [['+A.example:80:127.0.0.1,[::1],::2'], 'a.example.', 80, ['127.0.0.1', '::1', '::2']],
    [['a.example:80:127.0.0.1'], 'a.example', 443, undefined],
    [['*:80:127.0.0.1'], 'b.example', 80, ['127.0.0.1']],
    [['a.example:80:127.0.0.2', '*:80:127.0.0.1'], 'a.example', 80, ['127.0.0.2']],
  ])('resolve %j gives %s:%i %j', (resolve, hostname, port, expected) => {
    expect(new Where({ resolve }).addressesOf({ hostname, port })?.map(({ address }) => address)).toEqual(expected);
  });

  test('interface leaves the addresses that can be reached from it', () => {
    const v4 = { address: '192.0.2.1', family: 4 };
    const v6 = { address: '2001:db8::1', family: 6 };
    expect(new Where({ interface: '127.0.0.1' }).bind([v6, v4])).toEqual({
      localAddress: '127.0.0.1',
      addresses: [v4],
    });
    expect(new Where({ interface: '127.0.0.1' }).bind([v6])?.addresses).toEqual([]);
    expect(new Where({}).bind([v6])).toBeUndefined();
  });
});

test('resolve connects to the given address, for http and https, and the name stays that of the URL', async () => {
  await using plain = await serve(respond(200));
  await using secure = await rawServer(send(ok), tls);
  const resolve = [`nowhere.invalid:${portOf(plain)}:127.0.0.1`, `*:${secure.port}:127.0.0.1`];
  await using fetcher = createFetcher(once({ resolve }));
  responseOf(await fetcher.fetch(`http://nowhere.invalid:${portOf(plain)}/`));
  expect(plain.requests[0]!.headers.host).toBe(`nowhere.invalid:${portOf(plain)}`);
  responseOf(await fetcher.fetch(`https://b.localhost:${secure.port}/`));
  const { error } = failureOf(await fetcher.fetch(`https://nowhere.invalid:${secure.port}/`));
  expect(error.code).toBe('TLS_HOST');
});

test('resolve holds for a host that is an address, too', async () => {
  await using server = await serve(respond(200));
  const resolve = [`192.0.2.1:${portOf(server)}:127.0.0.1`];
  await using fetcher = createFetcher(once({ resolve }));
  const result = await fetcher.fetch(`http://192.0.2.1:${portOf(server)}/`);
  expect(result).toMatchObject({ kind: 'response', status: 200 });
  expect(server.requests[0]!.headers.host).toBe(`192.0.2.1:${portOf(server)}`);
});

test('resolve cannot lead around addressGuard', async () => {
  await using server = await serve(respond(200));
  const resolve = [`*:${portOf(server)}:127.0.0.1`];
  await using fetcher = createFetcher(once({ resolve }, { addressGuard: true }));
  const { error } = failureOf(await fetcher.fetch(`http://public.example:${portOf(server)}/`));
  expect(error.code).toBe('ADDRESS_BLOCKED');
  expect(server.connections.made).toBe(0);
});

test('connectTo leads to another server, which must prove to be that of the URL; limits and pools stay as they are', async () => {
  await using secure = await rawServer(send(ok), tls);
  await using fetcher = createFetcher(
    once({ connectTo: [`a.localhost:443:127.0.0.1:${secure.port}`, `:444::${secure.port}`] }),
  );
  for (const path of ['1', '2']) responseOf(await fetcher.fetch(`https://a.localhost/${path}`));
  expect(secure.requests.map(({ connection }) => connection)).toEqual([1, 1]);
  expect(secure.requests[0]!.head).toContain('host: a.localhost\r\n');
  expect(failureOf(await fetcher.fetch('https://c.localhost:444/')).error.code).toBe('TLS_HOST');
});

test('connectTo and resolve hold behind proxies too', async () => {
  await using server = await serve(respond(200));
  await using proxy = await httpProxy();
  await using socks = await socksProxy();
  const connectTo = [`a.example:80:b.example:${portOf(server)}`];
  const resolve = [`b.example:${portOf(server)}:127.0.0.9`, `proxy.example:${portOf(proxy)}:127.0.0.1`];
  const url = `http://proxy.example:${portOf(proxy)}`;
  await using http = createFetcher(once({ connectTo, resolve }, { proxy: url }));
  responseOf(await http.fetch('http://a.example/'));
  // A proxy that forwards would look for a.example.
  expect(proxy.requests.map(({ method, target }) => `${method} ${target}`)).toEqual([
    `CONNECT b.example:${portOf(server)}`,
  ]);
  await using local = createFetcher(once({ connectTo, resolve }, { proxy: `socks5://${socks.host}` }));
  responseOf(await local.fetch('http://a.example/'));
  expect(socks.targets).toEqual([`127.0.0.9:${portOf(server)}`]);
  expect(server.requests.map(({ headers }) => headers.host)).toEqual(['a.example', 'a.example']);
});

test('unixSocket carries http and https', async () => {
  for (const scheme of ['http', 'https'] as const) {
    const path = files.path('.sock');
    const reply = scheme === 'http' ? createServer() : createTlsServer(tls);
    reply.on('request', (request, response) => response.end(`${request.headers.host}${request.url}`));
    await new Promise<void>((done) => reply.listen(path, done));
    {
      await using fetcher = createFetcher(once({ unixSocket: path }));
      expect(responseOf(await fetcher.fetch(`${scheme}://a.localhost/x`)).text()).toBe('a.localhost/x');
      // Limits are for each origin still.
      expect(responseOf(await fetcher.fetch(`${scheme}://b.localhost/y`)).text()).toBe('b.localhost/y');
    }
    await new Promise((done) => reply.close(done));
  }
});

test('a Unix socket that is not there is CONNECT_UNREACHABLE, and says so', async () => {
  await using fetcher = createFetcher(once({ unixSocket: files.path('.sock') }));
  const { error } = failureOf(await fetcher.fetch('http://a.localhost/'));
  expect(error).toMatchObject({ code: 'CONNECT_UNREACHABLE' });
  expect(error.message).toContain('the Unix socket does not exist');
});

// Only Linux has all of 127.0.0.0/8.
test.skipIf(process.platform !== 'linux')('interface is the address that the server sees', async () => {
  const server = createServer((request, response) => response.end(request.socket.remoteAddress));
  await using base = await listening(server);
  await using fetcher = createFetcher(once({ interface: '127.0.0.5' }));
  // A name with addresses of both families.
  expect(responseOf(await fetcher.fetch(`http://a.localhost:${base.port}/`)).text()).toBe('127.0.0.5');
  expect(failureOf(await fetcher.fetch(`http://[::1]:${base.port}/`)).error.code).toBe('CONNECT_UNREACHABLE');
});

test('dnsServers are the only ones that are asked', async () => {
  await using server = await serve(respond(200));
  await using dns = await serveDns(zoneOf({ 'inner.example': ['127.0.0.1'], intranet: ['127.0.0.1'] }));
  await using fetcher = createFetcher(once({ dnsServers: [dns.address] }));
  for (const name of ['inner.example', 'intranet']) {
    responseOf(await fetcher.fetch(`http://${name}:${portOf(server)}/`));
    expect(dns.count(name, 'A')).toBe(1);
  }
  expect(failureOf(await fetcher.fetch(`http://other.example:${portOf(server)}/`)).error.code).toBe('DNS_NOT_FOUND');
});

test.each([
  [{ resolve: 'a:80:127.0.0.1' }, /'connect.resolve' must be an array/],
  [{ resolve: ['a:80:b'] }, /'connect.resolve' must be HOST:PORT:ADDRESS/],
  [{ connectTo: ['a'] }, /'connect.connectTo' must be HOST1/],
  [{ unixSocket: '' }, /'connect.unixSocket'/],
  [{ interface: 5 }, /'connect.interface'/],
  [{ dnsServers: ['dns.example'] }, /'connect.dnsServers' must be addresses/],
  [{ dns: [] }, /no option 'connect.dns'/],
  [null, /'connect' must be an object/],
])('a wrong connect %j is refused', (connect, message) => {
  expect(() => createFetcher({ connect } as never)).toThrow(message);
});

describe('Host', () => {
  const Host = 'canary.example:8080';

  test('takes the place of that of the URL, and stays behind on the way to another origin', async () => {
    await using other = await serve({ '/c': respond(200) });
    await using server = await serve({
      '/a': respond(302, { location: '/b' }),
      '/b': (response) => void response.writeHead(302, { location: `${other.url}/c` }).end(),
    });
    await using fetcher = createFetcher({ headers: { Host } });
    responseOf(await fetcher.fetch(`${server.url}/a`));
    expect(server.requests.map(({ headers }) => headers.host)).toEqual([Host, Host]);
    expect(other.requests[0]!.headers.host).toBe(new URL(other.url).host);
  });

  test('changes neither the name of the certificate nor the connection; in HTTP/2 it is :authority', async () => {
    await using secure = await rawServer(send(ok), tls);
    await using two = await serveHttp2((stream) => {
      stream.respond({ ':status': 200 });
      stream.end();
    });
    for (const [server, http2] of [
      [secure, false],
      [two, true],
    ] as const) {
      await using fetcher = createFetcher({ tls: { ca: tls.cert }, http2 });
      const url = server.url.replace('127.0.0.1', 'a.localhost');
      responseOf(await fetcher.fetch({ url, headers: { Host } }));
      responseOf(await fetcher.fetch(url));
    }
    expect(secure.requests.map(({ head, connection }) => [/host: (.*)/.exec(head)?.[1], connection])).toEqual([
      [Host, 1],
      [`a.localhost:${secure.port}`, 1],
    ]);
    expect(two.requests.map(({ headers }) => headers[':authority'])).toEqual([Host, `a.localhost:${portOf(two)}`]);
    expect(two.sessions.made).toBe(1);
  });
});

// Elsewhere the system keeps its authorities where no variable leads.
test.skipIf(process.platform !== 'linux')(
  '--ca system trusts what the system trusts, beside --cacert; SSL_CERT_FILE takes the place of the built-in ones',
  async () => {
    await using server = await rawServer(send(ok), tls);
    const SSL_CERT_FILE = files.file(tls.cert, '.pem');
    const other = files.file((await import('node:tls')).rootCertificates[0]!, '.pem');
    const url = server.url;
    const run = async (args: readonly string[], env: Readonly<Record<string, string>>): Promise<unknown> => {
      const { stdout } = await runCli([url, '--retries', '0', ...args], { env });
      return stdout.split(' ')[0];
    };
    // On Linux, the variable is also where the system keeps its authorities.
    const results = await Promise.all([
      run([], { SSL_CERT_FILE }),
      run(['--cacert', other], { SSL_CERT_FILE }),
      run(['--ca', 'system', '--cacert', other], { SSL_CERT_FILE }),
    ]);
    expect(results).toEqual(['200', 'TLS_SELF_SIGNED', '200']);
  },
  60_000,
);
