import { describe, expect, test } from 'vitest';
import { createFetcher, type FetcherOptions } from '../../../../src/index.ts';
import { httpProxy } from '../../../helpers/proxies/http-proxy.ts';
import { socksProxy } from '../../../helpers/proxies/socks-proxy.ts';
import { responseOf } from '../../../helpers/kinds.ts';
import { loopbackCertificate } from '../../../helpers/servers/certificate.ts';
import { rawServer, send, type RawServer } from '../../../helpers/servers/raw-server.ts';
import { respond, serve } from '../../../helpers/servers/serve.ts';
import { serveHttp2 } from '../../../helpers/servers/serve-http2.ts';

const tls = await loopbackCertificate();
const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const login = 'a@b:p:/?';
const userInfo = 'a%40b:p%3A%2F%3F@';

const through = (proxy: FetcherOptions['proxy'], more: FetcherOptions = {}): FetcherOptions => ({
  retry: { retries: 0 },
  tls: { ca: tls.cert },
  ...more,
  ...(proxy !== undefined && { proxy }),
});

interface OpenProxy extends AsyncDisposable {
  /** As the option takes it, credentials included. */
  readonly url: string;
  /** Connections made so far, and those that are open. */
  made(): number;
  open(): number;
  targets(): string[];
}

/** Starts a proxy of each kind, that wants a login. */
async function openProxy(scheme: string): Promise<OpenProxy> {
  if (scheme.startsWith('socks')) {
    const proxy = await socksProxy({ login });
    return {
      url: `${scheme}://${userInfo}${proxy.host}`,
      made: () => proxy.connections.made,
      open: () => proxy.connections.open,
      targets: () => [...proxy.targets],
      [Symbol.asyncDispose]: () => proxy[Symbol.asyncDispose](),
    };
  }
  const proxy = await httpProxy({ login, ...(scheme === 'https' && { tls }) });
  return {
    url: proxy.url.replace('//', `//${userInfo}`),
    made: () => proxy.connections.made,
    open: () => proxy.connections.open,
    targets: () => proxy.requests.map(({ method, target }) => `${method} ${target}`),
    [Symbol.asyncDispose]: () => proxy[Symbol.asyncDispose](),
  };
}

const pathsOf = (server: RawServer): unknown[] => server.requests.map(({ head }) => head.split(' ')[1]);

describe.each(['http', 'https', 'socks5', 'socks5h'])('a proxy of the kind %s', (kind) => {
  test('carries http and https, reuses its connections, and is named without its secrets', async () => {
    await using plain = await rawServer(send(ok));
    await using secure = await rawServer(send(ok), tls);
    await using proxy = await openProxy(kind);
    const isSocks = kind.startsWith('socks');
    {
      await using fetcher = createFetcher(through({ url: proxy.url, ca: tls.cert }));
      for (const path of ['1', '2', '3']) {
        for (const url of [`http://a.localhost:${plain.port}/${path}`, `https://a.localhost:${secure.port}/${path}`]) {
          const result = responseOf(await fetcher.fetch(url));
          expect(result.text()).toBe('ok');
          expect(result.proxy).toBe(proxy.url.replace(userInfo, ''));
          const handshake = isSocks || kind === 'https' || url.startsWith('https');
          if (path === '1') expect('proxy' in result.timingsMs).toBe(handshake);
        }
      }
    }
    const host = kind === 'socks5' ? '127.0.0.1' : 'a.localhost';
    const targets = isSocks
      ? [`${host}:${plain.port}`, `${host}:${secure.port}`]
      : ['1', '2', '3'].map((path) => `GET http://a.localhost:${plain.port}/${path}`);
    expect(new Set(proxy.targets())).toEqual(
      new Set(isSocks ? targets : [...targets, `CONNECT a.localhost:${secure.port}`]),
    );
    expect(proxy.made()).toBe(2);
    expect(pathsOf(plain)).toEqual(['/1', '/2', '/3']);
    expect(pathsOf(secure)).toEqual(['/1', '/2', '/3']);
    for (const { head } of [...plain.requests, ...secure.requests]) expect(head).not.toMatch(/proxy-authorization/i);
    await expect.poll(() => proxy.open(), { interval: 5 }).toBe(0);
  });

  test('carries HTTP/2, and HTTP/1.1 where the server has no other', async () => {
    await using server = await serveHttp2((stream) => {
      stream.respond({ ':status': 200 });
      stream.end('two');
    });
    await using old = await rawServer(send(ok), tls);
    await using proxy = await openProxy(kind);
    await using fetcher = createFetcher(through({ url: proxy.url, ca: tls.cert }, { http2: true }));
    const [, port] = /:(\d+)$/.exec(server.url)!;
    const urls = [1, 2, 3].map((path) => `https://a.localhost:${port}/${path}`);
    for (const result of await fetcher.gather(urls)) expect(responseOf(result).text()).toBe('two');
    expect(server.sessions.made).toBe(1);
    for (const path of ['1', '2']) {
      const result = responseOf(await fetcher.fetch(`https://a.localhost:${old.port}/${path}`));
      expect([result.text(), result.proxy]).toEqual(['ok', proxy.url.replace(userInfo, '')]);
    }
    expect(proxy.made()).toBe(2);
  });
});

test('with tunnel: true an HTTP proxy is asked for a tunnel for http too', async () => {
  await using server = await rawServer(send(ok));
  await using proxy = await httpProxy();
  await using fetcher = createFetcher(through({ url: proxy.url, tunnel: true }));
  responseOf(await fetcher.fetch(`http://a.localhost:${server.port}/`));
  expect(proxy.requests.map(({ method }) => method)).toEqual(['CONNECT']);
});

test('a certificate is verified for the server, not for the proxy', async () => {
  await using server = await rawServer(send(ok), tls);
  await using proxy = await httpProxy();
  await using fetcher = createFetcher(through(proxy.url));
  const result = await fetcher.fetch(`https://c.localhost:${server.port}/`);
  expect(result).toMatchObject({ error: { code: 'TLS_HOST' }, proxy: proxy.url });
});

test('a forwarding proxy gets all hosts over the same few connections', async () => {
  await using server = await serve(respond(200, {}, 'ok'));
  await using proxy = await httpProxy();
  await using fetcher = createFetcher(through(proxy.url, { concurrency: 50, responseBody: 'discard' }));
  const urls = Array.from({ length: 1000 }, (_, at) => server.at(`host${at}`));
  let count = 0;
  for await (const result of fetcher.asCompleted(urls)) {
    expect(result.ok).toBe(true);
    count += 1;
  }
  expect(count).toBe(1000);
  expect(new Set(server.requests.map(({ headers }) => headers.host)).size).toBe(1000);
  expect(proxy.connections.made).toBeLessThanOrEqual(50);
});

test('limits per host stay those of the server', async () => {
  await using server = await serve(async (response) => {
    await new Promise((done) => setTimeout(done, 5));
    response.end();
  });
  await using proxy = await httpProxy();
  await using fetcher = createFetcher(through(proxy.url, { perHost: { concurrency: 2 } }));
  const urls = ['a', 'b', 'c'].flatMap((name) => Array.from({ length: 8 }, (_, at) => `${server.at(name)}/${at}`));
  await fetcher.gather(urls);
  expect(['a', 'b', 'c'].map((name) => server.maxInFlight(name))).toEqual([2, 2, 2]);
  expect(server.maxInFlight()).toBeGreaterThan(2);
});

test('each hop of a redirect has its own route, and no credentials of the proxy reach a server', async () => {
  await using inner = await serve({
    '/start': respond(302, { location: '/again' }),
    '/again': (response) => void response.writeHead(302, { location: `${outer.at('out')}/x` }).end(),
    '/end': respond(200),
  });
  await using outer = await serve({
    '/x': (response) => void response.writeHead(302, { location: `${inner.url}/end` }).end(),
  });
  await using proxy = await httpProxy({ login });
  const url = proxy.url.replace('//', `//${userInfo}`);
  await using fetcher = createFetcher(through({ url, noProxy: '127.0.0.0/8' }));
  const result = responseOf(await fetcher.fetch(`${inner.url}/start`));
  expect(result).toMatchObject({ status: 200, redirects: 3 });
  expect(result.proxy).toBeUndefined();
  expect(proxy.requests.map(({ target }) => target)).toEqual([`${outer.at('out')}/x`]);
  expect(outer.requests[0]!.headers['proxy-authorization']).toBeUndefined();
});

test('a function chooses by the URL, the method and the id, for each hop', async () => {
  await using server = await serve({ '/a': respond(302, { location: '/b' }), '*': respond(200) });
  await using proxy = await httpProxy();
  const asked: unknown[] = [];
  await using fetcher = createFetcher(
    through((request) => {
      asked.push(request);
      return request.url.endsWith('/b') ? proxy.url : undefined;
    }),
  );
  const result = await fetcher.fetch({ url: `${server.url}/a`, method: 'HEAD', id: 'x' });
  expect(result).toMatchObject({ status: 200, proxy: proxy.url });
  expect(asked).toEqual(['/a', '/b'].map((path) => ({ url: server.url + path, method: 'HEAD', id: 'x' })));
});

test("a request's own proxy comes before that of the fetcher", async () => {
  await using server = await serve(respond(200));
  await using one = await httpProxy();
  await using two = await httpProxy();
  await using fetcher = createFetcher(through({ url: one.url, noProxy: 'b.localhost' }));
  const url = server.at('a');
  expect(await fetcher.fetch(url)).toMatchObject({ proxy: one.url });
  expect(await fetcher.fetch({ url: server.at('b'), proxy: two.url })).toMatchObject({ proxy: two.url });
  expect((await fetcher.fetch({ url, proxy: 'none' })).proxy).toBeUndefined();
  expect(await fetcher.fetch({ url, proxy: 'gopher://secret@x' })).toMatchObject({
    error: { code: 'REQUEST_INVALID' },
  });
  await using plain = createFetcher({ retry: { retries: 0 } });
  expect(await plain.fetch({ url, proxy: two.url })).toMatchObject({ status: 200, proxy: two.url });
});

test('bytes that come with the answer of a proxy belong to the server', async () => {
  await using slow = await socksProxy({ isSlow: true, attached: 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nearly' });
  await using server = await rawServer(() => undefined);
  await using fetcher = createFetcher(through(`socks5h://${slow.host}`));
  expect(responseOf(await fetcher.fetch(`http://a.localhost:${server.port}/`)).text()).toBe('early');
});

describe('with addressGuard', () => {
  const guarded = { addressGuard: true };

  test('a proxy that no host is reached by is none', async () => {
    for (const noProxy of ['*', 'example.com, *'])
      await createFetcher({ proxy: { url: 'http://p', noProxy }, addressGuard: true }).close();
    for (const noProxy of ['', '*.com', '*:80'])
      expect(() => createFetcher({ proxy: { url: 'http://p', noProxy }, addressGuard: true })).toThrow('addressGuard');
    await using server = await serve(respond(200));
    await using fetcher = createFetcher({ proxy: { url: 'http://p.invalid', noProxy: '*' } });
    expect(await fetcher.fetch(server.url)).toMatchObject({ status: 200 });
  });

  test('a proxy that looks names up itself is refused at once', () => {
    for (const url of ['http://p', 'https://p', 'socks5h://p'])
      expect(() => createFetcher({ proxy: url, addressGuard: true })).toThrow(
        /'addressGuard' cannot be kept by the proxy/,
      );
  });

  test('socks5 gets public addresses only', async () => {
    await using server = await serve(respond(200));
    const { port } = new URL(server.url);
    await using proxy = await socksProxy();
    await using fetcher = createFetcher(through(`socks5://${proxy.host}`, guarded));
    for (const host of ['127.0.0.1', 'a.localhost', '[::1]', '10.0.0.1']) {
      expect(await fetcher.fetch(`http://${host}:${port}/`)).toMatchObject({ error: { code: 'ADDRESS_BLOCKED' } });
    }
    // The proxy of this test leads everything to loopback.
    expect(await fetcher.fetch(`http://1.1.1.1:${port}/`)).toMatchObject({ status: 200 });
    expect(proxy.targets).toEqual([`1.1.1.1:${port}`]);
  });

  test('neither a function nor a request leads around it', async () => {
    await using proxy = await httpProxy();
    await using socks = await socksProxy();
    await using fetcher = createFetcher(through(() => proxy.url, guarded));
    for (const own of [undefined, proxy.url, `socks5://${socks.host}`]) {
      const result = await fetcher.fetch({ url: 'http://1.1.1.1/', ...(own !== undefined && { proxy: own }) });
      expect(result).toMatchObject({ error: { code: 'ADDRESS_BLOCKED' } });
    }
    expect([proxy.connections.made, socks.connections.made]).toEqual([0, 0]);
  });
});

test.each([
  [{ proxy: 5 }, /'proxy' must be/],
  [{ proxy: { uri: 'x' } }, /no option 'proxy.uri'/],
  [{ proxy: { noProxy: 5 } }, /'proxy.noProxy'/],
  [{ proxy: { tunnel: 'yes' } }, /'proxy.tunnel'/],
  [{ proxy: { ca: 'x' } }, /'proxy.ca'/],
  [{ proxy: 'ftp://secret@x' }, /'proxy' must begin with/],
  [{ proxy: 'http://p', transport: { send: () => undefined } }, /'proxy' is for the built-in client only/],
])('a wrong option %j is refused, without its secrets', (options, message) => {
  expect(() => createFetcher(options as never)).toThrow(message);
  expect(() => createFetcher(options as never)).not.toThrow(/secret/);
});
