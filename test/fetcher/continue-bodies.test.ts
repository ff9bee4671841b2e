import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { createFetcher, type Fetcher } from '../../src/fetcher/fetcher.ts';
import type { FetcherOptions } from '../../src/fetcher/options.ts';
import { Saver } from '../../src/outputs/bodies/saver.ts';
import { temporary } from '../helpers/temporary.ts';

const { path } = temporary('continue');
const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

type Answer = (request: IncomingMessage, response: ServerResponse, count: number) => void;

/** A server whose answers know how many requests came before; it notes the ranges it was asked for. */
async function serve(
  answer: Answer,
): Promise<{ url: string; ranges: (string | undefined)[]; requests: IncomingMessage[] }> {
  const ranges: (string | undefined)[] = [];
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    answer(request, response, ranges.push(request.headers.range) - 1);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  closers.push(
    () => server.closeAllConnections(),
    () => server.close(),
  );
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, ranges, requests };
}

function open(folder: string, options: FetcherOptions = {}): { saver: Saver; fetcher: Fetcher } {
  const saver = new Saver(folder, { template: '{path}' });
  const fetcher = createFetcher({ responseBody: saver.receive, retry: { retries: 1 }, ...options });
  closers.push(
    () => saver.close(),
    () => fetcher.close(),
  );
  return { saver, fetcher };
}

const old = randomBytes(10_000);
const fresh = randomBytes(10_000);

/** Sends the first half of a body, and then breaks the connection. */
function cut(response: ServerResponse, body: Buffer, headers: Record<string, string> = { etag: '"v"' }): void {
  response.writeHead(200, { 'content-length': body.length, ...headers });
  response.write(body.subarray(0, body.length / 2), () => setTimeout(() => response.destroy(), 20));
}

function partial(
  response: ServerResponse,
  body: Buffer,
  start: number,
  headers: Record<string, string> = { etag: '"v"' },
): void {
  const range = `bytes ${start}-${body.length - 1}/${body.length}`;
  response.writeHead(206, { 'content-range': range, ...headers }).end(body.subarray(start));
}

const whole: Answer = (_, response) => response.writeHead(200, { etag: '"v"' }).end(old);

describe('a body that was cut in half is continued', () => {
  test.each<[what: string, second: Answer, third: Answer | undefined, body: Buffer, resumedFrom: number | undefined]>([
    ['with the rest', (_, response) => partial(response, old, 5000), undefined, old, 5000],
    ['with more than the rest', (_, response) => partial(response, old, 4096), undefined, old, 4096],
    ['with the rest without an ETag', (_, response) => partial(response, old, 5000, {}), undefined, old, 5000],
    [
      'not with a new version',
      (_, response) => response.writeHead(200, { etag: '"w"' }).end(fresh),
      undefined,
      fresh,
      undefined,
    ],
    [
      'not with a part of another version',
      (_, response) => partial(response, fresh, 5000, { etag: '"w"' }),
      whole,
      old,
      undefined,
    ],
    ['not behind a gap', (_, response) => partial(response, old, 6000), whole, old, undefined],
    [
      'not without a Content-Range',
      (_, response) => response.writeHead(206).end(old.subarray(5000)),
      whole,
      old,
      undefined,
    ],
    [
      'not with several ranges',
      (_, response) => response.writeHead(206, { 'content-type': 'multipart/byteranges; boundary=x' }).end('--x--'),
      whole,
      old,
      undefined,
    ],
    [
      'not with another total',
      (_, response) => response.writeHead(206, { 'content-range': 'bytes 5000-9999/10001' }).end(old.subarray(5000)),
      whole,
      old,
      undefined,
    ],
    [
      'as it is, where the server has no more',
      (_, response) => response.writeHead(416, { 'content-range': 'bytes */5000', etag: '"v"' }).end('no more'),
      undefined,
      old.subarray(0, 5000),
      5000,
    ],
    [
      'not where the file has become shorter',
      (_, response) => response.writeHead(416, { 'content-range': 'bytes */3000' }).end('short'),
      (_, response) => response.end(old.subarray(0, 3000)),
      old.subarray(0, 3000),
      undefined,
    ],
  ])('%s', async (_, second, third, body, resumedFrom) => {
    const server = await serve((request, response, count) => {
      if (count === 0) cut(response, old);
      else if (count === 1) second(request, response, count);
      else third!(request, response, count);
    });
    const folder = path();
    const { fetcher } = open(folder);
    const result = await fetcher.fetch(`${server.url}/f`);
    expect(result).toMatchObject({ kind: 'response', status: 200, attempts: 2, length: body.length, file: 'f' });
    expect((result as { resumedFrom?: number }).resumedFrom).toBe(resumedFrom);
    expect(readFileSync(join(folder, 'f')).equals(body)).toBe(true);
    expect(server.ranges).toEqual([undefined, 'bytes=5000-', ...(third ? [undefined] : [])]);
    expect(server.requests[1]!.headers).toMatchObject({ 'if-range': '"v"', 'accept-encoding': 'identity' });
    expect(readdirSync(join(folder, '.fetchmany'))).toEqual(['folder.lock']);
  });

  test('with digests of the whole, and of the message', async () => {
    const digest = (bytes: Buffer): string => `sha-256=:${createHash('sha256').update(bytes).digest('base64')}:`;
    const server = await serve((_, response, count) =>
      count === 0
        ? cut(response, old)
        : partial(response, old, 4000, {
            etag: '"v"',
            'repr-digest': digest(old),
            'content-digest': digest(old.subarray(4000)),
          }),
    );
    const folder = path();
    const { fetcher } = open(folder);
    expect(await fetcher.fetch(`${server.url}/f`)).toMatchObject({ status: 200, resumedFrom: 4000, attempts: 2 });
    expect(readFileSync(join(folder, 'f')).equals(old)).toBe(true);
  });

  test('as it is, whatever digest the message has that there is no more', async () => {
    const digest = createHash('sha256').update('no more').digest('base64');
    const headers = { 'content-range': 'bytes */5000', etag: '"v"', 'repr-digest': `sha-256=:${digest}:` };
    const server = await serve((_, response, count) =>
      count === 0 ? cut(response, old) : response.writeHead(416, headers).end('no more'),
    );
    const { fetcher } = open(path());
    expect(await fetcher.fetch(`${server.url}/f`)).toMatchObject({ status: 200, length: 5000, resumedFrom: 5000 });
  });

  test('through a redirect to another origin, whose query differs each time', async () => {
    const files = await serve((_, response, count) =>
      count === 0 ? cut(response, old) : partial(response, old, 5000),
    );
    const server = await serve((_, response, count) =>
      response.writeHead(302, { location: `${files.url}/f?signature=${count}` }).end(),
    );
    const folder = path();
    const { fetcher } = open(folder);
    expect(await fetcher.fetch(`${server.url}/go`)).toMatchObject({ status: 200, resumedFrom: 5000, redirects: 1 });
    expect(readFileSync(join(folder, 'go')).equals(old)).toBe(true);
    expect(server.ranges).toEqual([undefined, undefined]);
    expect(files.ranges).toEqual([undefined, 'bytes=5000-']);
  });

  test.each<[what: string, headers: Record<string, string>]>([
    ['a weak ETag', { etag: 'W/"v"' }],
    ['no validator', {}],
    ['a date that is too fresh', { 'last-modified': new Date().toUTCString() }],
  ])('not with %s', async (_, headers) => {
    const server = await serve((_request, response, count) =>
      count === 0 ? cut(response, old, headers) : response.end(fresh),
    );
    const folder = path();
    const { fetcher } = open(folder);
    expect(await fetcher.fetch(`${server.url}/f`)).toMatchObject({ status: 200, length: 10_000 });
    expect(readFileSync(join(folder, 'f')).equals(fresh)).toBe(true);
    expect(server.ranges).toEqual([undefined, undefined]);
  });

  test('not of a coded body', async () => {
    const coded = gzipSync(old);
    const server = await serve((_, response, count) => {
      const headers = { etag: '"v"', 'content-encoding': 'gzip', 'content-length': coded.length };
      if (count === 0)
        response.writeHead(200, headers).write(coded.subarray(0, 6000), () => setTimeout(() => response.destroy(), 20));
      else response.writeHead(200, headers).end(coded);
    });
    const folder = path();
    const { fetcher } = open(folder);
    expect(await fetcher.fetch(`${server.url}/f`)).toMatchObject({ status: 200, length: 10_000 });
    expect(server.ranges).toEqual([undefined, undefined]);
  });

  test('not where the caller asks for a range of its own', async () => {
    const server = await serve((_, response, count) =>
      count === 0 ? cut(response, old) : response.writeHead(206).end('own'),
    );
    const { fetcher } = open(path());
    await fetcher.fetch({ url: `${server.url}/f`, headers: { range: 'bytes=0-2' } });
    expect(server.ranges).toEqual(['bytes=0-2', 'bytes=0-2']);
  });
});

describe('over runs', () => {
  const large = randomBytes(400_000);

  test('a part is continued 64 KB before its end, which a power failure may have damaged', async () => {
    const server = await serve((request, response, count) => {
      if (count === 0) cut(response, large);
      else partial(response, large, Number(/\d+/.exec(request.headers.range!)![0]));
    });
    const folder = path();
    const first = open(folder, { retry: { retries: 0 } });
    expect(await first.fetcher.fetch(`${server.url}/f`)).toMatchObject({ error: { code: 'BODY_TRUNCATED' } });
    await first.fetcher.close();
    await first.saver.close();
    const [part] = readdirSync(join(folder, '.fetchmany')).filter((name) => name.endsWith('.part'));
    const bytes = readFileSync(join(folder, '.fetchmany', part!));
    expect(bytes.length).toBeGreaterThan(100_000);
    writeFileSync(join(folder, '.fetchmany', part!), Buffer.concat([bytes.subarray(0, -65_536), Buffer.alloc(65_536)]));
    const second = open(folder);
    const result = await second.fetcher.fetch(`${server.url}/f`);
    expect(result).toMatchObject({ status: 200, length: 400_000, resumedFrom: bytes.length - 65_536 });
    expect(readFileSync(join(folder, 'f')).equals(large)).toBe(true);
  });

  test.each(['', 'null', '{', '{"hop":1}', '[]', '{"hop":"x","validator":"a\\r\\nb"}'])(
    'notes that hold %j are passed over, and the body is asked for whole',
    async (notes) => {
      const server = await serve((_, response, count) => (count === 0 ? cut(response, large) : response.end(large)));
      const folder = path();
      const first = open(folder, { retry: { retries: 0 } });
      await first.fetcher.fetch(`${server.url}/f`);
      await first.fetcher.close();
      await first.saver.close();
      const [name] = readdirSync(join(folder, '.fetchmany')).filter((file) => file.endsWith('.json'));
      writeFileSync(join(folder, '.fetchmany', name!), notes);
      const second = open(folder);
      expect(await second.fetcher.fetch(`${server.url}/f`)).toMatchObject({ status: 200, length: 400_000 });
      expect(server.ranges).toEqual([undefined, undefined]);
    },
  );
});
