import { once } from 'node:events';
import { expect, test } from 'vitest';
import { createFetcher } from '../../../src/fetcher/fetcher.ts';
import { keepIdleMsOf, staysOpen } from '../../../src/transports/http1/keep-alive.ts';
import { ended, moduleCommand, startShell } from '../../helpers/process/module.ts';
import { loopbackCertificate, type Certificate } from '../../helpers/servers/certificate.ts';
import { rawServer, send } from '../../helpers/servers/raw-server.ts';
import { collect } from '../../helpers/collect.ts';

test.each([
  [undefined, 4000],
  ['timeout=5', 3000],
  ['timeout=5, max=100', 3000],
  ['max=100', 4000],
  ['timeout=2', 0],
  ['timeout=0', -2000],
  ['timeout=99999999', 600_000],
])('keepIdleMsOf() reads Keep-Alive: %s', (hint, ms) => {
  expect(keepIdleMsOf(hint === undefined ? {} : { 'keep-alive': hint })).toBe(ms);
});

test.each<[string, number, Record<string, string>, boolean, number, boolean]>([
  ['GET', 200, {}, true, 1, true],
  ['GET', 200, {}, false, 1, false],
  ['HEAD', 200, {}, false, 1, true],
  ['HEAD', 200, { connection: 'close' }, false, 1, false],
  ['HEAD', 200, { connection: 'x, Close' }, false, 1, false],
  ['HEAD', 200, {}, false, 0, false],
  ['HEAD', 200, { connection: 'Keep-Alive' }, false, 0, true],
  ['GET', 204, {}, true, 1, true],
  ['GET', 204, { 'content-length': '0' }, true, 1, true],
  ['GET', 204, { 'content-length': '5' }, true, 1, false],
  ['GET', 304, { 'transfer-encoding': 'chunked' }, true, 1, false],
])(
  'staysOpen() after %s %i %j, by llhttp %s, HTTP/1.%i: %s',
  (method, status, headers, isKeptAlive, minor, expected) => {
    const head = { status, fields: [], isUpgrade: false, isKeptAlive, minorVersion: minor, statusText: '' };
    expect(staysOpen(method, headers, head)).toBe(expected);
  },
);

/** A TLS server in a process of its own: within ours, a write always ends before its response arrives. */
const tlsServer = (tls: Certificate): string => `
  import { createServer } from 'node:tls';
  let connections = 0;
  const server = createServer(${JSON.stringify(tls)}, (socket) => {
    connections += 1;
    socket.on('error', () => {});
    socket.on('data', () => socket.write('HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok'));
  });
  server.listen(0, '127.0.0.1', () => console.log(server.address().port));
  process.stdin.on('end', () => {
    console.log(connections);
    process.exit();
  }).resume();
`;

test('TLS connections are reused', async () => {
  const tls = await loopbackCertificate();
  const child = startShell(moduleCommand(tlsServer(tls)));
  const closed = ended(child);
  const [port] = (await once(child.stdout!, 'data')) as [string];
  await using fetcher = createFetcher({
    concurrency: 20,
    perHost: { concurrency: 20 },
    retry: { retries: 0 },
    tls: { ca: tls.cert },
  });
  const urls = Array.from({ length: 2000 }, (_, at) => `https://127.0.0.1:${port.trim()}/${at}`);
  const results = await collect(fetcher.asCompleted(urls));
  expect(results.filter(({ kind }) => kind !== 'response')).toEqual([]);
  child.stdin!.end();
  const { stdout } = await closed;
  expect(Number(stdout.trim().split('\n').at(-1))).toBeLessThanOrEqual(25);
});

test('a GET with a body is the last request of its connection', async () => {
  await using server = await rawServer(send('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'));
  await using fetcher = createFetcher({ retry: { retries: 0 } });
  for (const body of ['x', undefined, undefined]) {
    await fetcher.fetch({ url: server.url, method: 'GET', ...(body === undefined ? {} : { body }) });
  }
  expect(server.requests.map(({ connection }) => connection)).toEqual([1, 2, 2]);
});

test('an idle connection is closed when its server said that it would, and keeps no process alive', async () => {
  await using server = await rawServer(send('HTTP/1.1 200 OK\r\nKeep-Alive: timeout=3\r\nContent-Length: 2\r\n\r\nok'));
  await using fetcher = createFetcher({ retry: { retries: 0 } });
  await fetcher.fetch(server.url);
  expect(server.open).toBe(1);
  const since = performance.now();
  await server.deserted();
  expect(performance.now() - since).toBeGreaterThan(800);
});
