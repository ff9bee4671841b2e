import { brotliCompressSync, constants, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { send, sendThenClose } from '../helpers/servers/raw-server.ts';
import { fails, whole, type Expected, type FaultCase } from './fault-case.ts';
import { byPath, firstThen, okay, reply } from './replies.ts';

const text = 'the quick brown fox '.repeat(200);
const plain = 'this is plain text, for sure';
const coded = {
  gzip: gzipSync(text),
  deflate: deflateSync(text),
  br: brotliCompressSync(text),
  zstd: zstdCompressSync(text),
};
const zeros = Buffer.alloc(8 << 20);
const bombs = {
  gzip: gzipSync(zeros, { level: 1 }),
  deflate: deflateSync(zeros, { level: 1 }),
  br: brotliCompressSync(zeros, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }),
  zstd: zstdCompressSync(zeros),
};
const names = Object.keys(coded) as (keyof typeof coded)[];
const tooLarge = fails('BODY_TOO_LARGE');
const undecodable = fails('DECODE_FAILED');
const unsupported = fails('ENCODING_UNSUPPORTED', { length: 0 });
const small = { maxBodyBytes: 1 << 20 };

/** A zstd frame that asks for a window of 2 GB. */
const hugeWindow = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa8, 0x01, 0x00, 0x00]);

/** A body with a content coding. */
const labelled = (
  id: string,
  fault: string,
  label: string,
  body: string | Uint8Array,
  expected: Expected,
  why?: string,
): FaultCase => ({
  id,
  fault,
  answer: send(okay([`Content-Encoding: ${label}`], body)),
  expected,
  ...(why === undefined ? {} : { why }),
});

/** Group C: content codings. */
export const codings: readonly FaultCase[] = [
  ...names.map((name) => labelled('C1', name, name, coded[name], whole(text))),
  ...names.map((name) => ({
    id: 'C1',
    fault: `${name}, without framing`,
    answer: sendThenClose(
      Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\nContent-Encoding: ${name}\r\n\r\n`), coded[name]]),
    ),
    expected: whole(text, { complete: 'unverified' }),
  })),
  ...['404 Not Found', '500 Oh No'].map((status) => ({
    id: 'C2',
    fault: `gzip of a ${status}`,
    answer: send(reply(status, ['Content-Encoding: gzip'], coded.gzip)),
    expected: whole(text, { status: Number.parseInt(status, 10) }),
  })),
  labelled('C3', 'deflate without its wrapper', 'deflate', deflateRawSync(text), whole(text)),
  ...names.flatMap((name) =>
    [1, 4, coded[name].length - 1].map((cut) =>
      labelled(
        'C4',
        `${name} that lacks its last ${cut} bytes, within whole framing`,
        name,
        coded[name].subarray(0, -cut),
        undecodable,
        'curl 7.88 takes a truncated gzip for whole',
      ),
    ),
  ),
  ...names.map((name) => ({
    id: 'C5',
    fault: `${name}, without framing, closed early`,
    answer: sendThenClose(
      Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\nContent-Encoding: ${name}\r\n\r\n`), coded[name].subarray(0, -3)]),
    ),
    expected: undecodable,
  })),
  {
    id: 'C5',
    fault: 'gzip of known length, closed early',
    answer: sendThenClose(okay(['Content-Encoding: gzip'], coded.gzip).subarray(0, -3)),
    expected: fails('BODY_TRUNCATED'),
  },
  ...names.map((name) => labelled('C6', `plain text that says it is ${name}`, name, plain, undecodable)),
  ...names.map((name) => labelled('C7', `an empty body that says it is ${name}`, name, '', whole())),
  {
    id: 'C7',
    fault: 'a HEAD that says it is gzip',
    answer: send('HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 20\r\n\r\n'),
    request: { method: 'HEAD' },
    expected: whole(),
  },
  {
    id: 'C7',
    fault: 'a 204 that says it is gzip',
    answer: send('HTTP/1.1 204 No Content\r\nContent-Encoding: gzip\r\n\r\n'),
    expected: whole('', { status: 204 }),
  },
  ...names.map((name) => ({
    ...labelled('C8', `8 MB of zeros in ${bombs[name].length} bytes of ${name}`, name, bombs[name], tooLarge),
    options: small,
    why: 'curl has this limit since 8.20.0',
  })),
  {
    ...labelled('C9', 'a bomb in a bomb', 'br, gzip', gzipSync(bombs.br), tooLarge),
    options: small,
  },
  labelled('C9', 'zstd with a window of 2 GB', 'zstd', hugeWindow, undecodable),
  {
    id: 'C10',
    fault: 'a bomb as the body of a redirect',
    answer: byPath({
      '/start': send(reply('302 Found', ['Location: /there', 'Content-Encoding: gzip'], bombs.gzip)),
      '/there': send(okay([])),
    }),
    options: small,
    expected: whole('ok', { redirects: 1 }),
  },
  {
    id: 'C10',
    fault: 'a bomb as the body of a 503 that is retried',
    answer: firstThen(send(reply('503 Busy', ['Content-Encoding: gzip'], bombs.gzip)), send(okay([]))),
    options: { ...small, retry: { retries: 1 } },
    expected: tooLarge,
    why: 'a 503 may be the last one, so its body is read; too large is too large, and is not tried again',
  },
  labelled('C11', '5 codings', 'gzip, gzip, gzip, gzip, gzip', zipped(5), whole(text)),
  labelled('C11', '6 codings', 'gzip, gzip, gzip, gzip, gzip, gzip', zipped(6), unsupported),
  labelled('C11', '1,000 codings', Array.from({ length: 1000 }, () => 'gzip').join(), zipped(1), unsupported),
  {
    id: 'C12',
    fault: 'two Content-Encoding headers',
    answer: send(okay(['Content-Encoding: gzip', 'Content-Encoding: gzip'], zipped(2))),
    expected: whole(text),
  },
  labelled('C13', 'identity in a chain', 'deflate, identity, gzip', gzipSync(coded.deflate), whole(text)),
  labelled('C14', 'an unknown coding', 'compress', 'x', unsupported),
  labelled('C14', 'a coding that is a control character', '\u0085gzip', 'x', unsupported),
  labelled('C14', 'an unknown coding in a chain', 'gzip, lzma', 'x', unsupported),
  ...['GZIP', 'x-gzip', ' gzip ', 'gzip,', ',gzip'].map((label) =>
    labelled('C15', `the label ${JSON.stringify(label)}`, label, coded.gzip, whole(text)),
  ),
  labelled('C16', 'two gzip members', 'gzip', Buffer.concat([coded.gzip, coded.gzip]), whole(text + text)),
  labelled('C16', 'two zstd frames', 'zstd', Buffer.concat([coded.zstd, coded.zstd]), whole(text + text)),
  ...names.map((name) =>
    labelled(
      'C17',
      `${name} and bytes after it`,
      name,
      Buffer.concat([coded[name], Buffer.from('garbage')]),
      undecodable,
    ),
  ),
];

function zipped(times: number): Buffer {
  let body = Buffer.from(text);
  for (let time = 0; time < times; time += 1) body = gzipSync(body);
  return body;
}
