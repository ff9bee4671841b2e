import { getActiveResourcesInfo } from 'node:process';
import { describe, expect, test } from 'vitest';
import { createFetcher } from '../../src/index.ts';
import { moduleCommand, runShell } from '../helpers/process/module.ts';
import { quiet } from '../helpers/process/quiet.ts';
import { deadPort } from '../helpers/servers/raw-server.ts';
import { after, respond, serve, silence } from '../helpers/servers/serve.ts';

describe('memory', () => {
  test('does not grow with the list: 200,000 URLs', async () => {
    const { code, stdout, stderr } = await runShell(
      moduleCommand(
        `
      import { createFetcher } from '#src/index.ts';
      import { mockTransport } from '#src/transports/mock.ts';
      import { setFlagsFromString } from 'node:v8';
      import { runInNewContext } from 'node:vm';
      setFlagsFromString('--expose-gc');
      const gc = runInNewContext('gc');
      const transport = mockTransport(({ url }) => (url.endsWith('7') ? { status: 404 } : { body: 'x'.repeat(100) }));
      const fetcher = createFetcher({ transport, readAhead: 1000 });
      function* urls() {
        for (let at = 0; at < 200_000; at += 1) yield at % 50 === 0 ? 'nonsense ' + at : 'http://' + (at % 5000) + '.test/' + at;
      }
      let count = 0;
      const heap = [];
      for await (const { index } of fetcher.asCompleted(urls())) {
        count += 1;
        if (count % 50_000 === 0) {
          gc();
          heap.push(process.memoryUsage().heapUsed);
        }
      }
      await fetcher.close();
      console.log(JSON.stringify({ count, heap }));
      `,
      ),
    );
    expect([code, stderr]).toEqual([0, '']);
    const { count, heap } = JSON.parse(stdout) as { count: number; heap: number[] };
    expect(count).toBe(200_000);
    expect(Math.max(...heap) - heap[0]!).toBeLessThan(3_000_000);
  });

  test('stays within concurrency and readAhead when the consumer stalls', async () => {
    const { code, stdout } = await runShell(
      moduleCommand(
        `
      import { createFetcher } from '#src/index.ts';
      import { mockTransport } from '#src/transports/mock.ts';
      const fetcher = createFetcher({ transport: mockTransport(() => ({ body: new Uint8Array(10_000) })), readAhead: 100 });
      let pulled = 0;
      const results = fetcher.asCompleted((function* () { for (;;) yield 'http://a.test/' + pulled++; })());
      await results.next();
      await new Promise((resolve) => setTimeout(resolve, 200));
      console.log(pulled);
      await fetcher.close();
      `,
      ),
    );
    expect(code).toBe(0);
    expect(Number(stdout)).toBeLessThanOrEqual(1 + 50 + 100 + 1);
  });
});

describe('resources left behind', () => {
  test('after close(): no socket and no timer, whatever was in progress', async () => {
    const port = await deadPort();
    {
      await using server = await serve({
        '/ok': respond(200, {}, 'x'.repeat(10_000)),
        '/limited': respond(429, { 'retry-after': '50' }),
        '/failing': respond(500),
        '/redirect': respond(302, { location: '/hangs' }),
        '/slow': after(20, respond(200)),
        '/hangs': silence,
      });
      await quiet();
      const before = resources();
      const fetcher = createFetcher({
        urlDeadlineMs: 100_000,
        headersTimeoutMs: 50_000,
        idleTimeoutMs: 50_000,
        rate: 500,
      });
      const kinds = ['/ok', '/limited', '/failing', '/redirect', '/slow', '/hangs'];
      // Each has its own host, as one of them is held back.
      const list = kinds.flatMap((path) => ['a', 'b'].map((name) => server.at(name + path.slice(1)) + path));
      const running = Promise.allSettled([
        fetcher.gather([...list, `http://127.0.0.1:${port}/`, 'nonsense']),
        fetcher.gather(list, { returnExceptions: true }),
        fetcher.sequential(list, { intervalMs: 10_000 }).next(),
        ...list.map((url) => fetcher.fetch(url)),
      ]);
      await server.seen(12);
      expect(resources().length).toBeGreaterThan(before.length);
      await fetcher.close();
      await running;
      await server.deserted();
      await quiet();
      expect(resources().length).toBeLessThanOrEqual(before.length);
    }
  });

  const ends: [string, string][] = [
    ['is closed', 'await fetcher.close();'],
    ['is left to itself, its connections idle', ''],
  ];
  test.each(ends)(
    'of a fetcher that %s does not keep the process alive, nor is a rejection unhandled',
    async (_, end) => {
      const { code, stdout, stderr } = await runShell(
        moduleCommand(`
      import { createFetcher } from '#src/index.ts';
      import { serve, respond, silence } from '#src/../test/helpers/servers/serve.ts';
      process.on('warning', (warning) => console.log('warning', warning));
      const server = await serve({ '/ok': respond(200), '/500': respond(500), '/hangs': silence });
      const fetcher = createFetcher({ retry: { retries: 1 }, timeoutMs: 100, rate: 1000 });
      const paths = ['/ok', '/500', '/hangs', '/404', '/ok'];
      const urls = paths.map((path) => server.url + path);
      await fetcher.gather(urls).catch(() => undefined);
      for await (const result of fetcher.asCompleted(urls)) break;
      for await (const result of fetcher.sequential(urls, { intervalMs: 5 })) if (result.index === 1) break;
      const controller = new AbortController();
      setTimeout(() => controller.abort(), 20);
      await fetcher.gather(urls, { signal: controller.signal }).catch(() => undefined);
      console.log((await fetcher.fetch(urls[0])).kind);
      ${end}
      await server[Symbol.asyncDispose]();
    `),
      );
      expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'response\n', stderr: '' });
    },
  );

  test('after a run was left during a pause of its host: nothing that keeps the process alive', async () => {
    const start = performance.now();
    const { code, stdout } = await runShell(
      moduleCommand(`
      import { createFetcher } from '#src/index.ts';
      import { mockTransport } from '#src/transports/mock.ts';
      const transport = mockTransport(() => ({ status: 429, headers: { 'retry-after': '60' } }));
      const fetcher = createFetcher({ transport, rate: 100, retry: { retries: 0 } });
      for await (const result of fetcher.asCompleted(Array.from({ length: 50 }, () => 'http://a.test/'))) break;
      console.log('left');
    `),
    );
    expect([code, stdout]).toEqual([0, 'left\n']);
    expect(performance.now() - start).toBeLessThan(15_000);
  });
});

/** Returns timers and sockets, without those of the test runner. */
function resources(): string[] {
  return getActiveResourcesInfo().filter((name) => /Timeout|TCP|TLS|GetAddr/.test(name));
}
