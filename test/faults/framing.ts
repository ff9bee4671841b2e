import { send, sendThenClose, sendThenReset, type RawHandler } from '../helpers/servers/raw-server.ts';
import { fails, whole, type FaultCase } from './fault-case.ts';
import { chunked, drip, empty, okay, pour, reply, silence, sized, unframed } from './replies.ts';

const half = `${sized(10)}half!`;
const halfChunked = `${chunked}4\r\nhalf\r\n`;
const extension = (bytes: number): string => `${chunked}2;${'x'.repeat(bytes)}\r\nok\r\n0\r\n\r\n`;
const trailer = (line: string): string => `${chunked}2\r\nok\r\n0\r\n${line}\r\n\r\n`;
const head = { method: 'HEAD' };

/** Writes the bytes and closes a moment later, so that the bytes are read first. */
const sendPauseClose =
  (bytes: string): RawHandler =>
  (socket) => {
    socket.write(bytes);
    setTimeout(() => socket.end(), 20);
  };

/** Group A: TCP and the framing of bodies. Faults of reused connections are in keep-alive.test.ts. */
export const framing: readonly FaultCase[] = [
  { id: 'A1', fault: 'no listener', expected: fails('CONNECT_REFUSED', { requests: 0, length: 0 }) },
  { id: 'A5', fault: 'a reset before the head', answer: sendThenReset(), expected: fails('CONN_RESET', { length: 0 }) },
  {
    id: 'A6',
    fault: 'a close before the head',
    answer: sendThenClose(),
    expected: fails('NO_RESPONSE', { length: 0 }),
  },
  {
    id: 'A7',
    fault: 'a reset in the head',
    answer: sendThenReset('HTTP/1.1 200 OK\r\nX-Ha'),
    expected: fails('CONN_RESET'),
  },
  {
    id: 'A8',
    fault: 'a close in the head',
    answer: sendThenClose('HTTP/1.1 200 OK\r\nX-Ha'),
    expected: fails('NO_RESPONSE'),
    why: 'curl 7.88 takes what it has for a response of status 200, and ends with 0',
  },
  {
    id: 'A8',
    fault: 'a close in the status line',
    answer: sendThenClose('HTTP/1.1 2'),
    expected: fails('NO_RESPONSE'),
  },
  {
    id: 'A9',
    fault: 'a close before the empty line of the head',
    answer: sendThenClose('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n'),
    expected: fails('NO_RESPONSE'),
  },
  {
    id: 'A9',
    fault: 'a close between the two characters of the empty line',
    answer: sendThenClose('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r'),
    expected: fails('NO_RESPONSE'),
  },
  {
    id: 'A10',
    fault: 'a reset in a body of known length',
    answer: sendThenReset(half),
    expected: fails('BODY_TRUNCATED', { length: 5 }),
  },
  {
    id: 'A10',
    fault: 'a reset between head and body',
    answer: sendThenReset(sized(10)),
    expected: fails('BODY_TRUNCATED', { length: 0 }),
  },
  {
    id: 'A11',
    fault: 'a close in a body of known length',
    answer: sendThenClose(half),
    expected: fails('BODY_TRUNCATED', { length: 5 }),
  },
  {
    id: 'A11',
    fault: 'a close one byte before the end of a body',
    answer: sendThenClose(`${sized(5)}hell`),
    expected: fails('BODY_TRUNCATED', { length: 4 }),
  },
  {
    id: 'A11',
    fault: 'a close in a body of known length with Connection: close',
    answer: sendThenClose('HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 10\r\n\r\nhalf!'),
    expected: fails('BODY_TRUNCATED', { length: 5 }),
  },
  {
    id: 'A11',
    fault: 'a close in a body of an error page',
    answer: sendThenClose('HTTP/1.1 404 Not Found\r\nContent-Length: 10\r\n\r\nhalf!'),
    expected: fails('BODY_TRUNCATED', { length: 5 }),
  },
  {
    id: 'A11',
    fault: 'a close in a body of HTTP/1.0',
    answer: sendThenClose('HTTP/1.0 200 OK\r\nContent-Length: 10\r\n\r\nhalf!'),
    expected: fails('BODY_TRUNCATED', { length: 5 }),
  },
  {
    id: 'A12',
    fault: 'chunked, a close before the last chunk',
    answer: sendThenClose(halfChunked),
    expected: fails('BODY_TRUNCATED', { length: 4 }),
  },
  {
    id: 'A12',
    fault: 'chunked, a reset before the last chunk',
    answer: sendThenReset(halfChunked),
    expected: fails('BODY_TRUNCATED', { length: 4 }),
  },
  {
    id: 'A12',
    fault: 'chunked with Connection: close, a close before the last chunk',
    answer: sendThenClose(halfChunked.replace('\r\n', '\r\nConnection: close\r\n')),
    expected: fails('BODY_TRUNCATED', { length: 4 }),
  },
  {
    id: 'A12',
    fault: 'chunked, a close before the first chunk',
    answer: sendThenClose(chunked),
    expected: fails('BODY_TRUNCATED', { length: 0 }),
  },
  {
    id: 'A13',
    fault: 'chunked, a close inside a chunk',
    answer: sendThenClose(`${chunked}a\r\nhalf`),
    expected: fails('BODY_TRUNCATED', { length: 4 }),
  },
  {
    id: 'A13',
    fault: 'chunked, a close inside the size of a chunk',
    answer: sendThenClose(`${chunked}4\r\nhalf\r\n1`),
    expected: fails('BODY_TRUNCATED', { length: 4 }),
  },
  {
    id: 'A14',
    fault: 'chunked, a close right after the size of the last chunk',
    answer: sendThenClose(`${halfChunked}0\r\n`),
    expected: fails('BODY_TRUNCATED', { length: 4 }),
  },
  {
    id: 'A14',
    fault: 'chunked, a close inside the trailers',
    answer: sendThenClose(`${halfChunked}0\r\nX-Sum: 1`),
    expected: fails('BODY_TRUNCATED', { length: 4 }),
  },
  {
    id: 'A15',
    fault: 'no framing, an orderly close',
    answer: sendThenClose(`${unframed}whole?`),
    expected: whole('whole?', { complete: 'unverified' }),
  },
  {
    id: 'A15',
    fault: 'no framing, an orderly close before any body',
    answer: sendPauseClose(unframed),
    expected: whole('', { complete: 'unverified' }),
  },
  {
    id: 'A15',
    fault: 'HTTP/1.0 without framing, an orderly close',
    answer: sendThenClose('HTTP/1.0 200 OK\r\n\r\nold'),
    expected: whole('old', { complete: 'unverified' }),
  },
  {
    id: 'A16',
    fault: 'no framing, a reset in the body',
    answer: sendThenReset(`${unframed}half`),
    expected: fails('BODY_TRUNCATED', { length: 4 }),
  },
  {
    id: 'A16',
    fault: 'no framing, a reset before any body',
    answer: sendThenReset(unframed),
    expected: fails('BODY_TRUNCATED', { length: 0 }),
  },
  {
    id: 'A16',
    fault: 'no framing, HTTP/1.0, a reset in the body',
    answer: sendThenReset('HTTP/1.0 200 OK\r\n\r\nhalf'),
    expected: fails('BODY_TRUNCATED', { length: 4 }),
  },
  {
    id: 'A17',
    fault: 'no framing over TLS, a reset in the body',
    answer: sendThenReset(`${unframed}half`),
    over: 'tls',
    expected: fails('BODY_TRUNCATED', { length: 4 }),
  },
  {
    id: 'A17',
    fault: 'a body of known length over TLS, a reset',
    answer: sendThenReset(half),
    over: 'tls',
    expected: fails('BODY_TRUNCATED', { length: 5 }),
  },
  ...['zz', '0x3', '-3', '+3', '11111111111111111', '', ' 3'].map((size): FaultCase => ({
    id: 'A18',
    fault: `chunked, a chunk of size ${JSON.stringify(size)}`,
    answer: send(`${chunked}${size}\r\nabc\r\n0\r\n\r\n`),
    expected: fails('HTTP_PROTOCOL', { length: 0 }),
  })),
  {
    id: 'A18',
    fault: 'chunked, a chunk that is longer than it says',
    answer: send(`${chunked}2\r\nabc\r\n0\r\n\r\n`),
    expected: fails('HTTP_PROTOCOL'),
  },
  {
    id: 'A19',
    fault: 'a chunk extension of 16 KB',
    answer: send(extension(16_000)),
    expected: whole('ok'),
  },
  {
    id: 'A19',
    fault: 'a chunk extension of 64 KB',
    answer: send(extension(64_000)),
    expected: whole('ok'),
  },
  {
    id: 'A20',
    fault: 'a trailer',
    answer: send(trailer('X-Sum: 1')),
    expected: whole('ok'),
  },
  {
    id: 'A20',
    fault: 'a trailer of 100 KB',
    answer: send(trailer(`X: ${'x'.repeat(100_000)}`)),
    expected: fails('HEADERS_TOO_LARGE'),
  },
  {
    id: 'A20',
    fault: 'a NUL in a trailer',
    answer: send(trailer('X: a\0b')),
    expected: fails('HTTP_PROTOCOL'),
  },
  {
    id: 'A21',
    fault: 'no response, with a limit for the head',
    answer: silence,
    options: { headersTimeoutMs: 600 },
    expected: fails('HEADERS_TIMEOUT'),
  },
  {
    id: 'A21',
    fault: 'no response, with a limit for the attempt',
    answer: silence,
    options: { timeoutMs: 600 },
    expected: fails('TIMEOUT'),
  },
  {
    id: 'A21',
    fault: 'no response, with a retry',
    answer: silence,
    options: { headersTimeoutMs: 600, retry: { retries: 1 } },
    expected: fails('HEADERS_TIMEOUT', { attempts: 2 }),
  },
  {
    id: 'A22',
    fault: 'a head that arrives byte by byte, for ever',
    answer: drip('HTTP/1.1 200 OK\r\nX: ', 'x', 15),
    options: { headersTimeoutMs: 600 },
    expected: fails('HEADERS_TIMEOUT'),
  },
  {
    id: 'A23',
    fault: 'a head, then silence',
    answer: send(half),
    options: { idleTimeoutMs: 600 },
    expected: fails('BODY_TIMEOUT', { length: 5 }),
  },
  {
    id: 'A24',
    fault: 'a body that arrives byte by byte, for ever',
    answer: drip(unframed, 'x', 15),
    options: { timeoutMs: 1200, idleTimeoutMs: 900, headersTimeoutMs: 900 },
    expected: fails('TIMEOUT'),
  },
  {
    id: 'A24',
    fault: 'a body that arrives byte by byte, with a deadline',
    answer: drip(unframed, 'x', 15),
    options: { urlDeadlineMs: 900, retry: { retries: 2 } },
    expected: fails('DEADLINE'),
  },
  {
    id: 'A25',
    fault: 'endless chunks',
    answer: pour(chunked, `400\r\n${'x'.repeat(1024)}\r\n`),
    options: { maxBodyBytes: 100_000 },
    expected: fails('BODY_TOO_LARGE'),
  },
  {
    id: 'A25',
    fault: 'an endless body',
    answer: pour(unframed, 'x'.repeat(1024)),
    options: { maxBodyBytes: 100_000 },
    expected: fails('BODY_TOO_LARGE'),
  },
  {
    id: 'A26',
    fault: 'a Content-Length over the limit',
    answer: send(sized(100_001)),
    options: { maxBodyBytes: 100_000 },
    expected: fails('BODY_TOO_LARGE', { length: 0 }),
  },
  {
    id: 'A26',
    fault: 'a Content-Length over the default limit of 50 MB',
    answer: send(sized(50_000_001)),
    expected: fails('BODY_TOO_LARGE', { length: 0 }),
    libraryOnly: 'the command has no limit for a body that it only counts',
  },
  {
    id: 'A27',
    fault: 'a body of exactly the limit',
    answer: send(`${sized(1000)}${'x'.repeat(1000)}`),
    options: { maxBodyBytes: 1000 },
    expected: whole('x'.repeat(1000)),
  },
  {
    id: 'A27',
    fault: 'a body one byte longer than the limit, without framing',
    answer: sendThenClose(`${unframed}${'x'.repeat(1001)}`),
    options: { maxBodyBytes: 1000 },
    expected: fails('BODY_TOO_LARGE'),
  },
  {
    id: 'A33',
    fault: 'bytes after a complete body',
    answer: send(`${sized(2)}okay`),
    expected: whole('ok'),
  },
  {
    id: 'A33',
    fault: 'bytes after a complete body, then a close',
    answer: sendThenClose(`${sized(2)}okay`),
    expected: whole('ok'),
  },
  {
    id: 'A33',
    fault: 'bytes after the last chunk',
    answer: send(`${chunked}2\r\nok\r\n0\r\n\r\nay`),
    expected: whole('ok'),
  },
  {
    id: 'A33',
    fault: 'a reset right after a complete body of known length',
    answer: sendThenReset(`${sized(2)}ok`),
    expected: whole('ok'),
  },
  {
    id: 'A33',
    fault: 'a reset right after the last chunk',
    answer: sendThenReset(`${chunked}2\r\nok\r\n0\r\n\r\n`),
    expected: whole('ok'),
  },
  {
    id: 'A35',
    fault: '204 with a Content-Length and a body',
    answer: send(reply('204 No Content', [], 'body')),
    expected: whole('', { status: 204 }),
  },
  {
    id: 'A35',
    fault: '204 with Transfer-Encoding: chunked, and no body',
    answer: send('HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n'),
    expected: whole('', { status: 204 }),
  },
  {
    id: 'A36',
    fault: '205 with a body, which it must not have: its framing decides',
    answer: send(reply('205 Reset Content', [], 'ok')),
    expected: whole('ok', { status: 205 }),
    why: 'curl leaves it out; where the body ends is certain, so nothing is gained by not saying what came',
  },
  {
    id: 'A36',
    fault: '304 with a body',
    answer: send(reply('304 Not Modified', [], 'body')),
    expected: whole('', { status: 304 }),
  },
  {
    id: 'A37',
    fault: '304 to an unconditional request',
    answer: send('HTTP/1.1 304 Not Modified\r\nContent-Length: 1000\r\n\r\n'),
    options: { retry: { retries: 2 } },
    expected: whole('', { status: 304 }),
  },
  { id: 'A38', fault: 'a body after HEAD', answer: send(okay([], 'body')), request: head, expected: whole() },
  {
    id: 'A38',
    fault: 'a Content-Length without a body, after HEAD',
    answer: send(sized(1_000_000_000)),
    request: head,
    expected: whole(),
  },
  { id: 'A38', fault: 'chunked, after HEAD', answer: send(chunked), request: head, expected: whole() },
  { id: 'A38', fault: 'no framing, after HEAD', answer: send(unframed), request: head, expected: whole() },
  { id: 'A38', fault: 'nothing wrong', answer: send(empty), expected: whole() },
];
