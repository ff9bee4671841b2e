import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { randomFrom } from '../../cli/server/random.ts';
import { createFetcher } from '../../src/index.ts';
import type { ResponseResult } from '../../src/http/result.ts';
import { collect } from '../helpers/collect.ts';
import { watchProcess } from '../helpers/incidents.ts';
import { inPieces } from '../helpers/servers/in-pieces.ts';
import { rawServer, send, sendThenClose, sendThenReset, type RawHandler } from '../helpers/servers/raw-server.ts';
import { expectHonest, expectWithin } from './invariants.ts';
import { readReply } from './read-reply.ts';
import { chunked, empty, okay, reply, targetOf, to, unframed } from './replies.ts';

/** `FUZZ_SECONDS=60 npx vitest run ... fuzz` runs longer; `FUZZ_SEED=123` starts with the case of that seed. */
const seconds = Number(process.env.FUZZ_SECONDS ?? 30);
const firstSeed = Number(process.env.FUZZ_SEED ?? 1);
const batch = 100;
const timeoutMs = 150;

const corpus: readonly Buffer[] = [
  okay(['Content-Type: text/plain', 'Connection: keep-alive'], 'hello, world'),
  okay(['Connection: close'], 'hello, world'),
  Buffer.from(`${chunked}5;a=b\r\nhello\r\n7\r\n, world\r\n0\r\nX-Sum: 1\r\n\r\n`),
  Buffer.from(`${unframed}hello, world`),
  Buffer.from('HTTP/1.0 200 OK\r\nServer: old\r\n\r\nhello, world'),
  okay(['Content-Encoding: gzip'], gzipSync('hello, world')),
  okay(['Set-Cookie: a=b', 'Set-Cookie: c=d', 'Keep-Alive: timeout=5'], ''),
  Buffer.concat([Buffer.from('HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n'), okay([], 'hello')]),
  to('/elsewhere'),
  reply('404 Not Found', ['Retry-After: 1'], 'nope'),
  reply('204 No Content'),
  reply('304 Not Modified', ['ETag: "x"']),
  Buffer.concat([okay([], 'first'), okay([], 'second')]),
];

const words = [
  ['\r\n', '\n', '\r', '\r\n\r\n', '\0', ' ', '\t', ':', ';', ',', '"', '\u007f', '\u00ff', '\u001b[2J', '%00', '../'],
  [
    'HTTP/1.1 200 OK\r\n',
    'HTTP/1.1 100 Continue\r\n\r\n',
    'HTTP/1.1 103 X\r\n\r\n',
    'HTTP/2.0',
    'HTTP/0.9',
    '101',
    '099',
    '999',
  ],
  [
    'Content-Length: 5\r\n',
    'Content-Length: -1\r\n',
    'Content-Length: 99999999999999999999\r\n',
    'content-length: 0\r\n',
  ],
  ['Transfer-Encoding: chunked\r\n', 'Transfer-Encoding: gzip, chunked\r\n', 'transfer-encoding: \r\n'],
  ['Content-Encoding: gzip\r\n', 'Content-Encoding: br\r\n', 'Content-Encoding: zstd, deflate\r\n'],
  ['Connection: close\r\n', 'Connection: upgrade\r\nUpgrade: x\r\n', 'Keep-Alive: timeout=0\r\n', 'Trailer: X\r\n'],
  ['Location: /\r\n', 'Location: //\r\n', 'Location: http://[\r\n', '__proto__: x\r\n', 'Retry-After: 1e9\r\n'],
  ['0\r\n\r\n', 'ffffffffffffffff\r\n', '7fffffff\r\n', '1\r\n', '5\r\nhello\r\n', 'x'.repeat(5000)],
]
  .flat()
  .map((word) => Buffer.from(word, 'latin1'));

const mutations: readonly ((bytes: Buffer, random: () => number) => Buffer)[] = [
  function flip(bytes, random) {
    const flipped = Buffer.from(bytes);
    if (flipped.length > 0) flipped[below(flipped.length, random)]! ^= 1 << below(8, random);
    return flipped;
  },
  function overwrite(bytes, random) {
    const written = Buffer.from(bytes);
    if (written.length > 0) written[below(written.length, random)] = below(256, random);
    return written;
  },
  function cut(bytes, random) {
    return bytes.subarray(0, below(bytes.length + 1, random));
  },
  function leaveOut(bytes, random) {
    const from = below(bytes.length + 1, random);
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + 1 + below(20, random))]);
  },
  function repeat(bytes, random) {
    const from = below(bytes.length + 1, random);
    const some = bytes.subarray(from, from + 1 + below(40, random));
    const often = Array.from({ length: 1 + below(4, random) }, () => some);
    return Buffer.concat([bytes.subarray(0, from), ...often, bytes.subarray(from)]);
  },
  function insert(bytes, random) {
    const at = below(bytes.length + 1, random);
    return Buffer.concat([bytes.subarray(0, at), oneOf(words, random), bytes.subarray(at)]);
  },
  function insertLine(bytes, random) {
    const at = bytes.indexOf('\r\n') + 2;
    return Buffer.concat([bytes.subarray(0, at), oneOf(words, random), bytes.subarray(at)]);
  },
  function splice(bytes, random) {
    const other = oneOf(corpus, random);
    return Buffer.concat([
      bytes.subarray(0, below(bytes.length + 1, random)),
      other.subarray(below(other.length + 1, random)),
    ]);
  },
];

const ends = {
  close: sendThenClose,
  reset: (bytes) => sendThenReset(bytes.toString('latin1')),
  nothing: (bytes) => send(bytes),
  pieces: (bytes) => inPieces(sendThenClose(bytes)),
} satisfies Readonly<Record<string, (bytes: Buffer) => RawHandler>>;
const endNames = Object.keys(ends) as (keyof typeof ends)[];

/** Returns the bytes that the server writes for a seed, and its next action; the same for every run. */
interface Answer {
  readonly bytes: Buffer;
  readonly end: keyof typeof ends;
}

function answerOf(seed: number): Answer {
  const random = randomFrom(seed);
  let bytes = oneOf(corpus, random);
  for (let count = 1 + below(4, random); count > 0; count -= 1) bytes = oneOf(mutations, random)(bytes, random);
  return { bytes, end: oneOf(endNames, random) };
}

test(
  `fuzz: no reply whatever breaks a promise (FUZZ_SEED=${firstSeed})`,
  async () => {
    using incidents = watchProcess();
    await using healthy = await rawServer(send(empty));
    const until = performance.now() + seconds * 1000;
    let seed = firstSeed;
    do {
      // Each case has its own origin, so that the connections of another case do not matter.
      await using server = await rawServer((socket, request) => {
        const [, name = ''] = targetOf(request).split('/');
        if (!/^\d+$/.test(name)) return socket.write(empty);
        const { bytes, end } = answerOf(Number(name));
        return ends[end](bytes)(socket, request);
      });
      const fetcher = createFetcher({ concurrency: batch, retry: { retries: 0 }, timeoutMs, maxBodyBytes: 100_000 });
      const seeds = Array.from({ length: batch }, (_, at) => seed + at);
      const urls = seeds.map((each) => `http://seed-${each}.localhost:${server.port}/${each}`);
      const results = await collect(fetcher.asCompleted([...urls, healthy.url]));

      expect(results).toHaveLength(batch + 1);
      for (const result of results) {
        const about = `FUZZ_SEED=${seeds[result.index] ?? 'healthy'} ${result.kind}`;
        try {
          expectHonest(result);
        } catch (error) {
          throw new Error(about, { cause: error });
        }
        if (result.index < batch && result.kind === 'response' && result.redirects === 0)
          expectMeant(result, answerOf(seeds[result.index]!), about);
        if (result.index === batch) expect(result, about).toMatchObject({ status: 200, attempts: 1 });
        expect(result.elapsedMs, about).toBeLessThan(timeoutMs + 3000);
        expect(result.attempts, about).toBe(1);
      }
      await fetcher.close();
      await expectWithin(
        1000,
        server.deserted(),
        `FUZZ_SEED=${seed} or one of the ${batch} after it leaves a connection`,
      );
      expect(incidents.seen, `FUZZ_SEED=${seed} or one of the ${batch} after it`).toEqual([]);
      seed += batch;
    } while (performance.now() < until);
    console.log(`fuzz: ${seed - firstSeed} cases, from FUZZ_SEED=${firstSeed}`);
  },
  seconds * 1000 + 20_000,
);

/** Checks a response against an independent parser: it must be complete and agree with the bytes. */
function expectMeant(result: ResponseResult, { bytes, end }: Answer, about: string): void {
  const meant = readReply(bytes);
  expect(meant?.status, about).toBe(result.status);
  expect(meant!.isFramed ? 'framed' : 'unverified', about).toBe(result.complete);
  if (!meant!.isFramed) expect(end, about).toMatch(/close|pieces/);
  expect(meant!.body, about).toHaveLength(result.wireLength);
  const isCoded = /[^ ,]/.test(meant!.headers.get('content-encoding')?.replace('identity', '') ?? '');
  if (!isCoded) expect(meant!.body.equals(result.bytes()), about).toBe(true);
}

function below(limit: number, random: () => number): number {
  return Math.floor(random() * limit);
}

function oneOf<T>(items: readonly T[], random: () => number): T {
  return items[below(items.length, random)]!;
}
