import { gzipSync } from 'node:zlib';
import { randomFrom } from '../../cli/server/random.ts';
import { inPieces } from '../helpers/servers/in-pieces.ts';
import { send, sendThenClose, sendThenReset, type RawHandler } from '../helpers/servers/raw-server.ts';
import { chunked, okay, reply, to, unframed } from './replies.ts';

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

/** What a server may do after its bytes. */
export const ends: Readonly<Record<FuzzedAnswer['end'], (bytes: Buffer) => RawHandler>> = {
  close: sendThenClose,
  reset: (bytes) => sendThenReset(bytes.toString('latin1')),
  nothing: (bytes) => send(bytes),
  pieces: (bytes) => inPieces(sendThenClose(bytes)),
};
const endNames = Object.keys(ends) as FuzzedAnswer['end'][];

/** What the server writes for one seed, and what it does then: always the same. */
export interface FuzzedAnswer {
  readonly bytes: Buffer;
  readonly end: 'close' | 'reset' | 'nothing' | 'pieces';
}

/** Returns the answer of a seed: a reply of the corpus, mutated up to four times. */
export function answerOf(seed: number): FuzzedAnswer {
  const random = randomFrom(seed);
  let bytes = oneOf(corpus, random);
  for (let count = 1 + below(4, random); count > 0; count -= 1) bytes = oneOf(mutations, random)(bytes, random);
  return { bytes, end: oneOf(endNames, random) };
}

function below(limit: number, random: () => number): number {
  return Math.floor(random() * limit);
}

function oneOf<T>(items: readonly T[], random: () => number): T {
  return items[below(items.length, random)]!;
}
