import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { constants, createGzip, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { FetcherOptions } from '../../src/fetcher/options.ts';
import { moduleCommand, runShell } from '../helpers/process/module.ts';
import { frame, rawHttp2 } from '../helpers/servers/http2-raw.ts';
import { rawServer, type RawHandler } from '../helpers/servers/raw-server.ts';
import { chunked, okay } from './replies.ts';

const megabyte = 2 ** 20;

/** Bytes that the server writes repeatedly, as fast as the connection takes them. */
const inBursts =
  (head: string, burst: Uint8Array, times: number, end: string): RawHandler =>
  async (socket) => {
    socket.write(head);
    for (let at = 0; at < times && socket.writable; at += 1) {
      if (!socket.write(burst)) await new Promise<unknown>((resolve) => socket.once('drain', resolve));
    }
    if (socket.writable) socket.write(end);
  };

interface Held {
  readonly kind: string;
  readonly length: number;
  /** Largest growth of the memory in use, without garbage, in bytes. */
  readonly mostBytes: number;
}

/** Fetches a URL in a separate process, collecting garbage all the time. */
async function hold(url: string, options: FetcherOptions = {}): Promise<Held> {
  const { stdout, stderr } = await runShell(
    moduleCommand(`
      import { createFetcher } from '#src/index.ts';
      const fetcher = createFetcher(${JSON.stringify({ retry: { retries: 0 }, ...options })});
      await fetcher.fetch('${url}/warm-up');
      const inUse = () => {
        // The second call waits until the buffers found by the first one are freed.
        gc();
        gc();
        const { heapUsed, external } = process.memoryUsage();
        return heapUsed + external;
      };
      inUse();
      const before = inUse();
      let most = before;
      const timer = setInterval(() => (most = Math.max(most, inUse())), 50);
      const result = await fetcher.fetch('${url}/body');
      clearInterval(timer);
      most = Math.max(most, inUse());
      const { kind, length, error } = result;
      console.log(JSON.stringify({ kind, length, code: error?.code, mostBytes: most - before }));
      await fetcher.close();
    `).replace(' --no-warnings ', ' --no-warnings --expose-gc '),
  );
  expect(stderr).toBe('');
  return JSON.parse(stdout) as Held;
}

function expectSmall(held: Held, length: number): void {
  expect(held).toMatchObject({ kind: 'response', length });
  expect(held.mostBytes).toBeLessThanOrEqual(3 * length + megabyte);
}

const isWarmUp = ({ head }: { readonly head: string }): boolean => head.startsWith('GET /warm-up');
const afterWarmUp =
  (answer: RawHandler): RawHandler =>
  (socket, request) =>
    isWarmUp(request) ? void socket.write(okay([], 'ok')) : answer(socket, request);

test.each<[what: string, piece: string, bytesInPiece: number]>([
  ['of one byte', '1\r\nx\r\n', 1],
  ['of 100 bytes', `64\r\n${'x'.repeat(100)}\r\n`, 100],
  ['of 4,000 bytes that are a small part of each read', `fa0;${'e'.repeat(60_000)}\r\n${'x'.repeat(4000)}\r\n`, 4000],
])('a body in chunks %s takes at most three times its length', { timeout: 60_000 }, async (_, piece, bytesInPiece) => {
  const pieces = Math.max(1, Math.trunc(16_384 / piece.length));
  const times = Math.trunc((5 * 1e6) / (pieces * bytesInPiece));
  const answer = inBursts(chunked, Buffer.from(piece.repeat(pieces)), times, '0\r\n\r\n');
  await using server = await rawServer(afterWarmUp(answer));
  expectSmall(await hold(server.url), times * pieces * bytesInPiece);
});

test('a body in HTTP/2 frames of one byte takes at most three times its length', { timeout: 60_000 }, async () => {
  const pieces = 2000;
  const times = 1000;
  await using server = await rawHttp2(async (stream) => {
    if (stream.turn === 1) return stream.headers({ ':status': '200' }, 'end');
    stream.headers({ ':status': '200' });
    const burst = Buffer.concat(Array.from({ length: pieces }, () => frame(0, 0, stream.id, Buffer.from('x'))));
    for (let at = 0; at < times; at += 1) {
      stream.raw(burst);
      // This server ignores the client's window, so it must not run ahead of it.
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    return stream.data('', 'end');
  });
  const options: FetcherOptions = { http2: true, tls: { rejectUnauthorized: false } };
  expectSmall(await hold(server.url, options), pieces * times);
});

test('a coded body that arrives byte by byte takes at most three times its length', { timeout: 60_000 }, async () => {
  const body = randomBytes(400_000);
  const coded = gzipSync(body);
  const wire = Buffer.concat(Array.from(coded, (byte) => Buffer.from([0x31, 0x0d, 0x0a, byte, 0x0d, 0x0a])));
  const head = 'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n';
  await using server = await rawServer(afterWarmUp(inBursts(head, wire, 1, '0\r\n\r\n')));
  expectSmall(await hold(server.url), body.length);
});

test('a body that is decoded in tiny pieces takes at most three times its length', { timeout: 60_000 }, async () => {
  const gzip = createGzip();
  const pieces: Buffer[] = [];
  gzip.on('data', (piece: Buffer) => pieces.push(piece));
  for (let at = 0; at < 20_000; at += 1) {
    gzip.write('x');
    await new Promise<void>((resolve) => gzip.flush(constants.Z_SYNC_FLUSH, () => resolve()));
  }
  gzip.end();
  await once(gzip, 'end');
  const head = 'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n';
  const wire = Buffer.concat(
    pieces.flatMap((piece) => [Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n')]),
  );
  await using server = await rawServer(afterWarmUp(inBursts(head, wire, 1, '0\r\n\r\n')));
  expectSmall(await hold(server.url), 20_000);
});
