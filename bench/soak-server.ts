// The server of soak.ts, a process of its own: HTTP, HTTPS and HTTP/2 that fail in many ways, by the first word of the path. It
// tells its three origins, and for each message how many connections are open.
import { once } from 'node:events';
import { constants, createSecureServer, type ServerHttp2Stream } from 'node:http2';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, TLSSocket } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { loopbackCertificate } from '../test/helpers/servers/certificate.ts';

const large = Buffer.alloc(300_000, 'x');
const coded = gzipSync(Buffer.alloc(50_000, 'hello '));

function whole(body: Uint8Array | string, more = '', status = '200 OK'): Buffer {
  return Buffer.concat([
    Buffer.from(`HTTP/1.1 ${status}\r\n${more}Content-Length: ${body.length}\r\n\r\n`),
    Buffer.from(body as string),
  ]);
}

const gzip = 'Content-Encoding: gzip\r\n';
const half = whole(large).subarray(0, 100_000);

/** Answers a request on an HTTP/1 connection, by the first word of its path. */
const answers: Readonly<Record<string, (socket: Socket) => unknown>> = {
  small: (socket) => socket.write(whole('hello')),
  large: (socket) => socket.write(whole(large)),
  chunked: (socket) => socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n'),
  gzip: (socket) => socket.write(whole(coded, gzip)),
  close: (socket) => socket.end(whole('hello', 'Connection: close\r\n')),
  'until-close': (socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nhello'),
  redirect: (socket) => socket.write(whole('', 'Location: /small\r\n', '302 Found')),
  loop: (socket) => socket.write(whole('', 'Location: /loop\r\n', '302 Found')),
  busy: (socket) => socket.write(whole('', '', '503 Service Unavailable')),
  drip: (socket) => drip(socket, whole('hello')),
  silence: () => undefined,
  nothing: (socket) => socket.destroy(),
  reset,
  cut: (socket) => socket.end(half),
  'cut-by-reset': (socket) => socket.write(half, () => reset(socket)),
  garbage: (socket) => socket.write('what?\r\n\r\n'),
  'long-head': (socket) => socket.write(`HTTP/1.1 200 OK\r\nX: ${'y'.repeat(100_000)}\r\n\r\n`),
  'not-gzip': (socket) => socket.write(whole('hello', gzip)),
  'cut-gzip': (socket) => socket.write(whole(coded.subarray(0, -5), gzip)),
  unasked: (socket) => socket.write(Buffer.concat([whole('hello'), whole('again')])),
};

/** Answers a request on an HTTP/2 stream, by the first word of its path. */
const streamAnswers: Readonly<Record<string, (stream: ServerHttp2Stream) => unknown>> = {
  large: (stream) => stream.end(large),
  gzip: (stream) => {
    stream.respond({ 'content-encoding': 'gzip' });
    stream.end(coded);
  },
  redirect: (stream) => stream.respond({ ':status': 302, location: '/small' }, { endStream: true }),
  busy: (stream) => stream.respond({ ':status': 503 }, { endStream: true }),
  silence: () => undefined,
  nothing: (stream) => stream.close(constants.NGHTTP2_REFUSED_STREAM),
  reset: (stream) => stream.close(constants.NGHTTP2_INTERNAL_ERROR),
  cut: (stream) => stream.write(half, () => stream.close(constants.NGHTTP2_CANCEL)),
  'cut-by-reset': (stream) => stream.write(half, () => stream.session?.destroy()),
  close: (stream) => stream.end('hello', () => stream.session?.close()),
};

/** Resets a connection. Node cannot do that over TLS: there it is closed without a word. */
function reset(socket: Socket): void {
  if (socket instanceof TLSSocket) socket.destroy();
  else socket.resetAndDestroy();
}

function drip(socket: Socket, bytes: Buffer): void {
  let at = 0;
  const timer = setInterval(() => {
    if (socket.destroyed || at === bytes.length) clearInterval(timer);
    else socket.write(bytes.subarray(at, (at += 1)));
  }, 2);
}

const wordOf = (path = ''): string => /^\/([a-z0-9-]*)/.exec(path)?.[1] ?? '';

function onConnection(socket: Socket): void {
  let rest = '';
  socket.setNoDelay(true);
  // The client may end the connection in any way.
  socket.on('error', () => undefined);
  socket.on('data', (bytes: Buffer) => {
    const heads = (rest + bytes.toString('latin1')).split('\r\n\r\n');
    rest = heads.pop()!;
    for (const head of heads) (answers[wordOf(head.split(' ')[1])] ?? answers['small']!)(socket);
  });
}

const { cert, key } = await loopbackCertificate();
const http2 = createSecureServer({ cert, key });
http2.on('sessionError', () => undefined).on('session', (session) => session.on('error', () => undefined));
http2.on('stream', (stream, { ':path': path }) => {
  stream.on('error', () => undefined);
  (streamAnswers[wordOf(path)] ?? ((one) => one.end('hello')))(stream);
});

const sockets = new Set<Socket>();
const servers: readonly (readonly [scheme: string, server: Server])[] = [
  ['http', createServer(onConnection)],
  ['https', createTlsServer({ cert, key }, onConnection)],
  ['https', http2],
];
const origins: string[] = [];
for (const [scheme, server] of servers) {
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
  });
  server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 });
  await once(server, 'listening');
  origins.push(`${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`);
}

process.on('message', () => process.send?.(sockets.size));
process.once('disconnect', () => process.exit());
process.send?.({ origins, cert, words: Object.keys(answers) });
