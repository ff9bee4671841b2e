import type { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { queryObjects } from 'node:v8';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { randomFrom, seedOf } from '../../cli/server/random.ts';
import { createFetcher } from '../../src/index.ts';
import type { FetchResult } from '../../src/http/result.ts';
import { Connection } from '../../src/transports/http1/connection.ts';
import { collect } from '../helpers/collect.ts';
import { watchProcess } from '../helpers/incidents.ts';
import { inPieces } from '../helpers/servers/in-pieces.ts';
import { failureOf, responseOf } from '../helpers/kinds.ts';
import { quiet } from '../helpers/process/quiet.ts';
import { rawServer, send, sendThenClose, sendThenReset, type RawHandler } from '../helpers/servers/raw-server.ts';
import { expectHonest, expectWithin } from './invariants.ts';
import { chunked, okay, reply, sized, targetOf, to, unframed } from './replies.ts';

const poison = okay([], 'poison');

/** Things a server may do with a request, for a body. `isBad` tells those without a complete response. */
const answers: Readonly<Record<string, (nonce: string) => RawHandler>> = {
  plain: (nonce) => send(okay([], nonce)),
  chunked: (nonce) => send(`${chunked}${nonce.length.toString(16)}\r\n${nonce}\r\n0\r\nX-Sum: 1\r\n\r\n`),
  unframed: (nonce) => sendThenClose(`${unframed}${nonce}`),
  gzip: (nonce) => send(okay(['Content-Encoding: gzip'], gzipSync(nonce))),
  hinted: (nonce) => send('HTTP/1.1 103 Early Hints\r\n\r\n', okay([], nonce)),
  pieces: (nonce) => inPieces(send(okay([], nonce))),
  poisoned: (nonce) => send(Buffer.concat([okay([], nonce), poison])),
  poisonedTwice: (nonce) => send(Buffer.concat([okay([], nonce), poison, poison])),
  garbled: (nonce) => send(Buffer.concat([okay([], nonce), Buffer.from('garbage')])),
  last: (nonce) => send(okay(['Connection: close'], nonce)),
  lastPoisoned: (nonce) => send(Buffer.concat([okay(['Connection: close'], nonce), poison])),
  empty204: () => send(Buffer.concat([reply('204 No Content', [], 'poison'), poison])),
  closed: (nonce) => sendThenClose(okay([], nonce)),
  closedSoon: (nonce) => andLater(okay([], nonce), (socket) => socket.end()),
  // A socket that has begun to end cannot be reset any more: Node would never close it.
  resetSoon: (nonce) =>
    andLater(okay([], nonce), (socket) => (socket.writableEnded ? socket.destroy() : socket.resetAndDestroy())),
  elsewhere: (nonce) => send(to(`/${nonce}/there`)),
  away: (nonce) => sendThenReset(`${sized(nonce.length + 1)}${nonce}`),
  cut: (nonce) => sendThenClose(`${sized(nonce.length + 1)}${nonce}`),
  silentClose: () => sendThenClose(),
  silentReset: () => sendThenReset(),
};
const kinds = Object.keys(answers);
const isBad = (kind: string): boolean => /^away|^cut|^silent|^doomed/.test(kind);

function andLater(bytes: Uint8Array, what: (socket: Socket) => unknown): RawHandler {
  return (socket) => {
    socket.write(bytes);
    setTimeout(() => what(socket), seedOf(String(bytes.length)) & 3);
  };
}

const seeds = process.env.KEEP_ALIVE_SEED === undefined ? [1, 2, 3] : [Number(process.env.KEEP_ALIVE_SEED)];

test.for(seeds)('each response belongs to its request, whatever the server does: seed %i', async (seed) => {
  using incidents = watchProcess();
  const random = randomFrom(seed);
  const sockets = new Set<Socket>();
  const doomed = new Set<Socket>();
  /** The server's actions for each request, by method and nonce. */
  const done = new Map<string, string[]>();
  await using server = await rawServer((socket, request) => {
    sockets.add(socket);
    const method = request.head.split(' ', 1)[0]!;
    const [, nonce = '', there] = targetOf(request).split('/');
    const key = `${method} ${nonce}`;
    const chosen = kinds[Math.floor(random() * kinds.length)]!;
    const kind = method === 'HEAD' || (there !== undefined && chosen === 'elsewhere') ? 'plain' : chosen;
    // An action announced after the last response may happen in the middle of this one.
    const story = doomed.has(socket) ? `doomed ${kind}` : kind;
    done.set(key, [...(done.get(key) ?? []), story]);
    if (kind.endsWith('Soon')) doomed.add(socket);
    return answers[kind]!(nonce)(socket, request);
  });
  const fetcher = createFetcher({
    concurrency: 8,
    perHost: { concurrency: 8 },
    timeoutMs: 5000,
    retry: { retries: 1 },
  });

  for (let phase = 0; phase < 8; phase += 1) {
    const requests = Array.from({ length: 50 }, (_, at) => {
      const drawn = random();
      const method = drawn < 0.7 ? 'GET' : drawn < 0.9 ? 'POST' : 'HEAD';
      const url = `${server.url}/nonce-${phase}-${at}`;
      return method === 'POST' ? { url, method, body: 'x' } : { url, method };
    });
    const results = await collect(fetcher.asCompleted(requests));
    expect(results.map(({ index }) => index).sort((a, b) => a - b)).toEqual([...requests.keys()]);
    for (const result of results) expectOwn(result, done);
    // Nothing is in flight now, so whatever arrives is unsolicited.
    for (const socket of sockets) {
      if (socket.writable && random() < 0.5) socket.write(random() < 0.5 ? poison : 'garbage');
    }
    await untilRead();
  }
  await fetcher.close();
  await expectWithin(2000, server.deserted(), 'leaves no connection');
  expect(incidents.seen).toEqual([]);
});

function expectOwn(result: FetchResult, done: ReadonlyMap<string, readonly string[]>): void {
  expectHonest(result);
  const nonce = new URL(result.url).pathname.slice(1);
  const story = done.get(`${result.method} ${nonce}`) ?? [];
  const about = `${result.method} ${nonce}: ${story.join()}`;
  if (result.kind === 'response') {
    expect(result.text(), about).toBe(result.method === 'HEAD' || result.status === 204 ? '' : nonce);
  } else {
    expect(['NO_RESPONSE', 'CONN_RESET', 'BODY_TRUNCATED'], about).toContain(result.error?.code);
  }
  if (result.method === 'POST') {
    // It is never sent twice, and it may have met a connection that was being closed.
    expect(story.filter((kind) => kind !== 'elsewhere').length, about).toBeLessThanOrEqual(1);
    expect(result.attempts, about).toBe(1);
    return;
  }
  // Only attempts that the server did not answer are charged.
  const charged = result.kind === 'failure' ? result.attempts : result.attempts - 1;
  expect(story.filter(isBad).length, about).toBeGreaterThanOrEqual(charged);
}

describe('a connection that was used before', () => {
  const keep = 'Connection: keep-alive';
  test.each<[what: string, method: string, answer: RawHandler]>([
    ['a body of known length', 'GET', send(okay([keep]))],
    ['a body in chunks', 'GET', send(`${chunked}2\r\nok\r\n0\r\n\r\n`)],
    ['204', 'GET', send('HTTP/1.1 204 No Content\r\n\r\n')],
    ['304', 'GET', send('HTTP/1.1 304 Not Modified\r\n\r\n')],
    ['404', 'GET', send(reply('404 Not Found', [], 'none'))],
    ['a body that is not the coding it says', 'GET', send(okay(['Content-Encoding: gzip'], 'plain'))],
    ['POST', 'POST', send(okay([]))],
    ['HEAD', 'HEAD', send(okay([], ''))],
    ['HEAD, with a length', 'HEAD', send('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n')],
  ])('by %s is reused', async (_, method, answer) => {
    await using server = await rawServer(answer);
    await using fetcher = createFetcher({ retry: { retries: 0 } });
    for (let turn = 1; turn <= 10; turn += 1) {
      await fetcher.fetch({ url: server.url, method });
    }
    expect(server.requests.map(({ connection }) => connection)).toEqual(Array.from({ length: 10 }, () => 1));
  });

  test.each<[what: string, method: string, answer: RawHandler]>([
    ['after a HEAD that was answered with a body', 'HEAD', send(okay([keep], 'body'))],
    ['after a body without framing', 'GET', sendThenClose(`${unframed}ok`)],
    ['after its last answer', 'GET', send(okay(['Connection: close']))],
    ['after a cut', 'GET', sendThenClose(`${sized(3)}ok`)],
    ['after unsolicited bytes', 'GET', send(Buffer.concat([okay([]), poison]))],
  ])('and has ended %s is freed', async (_, method, answer) => {
    await using server = await rawServer(answer);
    await using fetcher = createFetcher({ retry: { retries: 0 } });
    const before = connectionsKept();
    for (let turn = 1; turn <= 20; turn += 1) await fetcher.fetch({ url: server.url, method });
    await expectWithin(2000, server.deserted(), 'leaves no connection');
    expect(connectionsKept() - before).toBeLessThanOrEqual(3);
  });

  test('is one of few: their number stays bounded whatever the server does', async () => {
    await using server = await rawServer((socket, { turn, connection }) => {
      const { [kinds[(turn + connection) % kinds.length]!]: answer } = answers;
      return answer!('x')(socket, { head: 'GET / HTTP/1.1', turn, connection });
    });
    await using fetcher = createFetcher({ retry: { retries: 0 }, concurrency: 5 });
    let most = 0;
    for await (const result of fetcher.asCompleted(Array.from({ length: 300 }, (_, at) => `${server.url}/${at}`))) {
      expectHonest(result);
      most = Math.max(most, server.open);
    }
    // Connections that are being closed still count here.
    expect(most).toBeLessThanOrEqual(5 + 40);
  });

  test('A28 and whose server has vanished is HEADERS_TIMEOUT and is not reused', async () => {
    await using server = await rawServer((socket, { connection, turn }) => {
      if (connection > 1 || turn === 1) socket.write(okay([], `${connection}.${turn}`));
    });
    await using fetcher = createFetcher({ retry: { retries: 0 }, headersTimeoutMs: 600 });
    await fetcher.fetch(server.url);
    expect(failureOf(await fetcher.fetch(server.url)).error.code).toBe('HEADERS_TIMEOUT');
    expect(responseOf(await fetcher.fetch(server.url)).text()).toBe('2.1');
  });

  test('A31 and is reset with many others: every GET is sent again and none is charged for it', async () => {
    await using server = await rawServer((socket, request) =>
      (request.turn === 1 ? send(okay([], targetOf(request))) : sendThenReset())(socket, request),
    );
    await using fetcher = createFetcher({ retry: { retries: 0 }, perHost: { concurrency: 20 } });
    for (let round = 0; round < 5; round += 1) {
      const urls = Array.from({ length: 20 }, (_, at) => `${server.url}/${round}-${at}`);
      for (const result of await fetcher.gather(urls)) {
        expect(result).toMatchObject({ status: 200, attempts: 1 });
        expect(responseOf(result).text()).toBe(new URL(result.url).pathname);
      }
    }
  });

  test('A34 and receives unsolicited bytes while idle does not take them for a response', async () => {
    const sockets: Socket[] = [];
    await using server = await rawServer((socket, request) => {
      sockets.push(socket);
      socket.write(okay([], targetOf(request)));
    });
    await using fetcher = createFetcher({ retry: { retries: 0 } });
    for (const bytes of [
      poison,
      Buffer.from('HTTP/1.1 4'),
      Buffer.from('\r\n'),
      Buffer.from('HTTP/1.1 103 Hi\r\n\r\n'),
    ]) {
      expect(responseOf(await fetcher.fetch(`${server.url}/first`)).text()).toBe('/first');
      sockets.at(-1)!.write(bytes);
      await untilRead();
      expect(responseOf(await fetcher.fetch(`${server.url}/second`)).text()).toBe('/second');
      await nextTurn();
    }
  });
});

/** Waits until unsolicited bytes have been read, however busy the machine is. */
async function untilRead(): Promise<void> {
  await quiet();
  // A late timer may fire before the reads of its turn.
  for (let turn = 0; turn < 2; turn += 1) await nextTurn();
}

/** Counts the connections in memory after a garbage collection. */
function connectionsKept(): number {
  return queryObjects(Connection, { format: 'count' });
}
