import { createHash, randomBytes } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { createFetcher } from '../../src/fetcher/fetcher.ts';
import type { BodyControl, BodyWriter, ResponseHead } from '../../src/http/body-writer.ts';
import { FetchError } from '../../src/http/error.ts';
import { Saver } from '../../src/outputs/bodies/saver.ts';
import { temporary } from '../helpers/temporary.ts';

const { path } = temporary('saver');
const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  closers.push(
    () => server.closeAllConnections(),
    () => server.close(),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A writer that notes what happens to it. */
class NotingWriter implements BodyWriter {
  readonly events: string[] = [];
  bytes = Buffer.alloc(0);

  write(chunk: Uint8Array): boolean {
    this.bytes = Buffer.concat([this.bytes, chunk]);
    return true;
  }

  async end(): Promise<void> {
    this.events.push('end');
  }

  commit(): object {
    this.events.push('commit');
    return { file: 'x' };
  }

  abort(reason: unknown): void {
    this.events.push(`abort ${reason instanceof FetchError ? reason.code : String(reason)}`);
  }
}

function noting(make: (head: ResponseHead) => BodyWriter | 'buffer' | 'discard' = () => new NotingWriter()) {
  const writers: NotingWriter[] = [];
  const heads: ResponseHead[] = [];
  const receive = (head: ResponseHead) => {
    heads.push(head);
    const made = make(head);
    if (made instanceof NotingWriter) writers.push(made);
    return made;
  };
  return { receive, writers, heads };
}

describe('responseBody as a function', () => {
  test('gets the head, and its writer the decoded body, its end, and the commit of the result', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-type': 'text/plain' });
      response.end(gzipSync('hello'.repeat(10_000)));
    });
    const { receive, writers, heads } = noting();
    await using fetcher = createFetcher({ responseBody: receive });
    const result = await fetcher.fetch({ url: `${url}/a`, id: '7' });
    expect(result).toMatchObject({ kind: 'response', ok: true, length: 50_000, file: 'x' });
    expect(writers[0]!.events).toEqual(['end', 'commit']);
    expect(writers[0]!.bytes.toString()).toBe('hello'.repeat(10_000));
    expect(heads[0]).toMatchObject({ index: 0, url: `${url}/a`, finalUrl: `${url}/a`, status: 200, ok: true, id: '7' });
    expect(heads[0]!.headers['content-type']).toBe('text/plain');
  });

  test('may keep one body and drop another', async () => {
    const url = await serve((request, response) => response.writeHead(request.url === '/a' ? 200 : 404).end('text'));
    await using fetcher = createFetcher({ responseBody: ({ ok }) => (ok ? 'buffer' : 'discard') });
    const [kept, dropped] = await fetcher.gather([`${url}/a`, `${url}/b`], { returnExceptions: true });
    expect((kept as { text(): string }).text()).toBe('text');
    expect(() => (dropped as { text(): string }).text()).toThrow(TypeError);
  });

  test('gets no redirect, and aborts the body of a response that is retried', async () => {
    let count = 0;
    const url = await serve((request, response) => {
      if (request.url === '/from') {
        response.writeHead(302, { location: '/to' }).end('moved');
        return;
      }
      count += 1;
      response.writeHead(count === 1 ? 503 : 200).end(`body ${count}`);
    });
    const { receive, writers } = noting();
    await using fetcher = createFetcher({ responseBody: receive });
    expect(await fetcher.fetch(`${url}/from`)).toMatchObject({ status: 200, attempts: 2 });
    expect(writers.map(({ events, bytes }) => [events, bytes.toString()])).toEqual([
      [['end', 'abort Symbol(sent again)'], 'body 1'],
      [['end', 'commit'], 'body 2'],
    ]);
  });

  test('aborts the body of a response that is cut', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-length': '10' }).write('half', () => response.destroy());
    });
    const { receive, writers } = noting();
    await using fetcher = createFetcher({ responseBody: receive, retry: { retries: 0 } });
    expect(await fetcher.fetch(url)).toMatchObject({ kind: 'failure', error: { code: 'BODY_TRUNCATED' } });
    expect(writers[0]!.events).toEqual(['abort BODY_TRUNCATED']);
  });

  test('aborts the body of a request that is cancelled', async () => {
    const url = await serve((_, response) => void response.writeHead(200).write('start'));
    const { receive, writers } = noting();
    await using fetcher = createFetcher({ responseBody: receive });
    const controller = new AbortController();
    const result = fetcher.fetch(url, { signal: controller.signal });
    await expect.poll(() => writers[0]?.bytes.length).toBe(5);
    controller.abort('enough');
    expect(await result).toMatchObject({ kind: 'cancelled' });
    expect(writers[0]!.events).toEqual(['abort enough']);
  });

  test('pauses the connection while the writer has no room', async () => {
    const body = randomBytes(30_000_000);
    let sent = 0;
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-length': body.length });
      const send = (): void => {
        if (sent < body.length && response.write(body.subarray(sent, (sent += 100_000)))) setImmediate(send);
        else response.once('drain', send);
      };
      send();
    });
    let control!: BodyControl;
    let taken = 0;
    let hasRoom = false;
    const hash = createHash('sha256');
    await using fetcher = createFetcher({
      responseBody: (_, itsControl) => {
        control = itsControl;
        return {
          write(chunk) {
            taken += chunk.length;
            hash.update(chunk);
            return hasRoom;
          },
          end: () => Promise.resolve(),
          commit: () => ({}),
          abort: () => undefined,
        };
      },
    });
    const result = fetcher.fetch(url);
    await expect.poll(() => taken).toBeGreaterThan(0);
    const before = taken;
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(taken - before).toBeLessThan(1_000_000);
    hasRoom = true;
    control.drain();
    expect(await result).toMatchObject({ kind: 'response', length: body.length });
    expect(hash.digest('hex')).toBe(createHash('sha256').update(body).digest('hex'));
  });

  test.each<[what: string, writer: Partial<BodyWriter>, code: string]>([
    ['end() rejects', { end: () => Promise.reject(new FetchError('DISK_FULL', 'full')) }, 'DISK_FULL'],
    [
      'commit() throws',
      {
        commit: () => {
          throw new FetchError('FILE_IO', 'no');
        },
      },
      'FILE_IO',
    ],
    [
      'commit() throws something else',
      {
        commit: () => {
          throw new Error('bug');
        },
      },
      'HOOK_FAILED',
    ],
  ])('fails a request whose %s', async (_, broken, code) => {
    const url = await serve((_request, response) => response.end('text'));
    const writer = Object.assign(new NotingWriter(), broken);
    await using fetcher = createFetcher({ responseBody: () => writer, retry: { retries: 0 } });
    expect(await fetcher.fetch(url)).toMatchObject({ kind: 'failure', error: { code } });
  });

  test('does not take a writer without room for a silent server', async () => {
    const body = randomBytes(3_000_000);
    const url = await serve((_, response) => response.end(body));
    let control!: BodyControl;
    let isFull = false;
    await using fetcher = createFetcher({
      idleTimeoutMs: 1000,
      retry: { retries: 0 },
      responseBody: (_, itsControl) => {
        control = itsControl;
        return {
          write() {
            const isFirst = !isFull;
            isFull = true;
            return !isFirst;
          },
          end: () => Promise.resolve(),
          commit: () => ({}),
          abort: () => undefined,
        };
      },
    });
    let isDone = false;
    const result = fetcher.fetch(url).finally(() => (isDone = true));
    await expect.poll(() => isFull).toBe(true);
    // Longer than any server may be silent.
    await new Promise((resolve) => setTimeout(resolve, 2000));
    expect(isDone).toBe(false);
    control.drain();
    expect(await result).toMatchObject({ kind: 'response', length: body.length });
  });

  test('fails a request whose function throws, and no other', async () => {
    const url = await serve((_, response) => response.end('text'));
    await using fetcher = createFetcher({
      responseBody: ({ url: of }) => {
        if (of.endsWith('/bad')) throw new Error('bug');
        return 'buffer';
      },
    });
    const results = await fetcher.gather([`${url}/bad`, `${url}/good`], { returnExceptions: true });
    expect(results).toMatchObject([{ kind: 'failure', error: { code: 'HOOK_FAILED' } }, { kind: 'response' }]);
  });
});

describe('Saver', () => {
  function saving(options: ConstructorParameters<typeof Saver>[1] = {}) {
    const folder = path();
    const saver = new Saver(folder, options);
    const fetcher = createFetcher({ responseBody: saver.receive, retry: { retries: 0 } });
    closers.push(
      () => saver.close(),
      () => fetcher.close(),
    );
    return { folder, saver, fetcher };
  }

  const files = (folder: string): string[] =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.parentPath.endsWith('.fetchmany'))
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
      .sort();

  test('saves bodies of all sizes whole, with their checksums in the results', async () => {
    const bodies = [0, 1, 65_536, 65_537, 3_000_000].map((length) => randomBytes(length));
    const url = await serve((request, response) => response.end(bodies[Number(request.url!.slice(1))]));
    const { folder, fetcher } = saving({ template: '{path}' });
    for await (const result of fetcher.asCompleted(bodies.map((_, at) => `${url}/${at}`))) {
      expect(result).toMatchObject({
        kind: 'response',
        file: String(result.index),
        length: bodies[result.index]!.length,
      });
      const saved = readFileSync(join(folder, String(result.index)));
      expect(saved.equals(bodies[result.index]!)).toBe(true);
      expect(result).toMatchObject({ sha256: createHash('sha256').update(saved).digest('hex') });
    }
  });

  test('leaves nothing of a cut body, nor of one whose status is unexpected', async () => {
    const url = await serve((request, response) => {
      if (request.url === '/404') {
        response.writeHead(404).end('not found');
        return;
      }
      response.writeHead(200, { 'content-length': '400000' }).write(randomBytes(200_000), () => response.destroy());
    });
    const { folder, fetcher } = saving();
    await fetcher.gather([`${url}/404`, `${url}/cut`], { returnExceptions: true });
    expect(files(folder)).toEqual([]);
  });

  test('gives equal URLs one file where the bytes are equal, and two where they are not', async () => {
    let count = 0;
    const url = await serve((request, response) => response.end(request.url === '/same' ? 'same' : `${(count += 1)}`));
    const { folder, fetcher } = saving({ template: '{path}' });
    const urls = ['/same', '/same', '/other', '/other'].map((part) => url + part);
    const results: unknown[] = [];
    for await (const result of fetcher.sequential(urls)) results.push(result);
    expect(results).toMatchObject([{ file: 'same' }, { file: 'same', deduplicated: true }, { file: 'other' }, {}]);
    expect(files(folder)).toHaveLength(3);
  });

  test.each([
    ['hello', undefined],
    ['hallo', 'CHECKSUM_MISMATCH'],
  ])('checks %s against the digest that its server promised', async (body, code) => {
    const digest = createHash('sha256').update('hello').digest('base64');
    const url = await serve((_, response) =>
      response.writeHead(200, { 'repr-digest': `sha-256=:${digest}:` }).end(body),
    );
    const { folder, fetcher } = saving();
    const result = await fetcher.fetch(url);
    expect(result.kind === 'failure' ? result.error.code : undefined).toBe(code);
    expect(files(folder)).toHaveLength(code === undefined ? 1 : 0);
  });

  test('heeds the file name and the checksum that a request wants', async () => {
    const url = await serve((_, response) => response.end('hello'));
    const sha256 = createHash('sha256').update('hello').digest('hex');
    const { folder, fetcher } = saving();
    const wanted = await fetcher.fetch({ url, file: '../a/../b.txt', sha256 });
    expect(wanted).toMatchObject({ kind: 'response', file: '_/a/_/b.txt', sha256 });
    const wrong = await fetcher.fetch({ url: `${url}/x`, sha256: '0'.repeat(64) });
    expect(wrong).toMatchObject({ kind: 'failure', error: { code: 'CHECKSUM_MISMATCH' } });
    expect(files(folder)).toEqual(['_/a/_/b.txt']);
  });

  test.each(['repr-digest', 'content-digest'])('asks again where a body is not what %s promised', async (name) => {
    const digest = createHash('sha256').update('hello').digest('base64');
    const bodies = ['hallo', 'hello'];
    const url = await serve((_, response) =>
      response.writeHead(200, { [name]: `sha-256=:${digest}:`, etag: '"v"' }).end(bodies.shift()),
    );
    const { folder, fetcher } = saving();
    expect(await fetcher.fetch({ url, retries: 1 })).toMatchObject({ kind: 'response', attempts: 2, length: 5 });
    expect(files(folder)).toHaveLength(1);
  });

  test('checks further checksums that a request wants, and asks only once where one is wrong', async () => {
    const url = await serve((_, response) => response.end('hello'));
    const of = (algorithm: string): string => `${algorithm}:${createHash(algorithm).update('hello').digest('hex')}`;
    const { fetcher } = saving();
    expect(await fetcher.fetch({ url, checksum: `${of('md5')} ${of('sha512')}` })).toMatchObject({ ok: true });
    const wrong = await fetcher.fetch({ url: `${url}/x`, checksum: `${of('md5')} sha1:${'0'.repeat(40)}`, retries: 2 });
    expect(wrong).toMatchObject({ attempts: 1, error: { code: 'CHECKSUM_MISMATCH', retryable: false } });
    const none = await fetcher.fetch({ url, checksum: 'md5:hello' });
    expect(none).toMatchObject({ attempts: 0, error: { code: 'REQUEST_INVALID' } });
  });

  test('checks the digest of a coded body over the coded bytes', async () => {
    const coded = gzipSync('hello');
    const digest = createHash('sha256').update(coded).digest('base64');
    const url = await serve((_, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip', 'repr-digest': `sha-256=:${digest}:` }).end(coded),
    );
    const { fetcher } = saving();
    expect(await fetcher.fetch(url)).toMatchObject({ kind: 'response', length: 5 });
  });

  test('saves many bodies of a megabyte at once, each of them whole', async () => {
    const body = randomBytes(1_000_000);
    const url = await serve((_, response) => response.end(body));
    const { folder, fetcher } = saving();
    for await (const result of fetcher.asCompleted(Array.from({ length: 60 }, (_, at) => `${url}/${at}`)))
      expect(result.ok).toBe(true);
    const saved = files(folder);
    expect(saved).toHaveLength(60);
    for (const file of saved) expect(readFileSync(join(folder, file)).equals(body)).toBe(true);
  });
});
