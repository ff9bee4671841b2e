import { send, sendThenClose } from '../helpers/servers/raw-server.ts';
import { fails, whole, type Expected, type FaultCase } from './fault-case.ts';
import { chunked, drip, empty, okay, reply, sized } from './replies.ts';

const hint = 'HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n';
const lines = (count: number): string[] => Array.from({ length: count }, (_, at) => `X-${at}: ${at}`);
const notHttp = fails('HTTP_PROTOCOL', { length: 0 });

/** A head that gives the length of its body twice or in an odd way; the body is `ok`. */
const length = (fault: string, headers: readonly string[], expected: Expected, why?: string): FaultCase => ({
  id: fault.slice(0, 3),
  fault: fault.slice(4),
  answer: sendThenClose(`HTTP/1.1 200 OK\r\n${headers.join('\r\n')}\r\n\r\nok`),
  expected,
  ...(why === undefined ? {} : { why }),
});

/** Group B: status line and headers. */
export const heads: readonly FaultCase[] = [
  ...[
    'nonsense\r\n\r\n',
    '<html>HTTP/0.9</html>',
    'SSH-2.0-OpenSSH_9.6\r\n',
    '220 mail.example.com ESMTP\r\n',
    '\u0015\u0003\u0001\0\u0002\u0002\u0016',
    'GET / HTTP/1.1\r\nHost: x\r\n\r\n',
    'http/1.1 200 OK\r\n\r\n',
    '\0',
  ].map((bytes): FaultCase => ({
    id: 'B1',
    fault: `${JSON.stringify(bytes)} in place of a status line`,
    answer: send(bytes),
    expected: notHttp,
  })),
  { id: 'B2', fault: 'HTTP/1.2', answer: send('HTTP/1.2 200 OK\r\nContent-Length: 0\r\n\r\n'), expected: notHttp },
  { id: 'B2', fault: 'HTTP/3.0', answer: send('HTTP/3.0 200 OK\r\nContent-Length: 0\r\n\r\n'), expected: notHttp },
  {
    id: 'B2',
    fault: 'HTTP/2.0 as text',
    answer: send('HTTP/2.0 200 OK\r\nContent-Length: 2\r\n\r\nok'),
    expected: whole('ok'),
    why: 'llhttp takes it for HTTP/1.1, and so does curl; the framing is what it says',
  },
  {
    id: 'B3',
    fault: 'one header of 17 KB',
    answer: send(okay([`X: ${'x'.repeat(17_000)}`])),
    expected: whole('ok'),
  },
  { id: 'B3', fault: 'a head of 60 KB', answer: send(okay([`X: ${'x'.repeat(60_000)}`])), expected: whole('ok') },
  {
    id: 'B4',
    fault: 'one header of 100 KB',
    answer: send(okay([`X: ${'x'.repeat(100_000)}`])),
    expected: fails('HEADERS_TOO_LARGE'),
    why: 'curl allows 300 KB',
  },
  {
    id: 'B4',
    fault: 'a header name of 100 KB',
    answer: send(okay([`${'x'.repeat(100_000)}: 1`])),
    expected: fails('HEADERS_TOO_LARGE'),
  },
  { id: 'B5', fault: '900 headers', answer: send(okay(lines(900))), expected: whole('ok') },
  { id: 'B5', fault: '10,000 headers', answer: send(okay(lines(10_000))), expected: fails('HEADERS_TOO_LARGE') },
  ...['000', '099', '1000', '-12', '2x0', '20', '', '2 00'].map((status): FaultCase => ({
    id: Number(status) < 100 ? 'B7' : 'B9',
    fault: `status ${JSON.stringify(status)}`,
    answer: send(reply(`${status} OK`)),
    expected: notHttp,
  })),
  ...[600, 999].map((status): FaultCase => ({
    id: 'B8',
    fault: `status ${status}`,
    answer: send(reply(`${status} What`, [], 'ok')),
    expected: whole('ok', { status }),
  })),
  { id: 'B10', fault: 'no reason phrase, and no blank', answer: send(reply('200')), expected: whole() },
  { id: 'B10', fault: 'an empty reason phrase', answer: send(reply('200 ')), expected: whole() },
  {
    id: 'B10',
    fault: 'a reason phrase of 8 KB of latin-1',
    answer: send(reply(`200 ${'\u00e9'.repeat(8192)}`)),
    expected: whole(),
  },
  {
    id: 'B11',
    fault: 'bare LF as every line end',
    answer: send('HTTP/1.1 200 OK\nContent-Length: 2\n\nok'),
    expected: notHttp,
    why: 'llhttp refuses what smuggling is made of (RFC 9112 section 2.2 allows both); curl reads it',
  },
  { id: 'B12', fault: 'an empty line before the status line', answer: send(`\r\n${empty}`), expected: whole() },
  ...['Foo : bar', 'Foobar', ': bar', ' Foo: bar', 'Foo: a\r\n folded', 'F\u00e4: bar', 'F(o): bar'].map(
    (line): FaultCase => ({
      id: 'B13',
      fault: `the header line ${JSON.stringify(line)}`,
      answer: send(okay([line])),
      expected: notHttp,
      why: 'curl takes most of these as they are; RFC 9112 section 5.1 lets a client do as it likes',
    }),
  ),
  ...['a\0b', 'a\rb', 'a\nb', 'a\u001b[31mb', 'a\u007fb'].map((value): FaultCase => ({
    id: 'B14',
    fault: `the header value ${JSON.stringify(value)}`,
    answer: send(okay([`X: ${value}`])),
    expected: notHttp,
  })),
  {
    id: 'B14',
    fault: 'a header value with a NUL, after the Content-Length',
    answer: send('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX: a\0b\r\n\r\nok'),
    expected: fails('LENGTH_MISMATCH', { length: 0 }),
    why: 'once undici has seen a Content-Length, this is its word for whatever its parser does not like',
  },
  {
    id: 'B15',
    fault: 'UTF-8 in a header value',
    answer: send(okay(['X: \u00c3\u00a9\u00e2\u0082\u00ac'])),
    expected: whole('ok'),
  },
  length(
    'B16 Content-Length twice, the same',
    ['Content-Length: 2', 'Content-Length: 2'],
    fails('LENGTH_MISMATCH'),
    'undici cannot; curl and RFC 9110 section 8.6 allow it, or let it be refused',
  ),
  length('B16 Content-Length: 2, 2', ['Content-Length: 2, 2'], fails('LENGTH_MISMATCH'), 'as above'),
  length(
    'B17 Content-Length twice, not the same',
    ['Content-Length: 2', 'Content-Length: 3'],
    fails('LENGTH_MISMATCH'),
  ),
  length('B18 blanks after the Content-Length', ['Content-Length: 2  '], whole('ok')),
  length('B18 a blank after the Content-Length, and too little body', ['Content-Length: 20 '], fails('BODY_TRUNCATED')),
  length('B18 a blank after the Content-Length, and more than the body', ['Content-Length: 1 '], whole('o')),
  length('B18 a tab after the Content-Length', ['Content-Length: 2\t'], fails('LENGTH_MISMATCH'), 'llhttp refuses it'),
  ...['+2', '-2', '0x2', '2.0', '2a', '2;3', '18446744073709551616', '\u00b2'].map((value) =>
    length(`B19 Content-Length: ${value}`, [`Content-Length: ${value}`], fails('LENGTH_MISMATCH')),
  ),
  length('B19 a Content-Length of 2 ** 53 + 1', ['Content-Length: 9007199254740993'], fails('BODY_TOO_LARGE')),
  length('B19 an empty Content-Length', ['Content-Length:'], fails('LENGTH_MISMATCH')),
  {
    id: 'B20',
    fault: 'Content-Length and chunked',
    answer: send(`${chunked.replace('\r\n', '\r\nContent-Length: 12\r\n')}2\r\nok\r\n0\r\n\r\n`),
    expected: fails('LENGTH_MISMATCH'),
    why: 'response smuggling (RFC 9112 section 6.3); curl follows the chunks',
  },
  ...['gzip, chunked', 'gzip', 'xyz', 'identity', 'gzip, identity', 'chunked, chunked'].map((value): FaultCase => ({
    id: 'B21',
    fault: `Transfer-Encoding: ${value}`,
    answer: sendThenClose(`HTTP/1.1 200 OK\r\nTransfer-Encoding: ${value}\r\n\r\n2\r\nok\r\n0\r\n\r\n`),
    expected: fails('ENCODING_UNSUPPORTED', { length: 0 }),
  })),
  ...['chunked, identity', 'chunked, gzip', 'chunked\t', 'chunked,'].map((value): FaultCase => ({
    id: 'B22',
    fault: `Transfer-Encoding: ${value}`,
    answer: sendThenClose(`HTTP/1.1 200 OK\r\nTransfer-Encoding: ${value}\r\n\r\n2\r\nok\r\n0\r\n\r\n`),
    expected: notHttp,
  })),
  ...['Chunked', 'chunked  ', '\tchunked'].map((value): FaultCase => ({
    id: 'B22',
    fault: `Transfer-Encoding: ${JSON.stringify(value)}`,
    answer: send(`HTTP/1.1 200 OK\r\nTransfer-Encoding: ${value}\r\n\r\n2\r\nok\r\n0\r\n\r\n`),
    expected: whole('ok'),
  })),
  {
    id: 'B23',
    fault: 'chunked in HTTP/1.0',
    answer: sendThenClose('HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n'),
    expected: whole('ok'),
  },
  {
    id: 'B24',
    fault: 'an unsolicited 100 Continue, then the response',
    answer: send(`HTTP/1.1 100 Continue\r\n\r\n${sized(2)}ok`),
    expected: notHttp,
    why: 'undici takes it for an error ("bad response"); curl, and RFC 9110 section 15.2, pass it over',
  },
  { id: 'B25', fault: '103, then the response', answer: send(`${hint}${sized(2)}ok`), expected: whole('ok') },
  {
    id: 'B25',
    fault: '102, 199 and 103, then the response',
    answer: send(`HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 199 What\r\n\r\n${hint}${sized(2)}ok`),
    expected: whole('ok'),
  },
  { id: 'B26', fault: '103, then a close', answer: sendThenClose(hint), expected: fails('NO_RESPONSE') },
  {
    id: 'B27',
    fault: '20 times 103, then the response',
    answer: send(`${hint.repeat(20)}${empty}`),
    expected: whole(),
  },
  { id: 'B27', fault: '21 times 103', answer: send(`${hint.repeat(21)}${empty}`), expected: notHttp },
  {
    id: 'B27',
    fault: '103 at intervals, for ever, with a limit for the head',
    answer: drip('', hint, 60),
    options: { headersTimeoutMs: 700 },
    expected: fails('HEADERS_TIMEOUT'),
  },
  {
    id: 'B28',
    fault: 'an unsolicited 101',
    answer: send('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n'),
    expected: notHttp,
  },
  {
    id: 'B28',
    fault: '200 with Upgrade',
    answer: send(okay(['Connection: upgrade', 'Upgrade: h2c'])),
    expected: whole('ok'),
  },
  {
    id: 'B29',
    fault: 'Content-Type twice',
    answer: send(okay(['Content-Type: text/plain', 'Content-Type: text/html'])),
    expected: whole('ok'),
  },
  {
    id: 'B29',
    fault: '14 cookies of 4 KB',
    answer: send(okay(Array.from({ length: 14 }, (_, at) => `Set-Cookie: c${at}=${'x'.repeat(4096)}`))),
    expected: whole('ok'),
  },
  {
    id: 'B29',
    fault: '200 cookies of 4 KB',
    answer: send(okay(Array.from({ length: 200 }, (_, at) => `Set-Cookie: c${at}=${'x'.repeat(4096)}`))),
    expected: fails('HEADERS_TOO_LARGE'),
  },
  {
    id: 'B30',
    fault: 'headers named like object properties',
    answer: send(okay(['__proto__: a', 'constructor: b', 'toString: c', 'hasOwnProperty: d'])),
    expected: whole('ok'),
  },
];
