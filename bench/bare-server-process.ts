// Answers every GET with 1 KB, after the number of milliseconds in its path: /50/anything. It does as little HTTP as
// possible, so that the client is what is measured. The first argument is the number of ports of 127.0.0.1 to listen
// on, each a host of its own. The second may ask for 100 KB over TLS, or for 100 KB as gzip.
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { generate } from 'selfsigned';
import type { ServerKind } from './bare-server.ts';

const kind = (process.argv[3] ?? 'plain') as ServerKind;
const answers: Readonly<Record<ServerKind, () => Buffer>> = {
  plain: () => answerWith(Buffer.alloc(1024, 'x')),
  tls: () => answerWith(Buffer.alloc(100_000, 'x')),
  gzip: () => answerWith(gzipSync(pageOf(100_000)), 'Content-Encoding: gzip\r\n'),
};
const answer = answers[kind]();

function answerWith(body: Buffer, more = ''): Buffer {
  return Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\n${more}Content-Length: ${body.length}\r\n\r\n`), body]);
}

/** Makes bytes that compress to about a fifth, as a web page does. */
function pageOf(bytes: number): Buffer {
  const words = Array.from({ length: 500 }, (_, at) => `${(at * 7919) % 6131}`);
  const all = Array.from({ length: bytes / 4 }, (_, at) => words[(at * at) % words.length]).join(' ');
  return Buffer.from(all).subarray(0, bytes);
}

const { cert, private: key } =
  kind === 'tls' ? await generate([{ name: 'commonName', value: 'localhost' }]) : { cert: '', private: '' };

function listener(): Server {
  return kind === 'tls' ? createTlsServer({ cert, key }, serve) : createServer(serve);
}

let requests = 0;

function serve(socket: Socket): void {
  let rest = '';
  socket.setNoDelay(true);
  socket.setEncoding('latin1');
  // The client may disconnect at any time.
  socket.on('error', () => {});
  socket.on('data', (text: string) => {
    const heads = (rest + text).split('\r\n\r\n');
    rest = heads.pop()!;
    requests += heads.length;
    for (const head of heads) {
      const delayMs = Number.parseInt(head.slice(head.indexOf('/') + 1), 10);
      if (delayMs > 0) setTimeout(() => socket.write(answer), delayMs);
      else socket.write(answer);
    }
  });
}

process.on('message', () => process.send?.(requests));
process.once('disconnect', () => process.exit());
const urls: string[] = [];
for (let port = 0; port < Number(process.argv[2]); port += 1) {
  const server = listener().listen({ port: 0, host: '127.0.0.1', backlog: 4096 });
  await once(server, 'listening');
  urls.push(`${kind === 'tls' ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`);
}
process.send?.(urls);
