import { describe, expect, test } from 'vitest';
import { continuationOf, rangeHeaders, validatorOf } from '../../src/http/range.ts';
import type { ResponseHeaders } from '../../src/http/result.ts';

describe('validatorOf()', () => {
  const date = 'Sat, 28 Nov 2026 07:00:00 GMT';
  test.each<[what: string, status: number, headers: ResponseHeaders, validator: string | undefined]>([
    ['a strong ETag', 200, { etag: '"a1"' }, '"a1"'],
    ['a weak ETag', 200, { etag: 'W/"a1"', 'last-modified': 'Fri, 27 Nov 2026 07:00:00 GMT', date }, undefined],
    ['an ETag without quotes', 200, { etag: 'a1' }, undefined],
    [
      'a date a minute old',
      200,
      { 'last-modified': 'Sat, 28 Nov 2026 06:59:00 GMT', date },
      'Sat, 28 Nov 2026 06:59:00 GMT',
    ],
    ['a date a second old', 200, { 'last-modified': 'Sat, 28 Nov 2026 06:59:59 GMT', date }, undefined],
    ['a date without a Date', 200, { 'last-modified': 'Sat, 28 Nov 2026 06:59:00 GMT' }, undefined],
    ['nothing', 200, {}, undefined],
    ['a coded body', 200, { etag: '"a1"', 'content-encoding': 'gzip' }, undefined],
    ['the coding identity', 200, { etag: '"a1"', 'content-encoding': 'identity' }, '"a1"'],
    ['another status', 203, { etag: '"a1"' }, undefined],
  ])('of %s', (_, status, headers, validator) => {
    expect(validatorOf(status, headers)).toBe(validator);
  });
});

test('rangeHeaders() ask for the rest, uncoded, and only if the body is the same', () => {
  expect(rangeHeaders({ length: 5000, total: 10_000, validator: '"v"' })).toEqual([
    ['range', 'bytes=5000-'],
    ['if-range', '"v"'],
    ['accept-encoding', 'identity'],
  ]);
});

describe('continuationOf() a part of 5,000 of 10,000 bytes', () => {
  const part = { length: 5000, total: 10_000, validator: '"v"' };
  const range = (value: string, more: ResponseHeaders = {}): ResponseHeaders => ({
    'content-range': value,
    etag: '"v"',
    ...more,
  });
  test.each<[what: string, status: number, headers: ResponseHeaders, expected: object]>([
    ['the rest', 206, range('bytes 5000-9999/10000'), { kind: 'append', at: 5000 }],
    ['the rest without an ETag', 206, { 'content-range': 'bytes 5000-9999/10000' }, { kind: 'append', at: 5000 }],
    ['more than the rest', 206, range('bytes 4096-9999/10000'), { kind: 'append', at: 4096 }],
    ['a gap', 206, range('bytes 5001-9999/10000'), { kind: 'discard' }],
    ['less than the rest', 206, range('bytes 5000-9998/10000'), { kind: 'discard' }],
    ['another total', 206, range('bytes 5000-9999/10001'), { kind: 'discard' }],
    ['another ETag', 206, range('bytes 5000-9999/10000', { etag: '"w"' }), { kind: 'discard' }],
    ['a coded body', 206, range('bytes 5000-9999/10000', { 'content-encoding': 'gzip' }), { kind: 'discard' }],
    ['an unknown total', 206, range('bytes 5000-9999/*'), { kind: 'discard' }],
    ['no Content-Range', 206, {}, { kind: 'discard' }],
    ['several ranges', 206, { 'content-type': 'multipart/byteranges; boundary=x' }, { kind: 'discard' }],
    ['another unit', 206, range('lines 5000-9999/10000'), { kind: 'discard' }],
    ['numbers beyond all measure', 206, range(`bytes 5000-9999/${'9'.repeat(400)}`), { kind: 'discard' }],
    ['the whole', 200, {}, { kind: 'restart' }],
    ['416, all there', 416, range('bytes */5000'), { kind: 'complete' }],
    ['416 under another ETag', 416, range('bytes */5000', { etag: '"w"' }), { kind: 'discard' }],
    ['416 without an ETag', 416, { 'content-range': 'bytes */5000' }, { kind: 'discard' }],
    ['416 of a shorter body', 416, range('bytes */3000'), { kind: 'discard' }],
    ['416 that says nothing', 416, {}, { kind: 'discard' }],
    ['another status', 503, {}, { kind: 'other' }],
  ])('by %s', (_, status, headers, expected) => {
    expect(continuationOf(part, status, headers)).toEqual(expected);
  });
});
