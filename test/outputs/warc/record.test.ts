import { expect, test } from 'vitest';
import { archivedHead, recordHead } from '../../../src/outputs/warc/record.ts';

const head = (fields: readonly string[], bodyLength?: number): string =>
  archivedHead({ protocol: 'HTTP/1.1', status: 200, statusText: 'OK', fields }, bodyLength).toString('latin1');

test.each([
  ['no framing', ['A', '1'], 3, 'A: 1\r\nContent-Length: 3\r\n'],
  ['a length', ['CONTENT-length', '9', 'A', '1'], 3, 'CONTENT-length: 3\r\nA: 1\r\n'],
  ['the length twice', ['Content-Length', '9', 'A', '1', 'content-length', '9'], 3, 'Content-Length: 3\r\nA: 1\r\n'],
  ['a transfer coding', ['Transfer-Encoding', 'gzip, chunked', 'A', '1'], 3, 'A: 1\r\nContent-Length: 3\r\n'],
  ['a content coding', ['Content-Encoding', 'gzip'], 3, 'Content-Encoding: gzip\r\nContent-Length: 3\r\n'],
  ['no body', ['Content-Length', '9', 'A', '1'], undefined, 'Content-Length: 9\r\nA: 1\r\n'],
  ['bytes of Latin-1', ['X', '\u00e9'], 0, 'X: \u00e9\r\nContent-Length: 0\r\n'],
] as const)('archivedHead() of a response with %s', (_, fields, bodyLength, expected) => {
  expect(head(fields, bodyLength)).toBe(`HTTP/1.1 200 OK\r\n${expected}\r\n`);
});

test('archivedHead() gives HTTP/2 the form of HTTP/1.1, and leaves a reason phrase as it was', () => {
  const fields = ['a', '1'];
  const text = (protocol: 'HTTP/1.0' | 'HTTP/1.1' | 'HTTP/2', status: number, statusText: string): string =>
    archivedHead({ protocol, status, statusText, fields }, 0).toString().split('\r\n')[0]!;
  expect(text('HTTP/2', 404, '')).toBe('HTTP/1.1 404 Not Found');
  expect(text('HTTP/2', 799, '')).toBe('HTTP/1.1 799 ');
  expect(text('HTTP/1.0', 200, '')).toBe('HTTP/1.0 200 ');
});

test('recordHead() ends with the length of the block', () => {
  expect(recordHead([['WARC-Type', 'x']], 12).toString()).toBe(
    'WARC/1.1\r\nWARC-Type: x\r\nContent-Length: 12\r\n\r\n',
  );
});
