import { once } from 'node:events';
import { zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { createFetcher } from '../../src/index.ts';
import type { FetcherOptions } from '../../src/fetcher/options.ts';
import { failureOf } from '../helpers/kinds.ts';
import { moduleCommand, runShell, startShell } from '../helpers/process/module.ts';
import { rawServer, send, type RawHandler } from '../helpers/servers/raw-server.ts';
import { expectWithin } from './invariants.ts';
import { byPath, chunked, drip, empty, okay, pour, silence, sized, unframed } from './replies.ts';

const megabyte = 1e6;
/** Allows for warm-up and uncollected read buffers. What a leak would keep is far more. */
const mostGrown = 160 * megabyte;
const block = 'x'.repeat(16_384);

/** A record, and the resources that its request took. */
interface Measured {
  readonly kind: string;
  readonly length: number;
  readonly complete?: string;
  readonly error?: { readonly code: string };
  readonly elapsedMs: number;
  /** The most by which the memory of the client's process grew. */
  readonly grownBytes: number;
  /** Bytes the server could send, socket buffers included. */
  readonly sentBytes: number;
}

/** Fetches once from a server with this answer, in a separate process, to measure its memory. */
async function measure(answer: RawHandler, options: FetcherOptions = {}): Promise<Measured> {
  let sentBytes = 0;
  await using server = await rawServer((socket, request) => {
    socket.once('close', () => (sentBytes += socket.bytesWritten));
    return answer(socket, request);
  });
  const { stdout, stderr } = await runShell(
    moduleCommand(`
      import { createFetcher } from '#src/index.ts';
      const fetcher = createFetcher(${JSON.stringify({ retry: { retries: 0 }, ...options })});
      const before = process.memoryUsage.rss();
      let most = before;
      const timer = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 10);
      const result = await fetcher.fetch('${server.url}');
      clearInterval(timer);
      console.log(JSON.stringify({ ...result, grownBytes: most - before }));
      await fetcher.close();
    `),
  );
  expect(stderr).toBe('');
  await expectWithin(2000, server.deserted(), 'leaves no connection');
  return { ...(JSON.parse(stdout) as Omit<Measured, 'sentBytes'>), sentBytes };
}

describe('an endless head', () => {
  test.each<[what: string, answer: RawHandler]>([
    ['of many headers', pour('HTTP/1.1 200 OK\r\n', 'X-Header: value\r\n'.repeat(1000))],
    ['of one header', pour('HTTP/1.1 200 OK\r\nX: ', block)],
    ['of one header name', pour('HTTP/1.1 200 OK\r\nX', block)],
    ['of trailers', pour(`${chunked}2\r\nok\r\n0\r\n`, 'X-Header: value\r\n'.repeat(1000))],
  ])('%s is rejected at once', async (_, answer) => {
    const { error, elapsedMs, grownBytes, sentBytes } = await measure(answer, { timeoutMs: 10_000 });
    expect(error?.code).toBe('HEADERS_TOO_LARGE');
    expect(elapsedMs).toBeLessThan(4000);
    expect(grownBytes).toBeLessThan(mostGrown);
    expect(sentBytes).toBeLessThan(20 * megabyte);
  });

  test('of interim responses is rejected after 20 of them', async () => {
    const hint = 'HTTP/1.1 103 Early Hints\r\n\r\n';
    const { error, sentBytes } = await measure(pour('', hint.repeat(500)), { timeoutMs: 10_000 });
    expect(error?.code).toBe('HTTP_PROTOCOL');
    expect(sentBytes).toBeLessThan(20 * megabyte);
  });
});

describe('bytes that are neither head nor body are bounded', () => {
  test.each<[what: string, answer: RawHandler]>([
    ['a reason phrase without end', pour('HTTP/1.1 200 ', block)],
    ['a chunk extension without end', pour(`${chunked}2;`, block)],
    ['empty lines before the status line', pour('\r\n', '\r\n'.repeat(8192))],
    ['the zeros before a chunk size', pour(chunked, '0'.repeat(16_384))],
    ['chunk extensions of a continuing body', pour(chunked, `1;${'e'.repeat(16_384)}\r\nx\r\n`)],
  ])('%s is HTTP_PROTOCOL long before the timeout', async (_, answer) => {
    const { error, elapsedMs, grownBytes } = await measure(answer, { timeoutMs: 20_000 });
    expect(error?.code).toBe('HTTP_PROTOCOL');
    expect(elapsedMs).toBeLessThan(4000);
    expect(grownBytes).toBeLessThan(mostGrown);
  });

  test('a discarded body takes no memory', async () => {
    const length = 1000 * megabyte;
    const answer: RawHandler = (socket) => {
      let left = length;
      const more = (): void => {
        while (left > 0 && socket.writable) {
          const bytes = Buffer.alloc(Math.min(left, 65_536));
          left -= bytes.length;
          if (!socket.write(bytes)) return;
        }
      };
      socket.write(sized(length));
      socket.on('drain', more);
      more();
    };
    const result = await measure(answer, { responseBody: 'discard', maxBodyBytes: length });
    expect(result).toMatchObject({ kind: 'response', length, wireLength: length, complete: 'framed' });
    expect(result.grownBytes).toBeLessThan(mostGrown);
  });
});

test('a buffered body has at most 50 MB, decoded', async () => {
  const { error, length } = await measure(pour(unframed, block));
  expect(error?.code).toBe('BODY_TOO_LARGE');
  expect(length).toBeGreaterThan(50 * megabyte);
  expect(length).toBeLessThan(51 * megabyte);
});

test('a bomb of 1 GB stops at the limit and takes no memory', async () => {
  const frame = zstdCompressSync(Buffer.alloc(16 * 2 ** 20));
  const bomb = Buffer.concat(Array.from({ length: 64 }, () => frame));
  const answer = send(okay(['Content-Encoding: zstd'], bomb));
  const { error, length, elapsedMs, grownBytes } = await measure(answer, { maxBodyBytes: megabyte });
  expect(error?.code).toBe('BODY_TOO_LARGE');
  expect(length).toBeLessThan(2 * megabyte);
  expect(elapsedMs).toBeLessThan(4000);
  expect(grownBytes).toBeLessThan(mostGrown);
});

test('a redirect is followed at its head, and little of its body is read', async () => {
  let sentBytes = 0;
  const pouring = pour('HTTP/1.1 302 Found\r\nLocation: /there\r\n\r\n', block);
  await using server = await rawServer(
    byPath({
      '/start': (socket, request) => {
        socket.once('close', () => (sentBytes = socket.bytesWritten));
        return pouring(socket, request);
      },
      '/there': send(empty),
    }),
  );
  await using fetcher = createFetcher({ retry: { retries: 0 } });
  expect(await fetcher.fetch(`${server.url}/start`)).toMatchObject({ status: 200, redirects: 1 });
  await fetcher.close();
  await expectWithin(2000, server.deserted(), 'leaves no connection');
  // Buffers on both sides hold some of it.
  expect(sentBytes).toBeLessThan(20 * megabyte);
});

test('a response that drips slowly ends with the attempt, whichever part drips', async () => {
  const drips: RawHandler[] = [
    drip('', 'H', 40),
    drip('HTTP/1.1 200 ', 'O', 40),
    drip('HTTP/1.1 200 OK\r\nX: ', 'x', 40),
    drip(sized(1e6), 'x', 40),
    drip(unframed, 'x', 40),
    drip(chunked, '1\r\nx\r\n', 40),
    drip(`${chunked}2;`, 'x', 40),
    drip(`${chunked}0\r\nX: `, 'x', 40),
    drip('', '\r\n', 40),
    silence,
  ];
  const taken = await Promise.all(drips.map((answer) => measure(answer, { timeoutMs: 600 })));
  for (const { error, elapsedMs } of taken) {
    expect(['TIMEOUT', 'HTTP_PROTOCOL']).toContain(error?.code);
    expect(elapsedMs).toBeLessThan(4000);
  }
});

test('silent connections all end within a second of their timeout', async () => {
  const count = Number(process.env.SILENT_CONNECTIONS ?? 2000);
  // A separate process, so that its work is not measured.
  const child = startShell(moduleCommand(silentServer));
  const [port] = (await once(child.stdout!, 'data')) as [Buffer];
  const timeoutMs = 4000;
  await using fetcher = createFetcher({
    concurrency: count,
    perHost: { concurrency: count },
    timeoutMs,
    connectTimeoutMs: 60_000,
    retry: { retries: 0 },
  });
  const codes = new Set<string>();
  let late = 0;
  let since: NodeJS.CpuUsage | undefined;
  for await (const result of fetcher.asCompleted(
    Array.from({ length: count }, () => `http://127.0.0.1:${String(port).trim()}`),
  )) {
    codes.add(failureOf(result).error.code);
    late = Math.max(late, result.elapsedMs - timeoutMs);
    since ??= process.cpuUsage();
  }
  const { user, system } = process.cpuUsage(since);
  const workMs = (user + system) / 1000;
  child.stdin!.end();
  await once(child, 'close');
  expect(codes).toEqual(new Set(['TIMEOUT']));
  // On an idle machine the two are equal.
  expect(workMs).toBeLessThan(1000);
  expect(late).toBeLessThan(5000);
}, 120_000);

/** Prints its port, never answers, and ends with its standard input. */
const silentServer = `
  import { createServer } from 'node:net';
  const server = createServer((socket) => socket.on('error', () => {}).resume());
  server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => console.log(server.address().port));
  process.stdin.on('end', () => process.exit()).resume();
`;
