import { expect, test } from 'vitest';
import { llhttp } from '../../../src/transports/http1/llhttp.ts';
import { ResponseParser, type ParsedHead } from '../../../src/transports/http1/response-parser.ts';

const sentence =
  'The undici package no longer has the build of llhttp that src/transports/http1/llhttp.ts loads: compare lib/llhttp and ' +
  'lib/dispatcher/client-h1.js of the two versions before you change the version in package.json.';

test('undici ships the build of llhttp that we load', () => {
  expect(() => llhttp(), sentence).not.toThrow();
  for (const name of ['malloc', 'llhttp_alloc', 'llhttp_free', 'llhttp_execute', 'llhttp_finish'] as const) {
    expect(llhttp()[name], sentence).toBeTypeOf('function');
  }
});

/** Parses pieces one after the other, and returns all that was told. */
function parse(pieces: readonly string[]): {
  heads: ParsedHead[];
  body: string;
  ends: number;
  fault: string | undefined;
} {
  const seen = { heads: [] as ParsedHead[], body: '', ends: 0, fault: undefined as string | undefined };
  const parser = new ResponseParser({
    wantsStatusText: true,
    onBegin: () => true,
    onHead(head) {
      seen.heads.push({ ...head, fields: [...head.fields] });
      return 'body';
    },
    onBody: (piece) => void (seen.body += Buffer.from(piece).toString('latin1')),
    onEnd: () => void (seen.ends += 1),
  });
  for (const piece of pieces) {
    const fault = parser.execute(Buffer.from(piece, 'latin1'));
    if (fault) {
      seen.fault = fault.reason;
      break;
    }
  }
  parser.free();
  return seen;
}

const reply =
  'HTTP/1.1 200 Fine\r\nX-Empty:\r\nX-Last: \u00e4 b \r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n';

test('a response is parsed alike wherever it is cut', () => {
  const whole = parse([reply]);
  expect(whole).toMatchObject({ body: 'abc', ends: 1, fault: undefined });
  expect(whole.heads).toMatchObject([{ status: 200, isKeptAlive: true, minorVersion: 1 }]);
  expect(whole.heads[0]!.fields.slice(0, 4)).toEqual(['X-Empty', '', 'X-Last', expect.stringMatching(/^\u00e4 b ?$/)]);
  for (let at = 1; at < reply.length; at += 1) expect(parse([reply.slice(0, at), reply.slice(at)])).toEqual(whole);
  expect(parse(reply.split(''))).toEqual(whole);
});

test('no lenient flag is set', () => {
  const head = 'HTTP/1.1 200 OK\r\n';
  for (const lax of [
    `${head}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`,
    `${head}Content-Length: 1\r\nContent-Length: 1\r\n\r\n`,
    `${head}X : 1\r\n\r\n`,
    `${head}X: 1\n\n`,
    `${head}Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n`,
    `${head}Transfer-Encoding: chunked\r\n\r\n1 \r\na\r\n`,
    'HTTP/3.0 200 OK\r\n\r\n',
  ]) {
    expect(parse([lax]).fault, JSON.stringify(lax)).toBeTypeOf('string');
  }
});
