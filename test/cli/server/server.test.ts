import { execFile as execFileCallback } from 'node:child_process';
import { get, request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { brotliDecompressSync, gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startServer, type TestServer } from '../../../cli/server/server.ts';

const execFile = promisify(execFileCallback);

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

/** The JSON of the echoing routes. */
interface Echo {
  readonly [name: string]: unknown;
  readonly headers: Record<string, unknown>;
}

const fetchPath = (path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(server.url + path, { redirect: 'manual', ...init });
const jsonOf = async (path: string, init?: RequestInit): Promise<Echo> =>
  (await (await fetchPath(path, init)).json()) as Echo;
const bytesOf = async (path: string, init?: RequestInit): Promise<Buffer> =>
  Buffer.from(await (await fetchPath(path, init)).arrayBuffer());

/** Sends bytes, and returns everything the server sends until it closes the connection. */
async function exchangeRaw(bytes: string | Buffer): Promise<string> {
  const socket = connect(server.port, '127.0.0.1');
  socket.write(bytes);
  return text(socket);
}

describe('startServer()', () => {
  test('listens on loopback and returns its origin', () => {
    expect(server.url).toBe(`http://127.0.0.1:${server.port}`);
  });

  test('counts the requests', async () => {
    await using own = await startServer();
    await fetch(`${own.url}/get`);
    await fetch(`${own.url}/nowhere`);
    expect(own.requests).toBe(2);
  });

  test('rejects if the port is in use', async () => {
    await expect(startServer({ port: server.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  test('listens on IPv6 too', async () => {
    await using own = await startServer({ host: '::1' });
    expect(own.url).toBe(`http://[::1]:${own.port}`);
    expect((await fetch(`${own.url}/status/200`)).status).toBe(200);
  });

  test('close() ends running requests at once, and may be called twice', async () => {
    const own = await startServer();
    const pending = ['/delay/60', '/drip?duration=60', '/slow-headers/60', '/bytes/50000000'].map((path) =>
      fetch(own.url + path).then((response) => response.arrayBuffer()),
    );
    const settled = Promise.allSettled(pending.slice(0, 3));
    await expect.poll(() => own.requests).toBe(4);
    const start = performance.now();
    await Promise.all([own.close(), own.close()]);
    expect(performance.now() - start).toBeLessThan(500);
    expect((await settled).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    await Promise.allSettled(pending);
  });

  test('close() leaves nothing that would keep the process alive', async () => {
    const program = `
      import { get } from 'node:http';
      import { startServer } from './cli/server/server.ts';
      const server = await startServer();
      for (const path of ['/delay/60', '/drip?duration=60', '/slow-headers/60', '/bytes/99000000']) {
        get(server.url + path).on('error', () => {});
      }
      while (server.requests < 4) await new Promise((resolve) => setTimeout(resolve, 10));
      await server.close();`;
    await execFile(process.execPath, ['--input-type=module', '--eval', program], { timeout: 5000 });
  });

  test('answers 404 with a hint on an unknown path', async () => {
    const response = await fetchPath('/nowhere');
    expect(response.status).toBe(404);
    expect(await response.text()).toBe('Not found: the list of endpoints is at /\n');
  });

  test.each([
    '/status/abc',
    '/status/99',
    '/status/101',
    '/status/1000',
    '/status/200:x',
    '/status/200:0,500:0',
    '/status/200:1:1',
    '/status/200,',
    '/delay/-1',
    '/delay/NaN',
    '/delay/Infinity',
    '/delay/1e1',
    '/bytes/-1',
    '/bytes/1.5',
    '/bytes/0x10',
    '/bytes/10?seed=a',
    '/bytes/%',
    '/stream-bytes/10?chunk_size=0',
    '/stream/x',
    '/drip?duration=-1',
    '/drip?numbytes=1.5',
    '/drip?code=abc',
    '/redirect/0',
    '/redirect-to',
    '/redirect-to?url=/&status_code=x',
    '/range/x',
    '/links/0',
    '/links/3/x',
    '/cookies/set?a%20b=1',
    '/response-headers?a%20b=1',
    '/response-headers?a=%0d%0ab:1',
    '/response-headers?Content-Length=3',
    '/retry-after/x',
    '/flaky/2',
    '/unstable?failure_rate=-1',
    '/truncate/0',
    '/cache/x',
  ])('GET %s answers 400 with a one-line message', async (path) => {
    const response = await fetchPath(path);
    expect(response.status).toBe(400);
    expect(response.headers.get('connection')).toBe('keep-alive');
    expect(await response.text()).toMatch(/^Bad [^\n]+\n$/);
  });

  test.each([
    'garbage\r\n\r\n',
    'GET / HTTP/9.9\r\n\r\n',
    Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3]),
    'POST /post HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
    'POST /post HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
    `GET /?${'a'.repeat(200_000)} HTTP/1.1\r\n\r\n`,
    'CONNECT example.com:443 HTTP/1.1\r\nHost: a\r\n\r\n',
    'GET /get HTTP/1.1\r\nHost: a\r\nExpect: the-worst\r\nConnection: close\r\n\r\n',
    'GET /bytes/100000000 HTTP/1.1\r\nHost: a\r\n\r\ngarbage\r\n\r\n',
    'OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    'GET /redirect-to?url=%ff%00%f0%9f%9a%80 HTTP/1.1\r\nHost: \xff\r\nConnection: close\r\n\r\n',
    'GET /absolute-redirect/2 HTTP/1.1\r\nHost: \xff\r\nConnection: close\r\n\r\n',
    'GET /etag/%22%0d%0a%ff%E2%82%AC HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    'GET /etag/%22%0d%0a%E2%82%AC HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    'GET /get?__proto__=1 HTTP/1.1\r\nHost: a\r\n__proto__: 1\r\nConnection: close\r\n\r\n',
    'GET http://example.com/status/200?a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    'GET /get HTTP/1.0\r\n\r\n',
    'GET /get HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: upgrade, close\r\n\r\n',
  ])('survives the request %j', async (bytes) => {
    await exchangeRaw(bytes).catch(() => {});
    expect((await fetchPath('/status/200')).status).toBe(200);
  });

  test('survives clients that disconnect at any point', async () => {
    const paths = ['/bytes/1000', '/bytes/9000000', '/stream/1000', '/drip', '/delay/1', '/truncate/9000000', '/post'];
    for (const path of paths) {
      const socket = connect(server.port, '127.0.0.1').on('error', () => {});
      socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nab`);
      await sleep(20);
      socket.resetAndDestroy();
    }
    expect((await fetchPath('/status/200')).status).toBe(200);
  });

  test('accepts a whole URL as the target, as a proxy receives', async () => {
    const answer = await exchangeRaw(
      'GET http://a.test/status/204?b HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n',
    );
    expect(answer).toMatch(/^HTTP\/1.1 204 /);
  });

  test('keeps the order of pipelined requests', async () => {
    const answer = await exchangeRaw(
      'GET /delay/0.1 HTTP/1.1\r\nHost: a\r\n\r\nGET /status/404 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    );
    expect(answer.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 404']);
  });
});

describe('HEAD', () => {
  test.each([
    '/',
    '/get',
    '/anything/a',
    '/headers',
    '/status/404',
    '/delay/0',
    '/bytes/10',
    '/bytes/100000',
    '/stream-bytes/10',
    '/stream/2',
    '/drip?duration=0',
    '/redirect/1',
    '/gzip',
    '/html',
    '/image/png',
    '/range/100',
    '/basic-auth/a/b',
    '/cache',
    '/truncate/10',
    '/nowhere',
    '/bytes/x',
  ])('%s has the headers of GET and no body', async (path) => {
    expect(await headOf('HEAD', path)).toEqual(await headOf('GET', path));
  });

  async function headOf(method: string, path: string): Promise<unknown> {
    const response = await fetchPath(path, { method });
    const body = await response.arrayBuffer().catch(() => undefined);
    if (method === 'HEAD') expect(body?.byteLength).toBe(0);
    // These headers depend on the connection and the time; fetch() sends HEAD with `Connection: close`.
    const skipped = ['connection', 'keep-alive', 'date', 'transfer-encoding'];
    const headers = [...response.headers].filter(([name]) => !skipped.includes(name));
    // The echo of HEAD has another length than that of GET.
    return [
      response.status,
      headers.map(([name, value]) => (isEcho(headers) && name === 'content-length' ? name : value)),
    ];
  }

  function isEcho(headers: [string, string][]): boolean {
    return headers.some(([name, value]) => name === 'content-type' && value === 'application/json');
  }
});

describe('echo', () => {
  test('GET / lists the routes', async () => {
    expect(await (await fetchPath('/')).text()).toMatch(/^\/delay\/:seconds +answers after/m);
  });

  test('GET /get returns the arguments, headers and URL', async () => {
    const sent = await jsonOf('/get?a=1&b=2&b=3&__proto__=x', { headers: { 'X-Own-Name': 'value' } });
    expect(sent).toMatchObject({ method: 'GET', args: { a: '1', b: ['2', '3'] }, origin: '127.0.0.1' });
    expect(sent.headers).toMatchObject({ 'X-Own-Name': 'value', Host: `127.0.0.1:${server.port}` });
    expect(sent.url).toBe(`${server.url}/get?a=1&b=2&b=3&__proto__=x`);
  });

  test('POST /get answers 405 with the methods allowed', async () => {
    const response = await fetchPath('/get', { method: 'POST', body: 'x' });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  test.each(['POST', 'PUT', 'PATCH', 'DELETE'])('%s returns the JSON it received', async (method) => {
    const path = `/${method.toLowerCase()}`;
    expect(await jsonOf(path, { method, body: '{"a":1}' })).toMatchObject({ method, data: '{"a":1}', json: { a: 1 } });
  });

  test('POST /anything/x returns a form', async () => {
    const sent = await jsonOf('/anything/x?q=1', { method: 'POST', body: new URLSearchParams('a=1&a=2&b=3') });
    expect(sent).toMatchObject({ args: { q: '1' }, form: { a: ['1', '2'], b: '3' }, json: null, data: '' });
  });

  test('POST /anything returns binary data in base64', async () => {
    const { data } = await jsonOf('/anything', { method: 'POST', body: Buffer.from([0xff, 0]) });
    expect(data).toBe('data:application/octet-stream;base64,/wA=');
  });

  test('POST /post answers 413 if the body is too large', async () => {
    const sending = httpRequest(`${server.url}/post`, { method: 'POST' });
    const status = new Promise((resolve) => {
      sending.on('response', (response) => resolve(response.statusCode)).on('error', () => {});
    });
    for (let count = 0; count < 12; count += 1) sending.write(Buffer.alloc(1_000_000));
    expect(await status).toBe(413);
    sending.destroy();
  });

  test('GET /ip, /user-agent, /headers and /uuid return these', async () => {
    expect(await jsonOf('/ip')).toEqual({ origin: '127.0.0.1' });
    expect(await jsonOf('/user-agent', { headers: { 'user-agent': 'me' } })).toEqual({ 'user-agent': 'me' });
    expect((await jsonOf('/headers')).headers).toHaveProperty('User-Agent');
    expect((await jsonOf('/uuid')).uuid).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('status', () => {
  test.each([200, 204, 304, 404, 418, 503, 599])('GET /status/%i has that status', async (status) => {
    expect((await fetchPath(`/status/${status}`)).status).toBe(status);
  });

  test('GET /status/302 and /status/401 have the headers these statuses need', async () => {
    expect((await fetchPath('/status/302')).headers.get('location')).toBe('/redirect/1');
    expect((await fetchPath('/status/401')).headers.get('www-authenticate')).toMatch(/^Basic/);
  });

  test('POST /status/201 leaves the body unread and the connection usable', async () => {
    expect((await fetchPath('/status/201', { method: 'POST', body: Buffer.alloc(3_000_000) })).status).toBe(201);
    expect((await fetchPath('/status/200')).status).toBe(200);
  });

  test('GET /status/200,500:0.3 honours the weights', async () => {
    const statuses = await Promise.all(
      Array.from({ length: 300 }, async () => (await fetchPath('/status/200,500:0.3,404:0')).status),
    );
    const failed = statuses.filter((status) => status === 500).length;
    expect(failed).toBeGreaterThan(30);
    expect(failed).toBeLessThan(120);
    expect(statuses).not.toContain(404);
  });
});

describe('time', () => {
  test('GET /delay/0.2 answers after the delay', async () => {
    const start = performance.now();
    expect(await jsonOf('/delay/0.2?a=1')).toMatchObject({ args: { a: '1' } });
    expect(performance.now() - start).toBeGreaterThanOrEqual(195);
  });

  test('GET /delay/60 stops waiting when the client disconnects', async () => {
    const before = timers();
    const request = get(`${server.url}/delay/60`).on('error', () => {});
    await expect.poll(timers).toBeGreaterThan(before);
    request.destroy();
    await expect.poll(timers).toBeLessThanOrEqual(before);
  });

  test('POST /slow-headers/60 stops waiting when the client disconnects in mid-body', async () => {
    const before = timers();
    const request = httpRequest(`${server.url}/slow-headers/60`, { method: 'POST' }).on('error', () => {});
    request.write(Buffer.alloc(5_000_000));
    await expect.poll(timers).toBeGreaterThan(before);
    request.destroy();
    await expect.poll(timers).toBeLessThanOrEqual(before);
  });

  test('GET /slow-headers/0.2 sends the headers after the delay', async () => {
    const start = performance.now();
    expect((await fetchPath('/slow-headers/0.2')).status).toBe(200);
    expect(performance.now() - start).toBeGreaterThanOrEqual(195);
  });

  test('GET /drip sends the headers at once and the body slowly', async () => {
    const start = performance.now();
    const response = await fetchPath('/drip?duration=0.4&numbytes=5&code=201');
    expect(performance.now() - start).toBeLessThan(200);
    expect(response.status).toBe(201);
    expect(await response.text()).toBe('*****');
    expect(performance.now() - start).toBeGreaterThanOrEqual(390);
  });

  test('GET /drip sends a large body completely', async () => {
    expect((await bytesOf('/drip?duration=0.1&numbytes=1234567')).length).toBe(1_234_567);
    expect((await bytesOf('/drip?duration=0&numbytes=0')).length).toBe(0);
  });
});

describe('bodies', () => {
  test.each([0, 1, 1024, 65_536, 65_537, 1_000_001])('GET /bytes/%i has that length', async (length) => {
    const response = await fetchPath(`/bytes/${length}`);
    expect(response.headers.get('content-length')).toBe(String(length));
    expect((await response.arrayBuffer()).byteLength).toBe(length);
  });

  test('GET /bytes/99999999999999999999 is limited to 100 MB', async () => {
    const response = await fetchPath('/bytes/99999999999999999999', { method: 'HEAD' });
    expect(response.headers.get('content-length')).toBe('100000000');
  });

  test('GET /bytes/N?seed= is the same for the same seed', async () => {
    const [one, two, other] = await Promise.all(['1', '1', '2'].map((seed) => bytesOf(`/bytes/70000?seed=${seed}`)));
    expect(one?.equals(two ?? Buffer.alloc(0))).toBe(true);
    expect(one?.equals(other ?? Buffer.alloc(0))).toBe(false);
  });

  test('GET /stream-bytes/N is chunked and has the same bytes', async () => {
    const response = await fetchPath('/stream-bytes/100000?seed=1&chunk_size=999');
    expect(response.headers.get('transfer-encoding')).toBe('chunked');
    expect(Buffer.from(await response.arrayBuffer())).toEqual(await bytesOf('/bytes/100000?seed=1'));
  });

  test('GET /stream/3 sends three lines of JSON', async () => {
    const lines = (await (await fetchPath('/stream/3')).text()).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).id)).toEqual([0, 1, 2]);
  });

  test.each([
    ['/gzip', 'gzip', 'gzipped', gunzipSync],
    ['/deflate', 'deflate', 'deflated', inflateSync],
    ['/brotli', 'br', 'brotli', brotliDecompressSync],
    ['/zstd', 'zstd', 'zstd', zstdDecompressSync],
  ] as const)('GET %s is encoded in %s', async (path, coding, flag, decompress) => {
    // Not fetch(), which would decode the body.
    const response = await new Promise<import('node:http').IncomingMessage>((resolve) =>
      get(server.url + path, resolve),
    );
    const chunks = await response.toArray();
    expect(response.headers['content-encoding']).toBe(coding);
    expect(JSON.parse(decompress(Buffer.concat(chunks)).toString())).toMatchObject({ [flag]: true, method: 'GET' });
  });

  test.each([
    ['/html', 'text/html', '<!DOCTYPE html>'],
    ['/encoding/utf8', 'text/html; charset=utf-8', '<!DOCTYPE html>'],
    ['/json', 'application/json', '{"slideshow"'],
    ['/xml', 'application/xml', '<?xml'],
    ['/robots.txt', 'text/plain', 'User-agent: *'],
    ['/image/png', 'image/png', '\uFFFDPNG'],
    ['/links/3/1', 'text/html', '<html>'],
  ])('GET %s has a body of type %s', async (path, type, start) => {
    const response = await fetchPath(path);
    expect(response.headers.get('content-type')).toContain(type);
    expect((await response.text()).startsWith(start)).toBe(true);
  });

  test('GET /links/3 redirects to pages that link to each other', async () => {
    expect((await fetchPath('/links/3')).headers.get('location')).toBe('/links/3/0');
    const page = await (await fetchPath('/links/3/1')).text();
    expect(page.match(/href="[^"]+"/g)).toEqual(['href="/links/3/0"', 'href="/links/3/2"']);
  });

  test.each([
    [undefined, 200, null, 26],
    ['bytes=0-4', 206, 'bytes 0-4/26', 5],
    ['bytes=20-', 206, 'bytes 20-25/26', 6],
    ['bytes=-3', 206, 'bytes 23-25/26', 3],
    ['bytes=20-99', 206, 'bytes 20-25/26', 6],
    ['bytes=26-', 416, 'bytes */26', 0],
    ['bytes=5-4', 200, null, 26],
    ['bytes=0-1,3-4', 200, null, 26],
    ['lines=1-2', 200, null, 26],
    ['bytes=-', 200, null, 26],
  ])('GET /range/26 with Range %s answers %i', async (asked, status, contentRange, length) => {
    const response = await fetchPath('/range/26', asked === undefined ? {} : { headers: { range: asked } });
    const body = await response.text();
    expect([response.status, response.headers.get('content-range'), body.length]).toEqual([
      status,
      contentRange,
      length,
    ]);
    if (asked === 'bytes=-3') expect(body).toBe('xyz');
  });

  test('GET /range/N returns any part of a long body', async () => {
    const whole = await bytesOf('/range/200000');
    const part = await bytesOf('/range/200000', { headers: { range: 'bytes=53247-160001' } });
    expect(part.equals(whole.subarray(53_247, 160_002))).toBe(true);
  });

  test('GET /range/N honours If-Range', async () => {
    const headers = { range: 'bytes=0-1', 'if-range': '"other"' };
    expect((await fetchPath('/range/10', { headers })).status).toBe(200);
    expect((await fetchPath('/range/10', { headers: { ...headers, 'if-range': '"range10"' } })).status).toBe(206);
  });
});

describe('redirects', () => {
  test.each([
    ['/redirect/3', '/relative-redirect/2'],
    ['/redirect/1', '/get'],
    ['/relative-redirect/2', '/relative-redirect/1'],
    ['/redirect-to?url=http%3A%2F%2Fa.test%2F%C3%BC%20b', 'http://a.test/%C3%BC%20b'],
  ])('GET %s redirects to %s', async (path, location) => {
    const response = await fetchPath(path);
    expect([response.status, response.headers.get('location')]).toEqual([302, location]);
    expect(response.headers.has('set-cookie')).toBe(false);
  });

  test('GET /absolute-redirect/2 redirects to a whole URL', async () => {
    const location = `${server.url}/absolute-redirect/1`;
    expect((await fetchPath('/absolute-redirect/2')).headers.get('location')).toBe(location);
    expect((await fetchPath('/redirect/2?absolute=true')).headers.get('location')).toBe(location);
  });

  test('GET /redirect/5 ends at /get', async () => {
    const response = await fetchPath('/redirect/5', { redirect: 'follow' });
    expect([response.status, response.url]).toEqual([200, `${server.url}/get`]);
  });

  test('GET /redirect-to uses the given status', async () => {
    expect((await fetchPath('/redirect-to?url=/get&status_code=307')).status).toBe(307);
    expect((await fetchPath('/redirect-to?url=/get&status_code=200')).status).toBe(302);
  });
});

describe('identity and caches', () => {
  test('GET /basic-auth/user/pass requires these credentials', async () => {
    const refused = await fetchPath('/basic-auth/us%20er/p');
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'Basic realm="Test"']);
    const headers = { authorization: `Basic ${Buffer.from('us er:p').toString('base64')}` };
    expect(await jsonOf('/basic-auth/us%20er/p', { headers })).toEqual({ authenticated: true, user: 'us er' });
  });

  test('GET /bearer requires a token', async () => {
    expect((await fetchPath('/bearer')).status).toBe(401);
    const headers = { authorization: 'Bearer abc' };
    expect(await jsonOf('/bearer', { headers })).toEqual({ authenticated: true, token: 'abc' });
  });

  test('GET /cookies returns what /cookies/set set', async () => {
    const one = await fetchPath('/cookies/set?a=1&b=x%20y');
    expect([one.status, one.headers.get('location')]).toEqual([302, '/cookies']);
    expect(one.headers.getSetCookie()).toEqual(['a=1; Path=/', 'b=x%20y; Path=/']);
    expect((await fetchPath('/cookies/set/a/1')).headers.getSetCookie()).toEqual(['a=1; Path=/']);
    const headers = { cookie: 'a=1; b=x%20y; c=%' };
    expect(await jsonOf('/cookies', { headers })).toEqual({ cookies: { a: '1', b: 'x y', c: '%' } });
  });

  test.each([
    ['if-none-match', '"x"', 304],
    ['if-none-match', 'W/"y", W/"x"', 304],
    ['if-none-match', '*', 304],
    ['if-none-match', '"y"', 200],
    ['if-match', '"y"', 412],
    ['if-match', '"x"', 200],
  ])('GET /etag/x with %s: %s answers %i', async (name, value, status) => {
    const response = await fetchPath('/etag/x', { headers: { [name]: value } });
    expect([response.status, response.headers.get('etag')]).toEqual([status, '"x"']);
  });

  test('GET /cache answers 304 to a conditional request', async () => {
    const { headers, status } = await fetchPath('/cache');
    expect(status).toBe(200);
    const again = { 'if-modified-since': headers.get('last-modified') ?? '' };
    expect((await fetchPath('/cache', { headers: again })).status).toBe(304);
  });

  test('GET /cache/60 may be cached for 60 seconds', async () => {
    expect((await fetchPath('/cache/60')).headers.get('cache-control')).toBe('public, max-age=60');
  });

  test('GET /response-headers sets the headers in the query', async () => {
    const response = await fetchPath(
      '/response-headers?X-A=1&x-b=2&x-b=3&content-type=text/x-own&set-cookie=a&set-cookie=b',
    );
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'x-a': '1',
      'x-b': '2, 3',
      'content-type': 'text/x-own',
    });
    expect(response.headers.getSetCookie()).toEqual(['a', 'b']);
    expect(await response.json()).toMatchObject({ 'X-A': '1', 'x-b': ['2', '3'] });
  });
});

describe('faults', () => {
  test('GET /retry-after/N refuses each key ?times= times', async () => {
    const statuses = [];
    for (const key of ['a', 'a', 'b', 'a']) {
      const response = await fetchPath(`/retry-after/7?times=2&key=${key}`);
      statuses.push([response.status, response.headers.get('retry-after')]);
    }
    const refused = [429, '7'];
    expect(statuses).toEqual([refused, refused, refused, [200, null]]);
  });

  test('GET /retry-after/N uses its path as the key, and each server counts for itself', async () => {
    await using own = await startServer();
    const statuses = [];
    for (const seconds of [0, 0, 1]) statuses.push((await fetch(`${own.url}/retry-after/${seconds}`)).status);
    expect(statuses).toEqual([429, 200, 429]);
  });

  test('GET /flaky/P?key= repeats its sequence in every run', async () => {
    const run = async (): Promise<number[]> => {
      await using own = await startServer();
      const statuses = [];
      for (let count = 0; count < 40; count += 1) {
        statuses.push((await fetch(`${own.url}/flaky/0.5?key=a`)).status);
      }
      return statuses;
    };
    const statuses = await run();
    expect(new Set(statuses)).toEqual(new Set([200, 503]));
    expect(await run()).toEqual(statuses);
  });

  test('GET /flaky/0, /flaky/1 and /unstable are certain at probability 0 and 1', async () => {
    expect((await fetchPath('/flaky/0')).status).toBe(200);
    expect((await fetchPath('/flaky/1')).status).toBe(503);
    expect((await fetchPath('/unstable?failure_rate=0')).status).toBe(200);
    expect((await fetchPath('/unstable?failure_rate=1')).status).toBe(500);
  });

  test('GET /close closes the connection without a response', async () => {
    expect(await exchangeRaw('GET /close HTTP/1.1\r\nHost: a\r\n\r\n')).toBe('');
  });

  test('GET /reset resets the connection without a response', async () => {
    await expect(exchangeRaw('GET /reset HTTP/1.1\r\nHost: a\r\n\r\n')).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  test.each([1, 1000, 1_000_000])('GET /truncate/%i sends half of the announced length', async (length) => {
    const answer = await exchangeRaw(`GET /truncate/${length} HTTP/1.1\r\nHost: a\r\n\r\n`);
    const [head = ''] = answer.split('\r\n\r\n', 1);
    expect(head).toContain(`Content-Length: ${length}`);
    await expect(bytesOf(`/truncate/${length}`)).rejects.toThrow();
  });
});

/** Pending timers of this process, including the server's. */
function timers(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
}
