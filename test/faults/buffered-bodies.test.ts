import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { createFetcher } from '../../src/index.ts';
import { responseOf } from '../helpers/kinds.ts';
import { moduleCommand, runShell } from '../helpers/process/module.ts';
import { rawServer, send } from '../helpers/servers/raw-server.ts';
import { serveHttp2 } from '../helpers/servers/serve-http2.ts';
import { okay } from './replies.ts';

const bodyBytes = 10_000_000;
const maxBufferedBytes = 20_000_000;
const count = 20;
const body = randomBytes(bodyBytes);

/** Starts many large bodies in a separate process, reads none for two seconds, then all. */
async function hesitate(url: string, options: object): Promise<{ heldBytes: number; lengths: number[] }> {
  const all = { concurrency: count, perHost: { concurrency: count }, retry: { retries: 0 }, ...options };
  const { stdout, stderr } = await runShell(
    moduleCommand(`
      import { createFetcher } from '#src/index.ts';
      const fetcher = createFetcher(${JSON.stringify(all)});
      const urls = Array.from({ length: ${count + 1} }, (_, at) => '${url}/' + at);
      const inUse = () => {
        gc();
        gc();
        return process.memoryUsage().external;
      };
      const before = inUse();
      const results = fetcher.asCompleted(urls);
      const lengths = [(await results.next()).value.length];
      await new Promise((resolve) => setTimeout(resolve, 2000));
      const heldBytes = inUse() - before;
      for await (const { length } of results) lengths.push(length);
      console.log(JSON.stringify({ heldBytes, lengths }));
      await fetcher.close();
    `).replace(' --no-warnings ', ' --no-warnings --expose-gc '),
  );
  expect(stderr).toBe('');
  return JSON.parse(stdout) as { heldBytes: number; lengths: number[] };
}

function expectBounded({ heldBytes, lengths }: { heldBytes: number; lengths: number[] }, readAheadBytes: number): void {
  expect(lengths).toEqual(Array.from({ length: count + 1 }, () => bodyBytes));
  // The bound, the body that went on, the bytes that each connection had read, and the copy when a body is joined.
  expect(heldBytes).toBeLessThan(maxBufferedBytes + 2 * bodyBytes + count * readAheadBytes);
}

describe('maxBufferedBytes bounds what a slow consumer leaves', () => {
  test('over HTTP/1', { timeout: 60_000 }, async () => {
    await using server = await rawServer(send(okay([], body)));
    expectBounded(await hesitate(server.url, { maxBufferedBytes }), 1_000_000);
  });

  test('over HTTP/2', { timeout: 60_000 }, async () => {
    await using server = await serveHttp2((stream) => {
      stream.respond({ ':status': 200 });
      stream.end(body);
    });
    const options = { maxBufferedBytes, http2: true, tls: { rejectUnauthorized: false } };
    // The window of each stream, in buffers that also hold frames of other streams.
    expectBounded(await hesitate(server.url, options), 3_000_000);
  });

  test('with bodies that expand when decoded', { timeout: 60_000 }, async () => {
    const coded = gzipSync(Buffer.alloc(bodyBytes));
    await using server = await rawServer(send(okay(['Content-Encoding: gzip'], coded)));
    expectBounded(await hesitate(server.url, { maxBufferedBytes }), 1_000_000);
  });
});

describe('maxBufferedBytes of one byte never blocks', () => {
  const small = randomBytes(300_000);

  test('a run', async () => {
    await using server = await rawServer(send(okay([], small)));
    await using fetcher = createFetcher({ maxBufferedBytes: 1, perHost: { concurrency: 10 } });
    const results = await fetcher.gather(Array.from({ length: 30 }, (_, at) => `${server.url}/${at}`));
    expect(results.map((result) => responseOf(result).length)).toEqual(Array.from({ length: 30 }, () => small.length));
  });

  test('a run that waits in its loop for a request and for another run', async () => {
    await using server = await rawServer(send(okay([], small)));
    await using fetcher = createFetcher({ maxBufferedBytes: 1, perHost: { concurrency: 20 } });
    const urls = Array.from({ length: 5 }, (_, at) => `${server.url}/${at}`);
    let received = 0;
    for await (const outer of fetcher.asCompleted(urls)) {
      received += responseOf(outer).length + responseOf(await fetcher.fetch(`${server.url}/single`)).length;
      for await (const inner of fetcher.asCompleted(urls)) received += responseOf(inner).length;
    }
    expect(received).toBe((5 + 5 + 25) * small.length);
  });

  test('two runs and many requests at once', async () => {
    await using server = await rawServer(send(okay(['Content-Encoding: gzip'], gzipSync(small))));
    await using fetcher = createFetcher({ maxBufferedBytes: 1, perHost: { concurrency: 20 } });
    const urls = Array.from({ length: 20 }, (_, at) => `${server.url}/${at}`);
    const all = await Promise.all([
      fetcher.gather(urls),
      fetcher.gather(urls),
      Promise.all(urls.map((url) => fetcher.fetch(url))),
    ]);
    expect(all.flat().every((result) => responseOf(result).length === small.length)).toBe(true);
  });
});

test('maxBufferedBytes is refused if it is not a size', () => {
  expect(() => createFetcher({ maxBufferedBytes: -1 })).toThrow(/maxBufferedBytes/);
});
