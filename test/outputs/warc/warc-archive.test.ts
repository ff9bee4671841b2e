import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { createFetcher } from '../../../src/fetcher/fetcher.ts';
import type { FetcherOptions } from '../../../src/fetcher/options.ts';
import type { RequestInput } from '../../../src/http/request.ts';
import type { FetchResult } from '../../../src/http/result.ts';
import { keepBodies } from '../../../src/outputs/bodies/keep-bodies.ts';
import { Saver } from '../../../src/outputs/bodies/saver.ts';
import { WarcArchive } from '../../../src/outputs/warc/warc-archive.ts';
import { readWarc, type ReadRecord } from '../../helpers/read-warc.ts';
import { loopbackCertificate } from '../../helpers/servers/certificate.ts';
import { deadPort, rawServer, send, sendThenClose } from '../../helpers/servers/raw-server.ts';
import { respond, serve } from '../../helpers/servers/serve.ts';
import { serveHttp2 } from '../../helpers/servers/serve-http2.ts';
import { temporary } from '../../helpers/temporary.ts';

const { path } = temporary('warc');

interface Archived {
  readonly results: readonly FetchResult[];
  readonly records: readonly ReadRecord[];
  readonly file: string;
}

/** Fetches one after the other, and reads the archive back. */
async function archive(
  inputs: readonly RequestInput[],
  options: FetcherOptions = {},
  saver?: Saver,
): Promise<Archived> {
  const file = path('.warc.gz');
  const warc = new WarcArchive(file, { start: 'new', durable: false });
  const fetcher = createFetcher({
    retry: { retries: 0 },
    ...options,
    responseBody: keepBodies({ archive: warc, saver }),
  });
  const results: FetchResult[] = [];
  for await (const result of fetcher.sequential(inputs)) results.push(result);
  await fetcher.close();
  return { results, records: await readWarc(file), file };
}

const pathIn = (head: string): string => head.split(' ')[1] ?? '';

const outline = (records: readonly ReadRecord[]): string[] =>
  records.map(({ type, target, line }) => `${type} ${new URL(target, 'http://none').pathname} ${line ?? ''}`.trim());

describe('WarcArchive', () => {
  test('keeps a pair of records for each hop, in the spelling and the order of the server', async () => {
    const answers: Readonly<Record<string, string>> = {
      '/start': 'HTTP/1.1 302 Over There\r\nLOCATION: /end\r\nContent-Length: 4\r\n\r\nmove',
      '/end': 'HTTP/1.1 200 Fine\r\nX-Two: b\r\nx-one: a\r\nX-Two: c\r\nContent-Length: 5\r\n\r\nhello',
    };
    await using server = await rawServer((socket, { head }) => socket.write(answers[pathIn(head)]!));
    const { results, records } = await archive([
      { url: `${server.url}/start`, method: 'POST', body: 'a=1', headers: { Authorization: 'Bearer t' } },
    ]);
    expect(outline(records)).toEqual([
      'warcinfo /undefined',
      'response /start HTTP/1.1 302 Over There',
      'request /start POST /start HTTP/1.1',
      'response /end HTTP/1.1 200 Fine',
      'request /end GET /end HTTP/1.1',
    ]);
    const [, moved, posted, ended, got] = records as [ReadRecord, ReadRecord, ReadRecord, ReadRecord, ReadRecord];
    expect(moved.text).toBe('move');
    expect(posted.text).toBe('a=1');
    expect(posted.fields).toContainEqual(['Authorization', 'Bearer t']);
    expect(posted.header('WARC-Concurrent-To')).toBe(moved.header('WARC-Record-ID'));
    for (const record of [moved, posted, ended, got]) expect(record.header('WARC-IP-Address')).toBe('127.0.0.1');
    expect(records[0]!.header('WARC-IP-Address')).toBeUndefined();
    expect(ended.block.toString()).toBe(answers['/end']);
    expect(posted.block.toString()).toMatch(/^POST \/start HTTP\/1.1\r\nhost: 127[^]*\r\n\r\na=1$/);
    expect(got.header('WARC-Concurrent-To')).toBe(ended.header('WARC-Record-ID'));
    expect(results[0]).toMatchObject({ status: 200, redirects: 1, warc: { offset: ended.offset } });
  });

  test('keeps coded bytes as they came, and a chunked body without its chunks', async () => {
    const coded = gzipSync('plain text');
    const chunked = (...pieces: string[]): string =>
      pieces.map((piece) => `${piece.length.toString(16)}\r\n${piece}\r\n`).join('');
    await using server = await rawServer((socket, { head }) => {
      if (pathIn(head) === '/gzip') {
        socket.write(`HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${coded.length}\r\n\r\n`);
        socket.write(coded);
      } else {
        socket.write(
          `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX: y\r\n\r\n${chunked('beef\r\n', 'and more')}0\r\n\r\n`,
        );
      }
    });
    const { records } = await archive([`${server.url}/gzip`, `${server.url}/chunked`]);
    const responses = records.filter(({ type }) => type === 'response');
    expect(responses[0]!.stored.equals(coded)).toBe(true);
    expect(responses[0]!.text).toBe('plain text');
    // A reader that believed in chunks would take the first line for the length of one.
    expect(responses[1]!.text).toBe('beef\r\nand more');
    expect(responses[1]!.fields).toEqual([
      ['X', 'y'],
      ['Content-Length', '14'],
    ]);
  });

  test('keeps responses without a body with the headers that they had', async () => {
    await using server = await rawServer((socket, { head }) => {
      const on = pathIn(head);
      const status = on === '/204' ? '204 No Content' : on === '/304' ? '304 Not Modified' : '200 OK';
      socket.write(
        `HTTP/1.1 ${status}\r\n${head.startsWith('HEAD') ? 'Content-Length: 1000\r\n' : 'ETag: "1"\r\n'}\r\n`,
      );
    });
    const { records } = await archive([
      { url: `${server.url}/head`, method: 'HEAD' },
      `${server.url}/204`,
      `${server.url}/304`,
    ]);
    expect(outline(records).filter((line) => !line.startsWith('request'))).toEqual([
      'warcinfo /undefined',
      'response /head HTTP/1.1 200 OK',
      'response /204 HTTP/1.1 204 No Content',
      'revisit /304 HTTP/1.1 304 Not Modified',
    ]);
    const [head, none, unmodified] = records.filter(({ line }) => line?.startsWith('HTTP'));
    expect(head!.fields).toEqual([['Content-Length', '1000']]);
    expect(none!.fields).toEqual([['ETag', '"1"']]);
    expect(unmodified!.header('WARC-Profile')).toBe('http://netpreserve.org/warc/1.1/revisit/server-not-modified');
  });

  test('makes a revisit of a payload that is in the file already', async () => {
    await using server = await serve({
      '/a': respond(200, { x: 'a' }, 'same'),
      '/b': respond(200, { x: 'b' }, 'same'),
    });
    const { records } = await archive([`${server.url}/a`, `${server.url}/b`]);
    const first = records.find(({ type }) => type === 'response')!;
    const second = records.find(({ type }) => type === 'revisit')!;
    expect(second.target).toBe(`${server.url}/b`);
    expect(second.stored.length).toBe(0);
    expect(second.fields).toContainEqual(['x', 'b']);
    expect(second.header('WARC-Profile')).toBe('http://netpreserve.org/warc/1.1/revisit/identical-payload-digest');
    expect(second.header('WARC-Payload-Digest')).toBe(first.header('WARC-Payload-Digest'));
    expect(second.header('WARC-Refers-To')).toBe(first.header('WARC-Record-ID'));
    expect(second.header('WARC-Refers-To-Target-URI')).toBe(`${server.url}/a`);
    expect(second.header('WARC-Refers-To-Date')).toBe(first.header('WARC-Date'));
  });

  test('keeps each attempt, and the reason of a failure, but never a body that was cut', async () => {
    await using server = await serve({
      '/busy': [respond(503, { 'retry-after': '0' }, 'busy'), respond(200, {}, 'done')],
    });
    await using cutting = await rawServer(sendThenClose('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf'));
    const refusing = `http://127.0.0.1:${await deadPort()}`;
    const { results, records } = await archive(
      [`${server.url}/busy`, { url: `${cutting.url}/cut`, retries: 0 }, { url: `${refusing}/none`, retries: 0 }],
      { retry: { retries: 1 } },
    );
    expect(results.map(({ kind }) => kind)).toEqual(['response', 'failure', 'failure']);
    expect(outline(records).slice(1)).toEqual([
      'response /busy HTTP/1.1 503 Service Unavailable',
      'request /busy GET /busy HTTP/1.1',
      'response /busy HTTP/1.1 200 OK',
      'request /busy GET /busy HTTP/1.1',
      'metadata /cut',
      'request /cut GET /cut HTTP/1.1',
      'metadata /none',
    ]);
    expect(records.filter(({ type }) => type === 'metadata').map(({ text }) => text.split('\r\n')[0])).toEqual([
      'error: BODY_TRUNCATED',
      'error: CONNECT_REFUSED',
    ]);
  });

  test('reads no more of the body of a redirect than otherwise, and says that it was cut', async () => {
    const endless = `HTTP/1.1 301 Moved\r\nLocation: /end\r\nTransfer-Encoding: chunked\r\n\r\n4000\r\n${'x'.repeat(0x4000)}\r\n`;
    await using server = await rawServer((socket, { head }) => {
      if (pathIn(head) === '/end') return socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
      socket.write(endless);
      return socket.write(`1\r\nx\r\n`);
    });
    const { results, records } = await archive([`${server.url}/start`]);
    expect(results[0]).toMatchObject({ kind: 'response', status: 200, redirects: 1 });
    const moved = records.find(({ line }) => line === 'HTTP/1.1 301 Moved')!;
    expect(moved.header('WARC-Truncated')).toBe('length');
    expect(moved.stored.length).toBeGreaterThanOrEqual(0x4000);
  });

  test('keeps long bodies, of TLS too, beside a saver, and leaves no file of its own behind', async () => {
    const { cert } = await loopbackCertificate();
    const body = randomBytes(3_000_000);
    await using server = await serveHttp2((stream, { path: on }) => {
      stream.respond({ ':status': 200, 'content-type': 'application/octet-stream', 'x-path': on });
      stream.end(body);
    });
    const folder = path();
    const saver = new Saver(folder, { template: '{name}' });
    const { results, records, file } = await archive(
      [`${server.url}/f.bin`],
      { http2: true, tls: { ca: cert } },
      saver,
    );
    expect(results[0]).toMatchObject({ ok: true, file: 'f', length: 3_000_000 });
    const [, response, request] = records as [ReadRecord, ReadRecord, ReadRecord];
    expect(response.line).toBe('HTTP/1.1 200 OK');
    expect(response.header('WARC-Protocol')).toBe('h2');
    expect(response.header('WARC-IP-Address')).toBe('127.0.0.1');
    expect(response.fields).toContainEqual(['x-path', '/f.bin']);
    expect(response.stored.equals(body)).toBe(true);
    expect(request.line).toBe('GET /f.bin HTTP/1.1');
    expect(request.fields).toContainEqual(['host', new URL(server.url).host]);
    expect(readFileSync(`${folder}/f`).equals(body)).toBe(true);
    expect(readdirSync(dirname(file)).filter((name) => name.startsWith(basename(file)))).toEqual([basename(file)]);
    // Every tool for gzip reads it.
    expect(gunzipSync(readFileSync(file)).length).toBeGreaterThan(body.length);
  });

  test('keeps a whole request line and no user info of a URL', async () => {
    await using server = await rawServer(send('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'));
    const { records } = await archive([`${server.url.replace('//', '//user:secret@')}/p?q=1#f`]);
    expect(records[1]!.target).toBe(`${server.url}/p?q=1`);
    expect(records[2]!.line).toBe('GET /p?q=1 HTTP/1.1');
    const outside = records.filter(({ type }) => type !== 'request');
    expect(JSON.stringify(outside)).not.toMatch(/secret|user:/);
  });

  test('keeps no credentials of a proxy', async () => {
    await using proxy = await rawServer(send('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'));
    const { records } = await archive(['http://site.test/p'], { proxy: `http://user:secret@127.0.0.1:${proxy.port}` });
    expect(proxy.requests[0]!.head).toMatch(/^proxy-authorization: Basic /m);
    expect(records[2]!.block.toString()).toMatch(/^GET http:\/\/site\.test\/p HTTP\/1\.1\r\nhost: site\.test\r\n/);
    expect(records[2]!.block.toString()).not.toMatch(/proxy-authorization/i);
  });

  test('leaves an empty file of a run that fetched nothing', async () => {
    const { file } = await archive([]);
    expect(statSync(file).size).toBe(0);
  });
});
