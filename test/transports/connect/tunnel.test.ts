import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { createFetcherOver } from '../../../src/fetcher/fetcher.ts';
import { resolveOptions, type FetcherOptions } from '../../../src/fetcher/options.ts';
import { FetchError } from '../../../src/http/error.ts';
import { createConnector } from '../../../src/transports/connect/connector.ts';
import { DnsLookup } from '../../../src/transports/connect/dns/lookup.ts';
import type { Tunnel } from '../../../src/transports/connect/tunnel.ts';
import { createHttp1Transport } from '../../../src/transports/http1/http1.ts';
import { loopbackCertificate } from '../../helpers/servers/certificate.ts';
import { rawServer, send } from '../../helpers/servers/raw-server.ts';

interface Proxy extends AsyncDisposable {
  readonly port: number;
  readonly targets: readonly string[];
}

/** A proxy that connects each CONNECT to a port of loopback, or refuses it. */
async function startProxy(status = 200): Promise<Proxy> {
  const targets: string[] = [];
  const server = createServer();
  server.on('connect', ({ url = '' }, client: Socket) => {
    targets.push(url);
    client.on('error', () => undefined);
    if (status !== 200) {
      client.end(`HTTP/1.1 ${status} No\r\n\r\n`);
      return;
    }
    const target = connect(Number(url.split(':').at(-1)), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connected\r\n\r\n');
      client.pipe(target).pipe(client);
    });
    target.on('error', () => client.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    targets,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** A tunnel by CONNECT, as small as a test needs it: the proxy writes nothing behind its head. */
const throughProxy = (port: number): Tunnel => ({
  hostname: '127.0.0.1',
  port,
  open(socket, destination, opened) {
    socket.write(`CONNECT ${destination.hostname}:${destination.port} HTTP/1.1\r\nhost: x\r\n\r\n`);
    socket.once('data', (head: Buffer) => {
      socket.pause();
      if (head.includes(' 200 ')) opened();
      else opened(new FetchError('CONNECT_REFUSED', `The proxy refused: ${head.toString('latin1', 9, 12)}`));
    });
  },
});

function fetcherThrough(tunnel: Tunnel, options: FetcherOptions): ReturnType<typeof createFetcherOver> {
  const resolved = resolveOptions({ retry: { retries: 0 }, ...options });
  const connector = createConnector(resolved, new DnsLookup(), () => tunnel);
  return createFetcherOver(createHttp1Transport(resolved, { connector }), resolved);
}

test.each(['http', 'https'])('a tunnel carries %s, and its connection is reused', async (scheme) => {
  const tls = scheme === 'https' ? await loopbackCertificate() : undefined;
  await using server = await rawServer(send('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'), tls);
  await using proxy = await startProxy();
  await using fetcher = fetcherThrough(throughProxy(proxy.port), tls ? { tls: { ca: tls.cert } } : {});
  // A name that only the proxy knows; the certificate is for it.
  const url = `${scheme}://a.localhost:${server.port}`;
  for (let turn = 0; turn < 3; turn += 1) {
    expect(await fetcher.fetch(`${url}/${turn}`)).toMatchObject({ kind: 'response', status: 200, length: 2 });
  }
  expect(proxy.targets).toEqual([`a.localhost:${server.port}`]);
  expect(server.requests.map(({ head }) => head.split(' ')[1])).toEqual(['/0', '/1', '/2']);
});

test('a certificate is verified for the destination, not for the proxy', async () => {
  const tls = await loopbackCertificate();
  await using server = await rawServer(send('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'), tls);
  await using proxy = await startProxy();
  await using fetcher = fetcherThrough(throughProxy(proxy.port), { tls: { ca: tls.cert } });
  const result = await fetcher.fetch(`https://c.localhost:${server.port}/`);
  expect(result).toMatchObject({ kind: 'failure', error: { code: 'TLS_HOST' } });
});

test('a tunnel that is refused fails the request with the error of the tunnel', async () => {
  await using proxy = await startProxy(403);
  await using fetcher = fetcherThrough(throughProxy(proxy.port), {});
  const result = await fetcher.fetch('http://a.localhost:1/');
  expect(result).toMatchObject({
    kind: 'failure',
    error: { code: 'CONNECT_REFUSED', message: 'The proxy refused: 403' },
  });
});

test('a tunnel that does not open is CONNECT_TIMEOUT, and leaves no connection', async () => {
  await using server = await rawServer(() => undefined);
  await using fetcher = fetcherThrough(throughProxy(server.port), { connectTimeoutMs: 300 });
  const result = await fetcher.fetch('http://a.localhost:1/');
  expect(result).toMatchObject({ kind: 'failure', error: { code: 'CONNECT_TIMEOUT' } });
  await server.deserted();
});
