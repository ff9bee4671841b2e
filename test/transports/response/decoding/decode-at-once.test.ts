import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { decodeAtOnce } from '../../../../src/transports/response/decoding/decode-at-once.ts';

const text = Buffer.from('{"hello":"world"}'.repeat(500));

const codings: [name: string, label: string, encode: (bytes: Uint8Array) => Buffer][] = [
  ['gzip', 'gzip', gzipSync],
  ['deflate', 'deflate', deflateSync],
  ['deflate without its wrapper', 'deflate', deflateRawSync],
  ['br', 'br', brotliCompressSync],
  ['zstd', 'zstd', (bytes) => zstdCompressSync(bytes)],
];

describe.for(codings)('decodeAtOnce() of %s', ([, label, encode]) => {
  const coded = encode(text);

  test('decodes a whole body', () => {
    expect(Buffer.from(decodeAtOnce(label, coded)!).equals(text)).toBe(true);
  });

  test('leaves a truncated body alone, wherever it ends', () => {
    const cuts = Array.from({ length: coded.length }, (_, at) => decodeAtOnce(label, coded.subarray(0, at)));
    expect(cuts.filter((body) => body !== undefined)).toEqual([]);
  });

  test.each(['x', '\0', '\0\0\0\0\0\0\0\0\0\0'])('leaves a body alone that is followed by %j', (more) => {
    expect(decodeAtOnce(label, Buffer.concat([coded, Buffer.from(more)]))).toBeUndefined();
  });

  test('leaves a bomb alone', () => {
    expect(decodeAtOnce(label, encode(Buffer.alloc(1_000_000)))).toBeUndefined();
  });
});

test.each(['br, gzip', 'unknown', 'identity', ''])('decodeAtOnce() leaves a body of coding %j alone', (label) => {
  expect(decodeAtOnce(label, gzipSync(text))).toBeUndefined();
});

test('decodeAtOnce() decodes several gzip members', () => {
  const coded = Buffer.concat([gzipSync(text), gzipSync('more')]);
  expect(Buffer.from(decodeAtOnce('gzip', coded)!).toString()).toBe(`${text.toString()}more`);
});

test('decodeAtOnce() leaves several zstd frames, and one with a window of 2 GB, alone', () => {
  const frame = zstdCompressSync(text);
  expect(decodeAtOnce('zstd', Buffer.concat([frame, frame]))).toBeUndefined();
  expect(decodeAtOnce('zstd', Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0xa8, 1, 0, 0]))).toBeUndefined();
});
