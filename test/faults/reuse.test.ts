import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { createFetcher, type Fetcher } from '../../src/index.ts';
import type { FetcherOptions } from '../../src/fetcher/options.ts';
import { ended, moduleCommand, startShell } from '../helpers/process/module.ts';

/**
 * A server in a separate process, since its timing relative to ours matters. It answers each request with its path,
 * then acts on the connection. When its standard input ends, it prints how often it has seen each path.
 */
const serverSource = (then: string): string => `
  import { createServer } from 'node:net';
  const seen = {};
  const answer = (body) => 'HTTP/1.1 200 OK\\r\\nContent-Length: ' + body.length + '\\r\\n\\r\\n' + body;
  const poison = answer('poison');
  const server = createServer({ noDelay: true }, (socket) => {
    let unread = '';
    let turn = 0;
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      unread += chunk;
      for (let end; (end = unread.indexOf('\\r\\n\\r\\n')) >= 0 && !socket.writableEnded; ) {
        const path = unread.split(' ', 2)[1];
        const length = Number(/content-length: (\\d+)/i.exec(unread.slice(0, end))?.[1] ?? 0);
        unread = unread.slice(end + 4 + length);
        turn += 1;
        seen[path] = (seen[path] ?? 0) + 1;
        const body = answer(path);
        ${then}
      }
    });
  });
  server.listen(0, '127.0.0.1', () => console.log(server.address().port));
  process.stdin.on('end', () => {
    console.log(JSON.stringify(seen));
    process.exit();
  }).resume();
`;

interface OtherServer extends AsyncDisposable {
  readonly url: string;
  /** Stops the server and returns how often it has seen each path. */
  end(): Promise<Readonly<Record<string, number>>>;
}

async function startServer(then: string): Promise<OtherServer> {
  const child = startShell(moduleCommand(serverSource(then)));
  const closed = ended(child);
  const [port] = (await once(child.stdout!, 'data')) as [string];
  return {
    url: `http://127.0.0.1:${port.trim()}`,
    async end() {
      child.stdin!.end();
      const { stdout } = await closed;
      return JSON.parse(stdout.trim().split('\n').at(-1)!) as Record<string, number>;
    },
    async [Symbol.asyncDispose]() {
      child.stdin!.end();
      await closed;
    },
  };
}

const tries: FetcherOptions = { retry: { retries: 0 }, perHost: { concurrency: 50 } };

describe('1,000 POSTs to a server that closes its connections without notice', () => {
  test.each<[closes: string, then: string, inFlight: number, gapMs: number]>([
    ['with each response', 'socket.end(body);', 10, 0],
    ['with every third response', 'turn % 3 === 0 ? socket.end(body) : socket.write(body);', 10, 0],
    [
      'with a reset after every third response',
      'turn % 3 === 0 ? socket.write(body, () => socket.resetAndDestroy()) : socket.write(body);',
      10,
      0,
    ],
    ['5 ms after each response', 'socket.write(body); setTimeout(() => socket.end(), 5);', 5, 5],
  ])('%s: at most ten are lost, and none is sent twice', { timeout: 60_000 }, async (_, then, inFlight, gapMs) => {
    await using server = await startServer(then);
    await using fetcher = createFetcher(tries);
    let sent = 0;
    let lost = 0;
    const worker = async (): Promise<void> => {
      while (sent < 1000) {
        const path = `/${(sent += 1)}`;
        const result = await fetcher.fetch({ url: server.url + path, method: 'POST', body: 'x' });
        if (result.kind === 'response') expect(result.text()).toBe(path);
        else lost += 1;
        if (gapMs > 0) await sleep(gapMs);
      }
    };
    await Promise.all(Array.from({ length: inFlight }, worker));
    const seen = await server.end();
    expect(lost).toBeLessThanOrEqual(10);
    expect(Object.values(seen).filter((times) => times > 1)).toEqual([]);
  });
});

/** Fetches paths and counts the wrong bodies. */
async function wrongBodies(fetcher: Fetcher, url: string, from: number, count: number): Promise<number> {
  let wrong = 0;
  for await (const result of fetcher.asCompleted(Array.from({ length: count }, (_, at) => `${url}/${from + at}`))) {
    if (result.kind === 'response' && result.text() !== new URL(result.url).pathname) wrong += 1;
  }
  return wrong;
}

describe('a server that sends unsolicited responses', () => {
  test.each<[when: string, then: string]>([
    ['in the same write', 'socket.write(body + poison);'],
    ['in a separate write', 'socket.write(body); socket.write(poison);'],
    ['a turn later', 'socket.write(body); setImmediate(() => socket.write(poison));'],
    ['1 ms later', 'socket.write(body); setTimeout(() => socket.write(poison), 1);'],
    ['3 ms later', 'socket.write(body); setTimeout(() => socket.write(poison), 3);'],
    ['10 ms later', 'socket.write(body); setTimeout(() => socket.write(poison), 10);'],
  ])('%s puts no body under a wrong URL after the first discovery', { timeout: 120_000 }, async (_, then) => {
    for (const inFlight of [1, 10]) {
      await using server = await startServer(then);
      await using fetcher = createFetcher({ ...tries, concurrency: inFlight });
      await wrongBodies(fetcher, server.url, 0, 100);
      // Unsolicited bytes arrive now at the latest, while nothing is in flight.
      await sleep(50);
      expect(await wrongBodies(fetcher, server.url, 100, 4000)).toBe(0);
    }
  });
});
