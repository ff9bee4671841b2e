import zlib from 'node:zlib';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ZstdFrames } from '../../../../src/transports/response/decoding/zstd-frames.ts';

/** Returns the end of each frame, fed in chunks that end at the cuts, and the final position. */
function walk(bytes: Uint8Array, cuts: readonly number[] = []): { ends: number[]; position: string } {
  const frames = new ZstdFrames();
  const ends: number[] = [];
  const borders = [...new Set([...cuts.map((cut) => cut % bytes.length), bytes.length])].toSorted((a, b) => a - b);
  let start = 0;
  for (const border of borders) {
    const chunk = bytes.slice(start, border);
    for (let at = 0; at < chunk.length;) {
      at = frames.advance(chunk, at);
      if (frames.position === 'between') ends.push(start + at);
    }
    start = border;
  }
  return { ends, position: frames.position };
}

const { constants } = zlib;
const content = fc.oneof(
  fc.uint8Array({ maxLength: 400 }),
  fc.nat(300_000).map((length) => new Uint8Array(length)),
  fc
    .tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.nat(5000))
    .map(([unit, count]) => Buffer.alloc(count, unit)),
);
const dataFrame = fc
  .record({
    body: content,
    level: fc.constantFrom(-5, 1, 3, 9, 19),
    checksum: fc.constantFrom(0, 1),
    contentSize: fc.constantFrom(0, 1),
    isPledged: fc.boolean(),
  })
  .map(({ body, level, checksum, contentSize, isPledged }) =>
    zlib.zstdCompressSync(body, {
      params: {
        [constants.ZSTD_c_compressionLevel]: level,
        [constants.ZSTD_c_checksumFlag]: checksum,
        [constants.ZSTD_c_contentSizeFlag]: contentSize,
      },
      ...(isPledged && { pledgedSrcSize: body.length }),
    }),
  );
const skippableFrame = fc.tuple(fc.nat(15), fc.uint8Array({ maxLength: 50 })).map(([kind, body]) => {
  const head = Buffer.alloc(8);
  head.writeUInt32LE(0x184d2a50 + kind, 0);
  head.writeUInt32LE(body.length, 4);
  return Buffer.concat([head, body]);
});
const frame = fc.oneof({ weight: 4, arbitrary: dataFrame }, { weight: 1, arbitrary: skippableFrame });
const cuts = fc.array(fc.nat(), { maxLength: 20 });

test('ZstdFrames finds the end of every frame, however the bytes are split', () => {
  fc.assert(
    fc.property(fc.array(frame, { minLength: 1, maxLength: 5 }), cuts, (frames, splits) => {
      let end = 0;
      const ends = frames.map(({ length }) => (end += length));
      expect(walk(Buffer.concat(frames), splits)).toEqual({ ends, position: 'between' });
    }),
  );
});

test('ZstdFrames is inside a frame after every byte but the last', () => {
  fc.assert(
    fc.property(frame, (bytes) => {
      const frames = new ZstdFrames();
      for (let at = 0; at < bytes.length; at++) {
        expect(frames.advance(bytes.subarray(at, at + 1), 0)).toBe(1);
        expect(frames.position).toBe(at === bytes.length - 1 ? 'between' : 'inside');
      }
    }),
  );
});

test('ZstdFrames is inside a frame wherever it is truncated', () => {
  fc.assert(
    fc.property(frame, fc.double({ min: 0, max: 1, noNaN: true }), cuts, (bytes, share, splits) => {
      const cut = bytes.subarray(0, 1 + Math.floor(share * (bytes.length - 2)));
      expect(walk(cut, splits)).toEqual({ ends: [], position: 'inside' });
    }),
  );
});

test('ZstdFrames is between frames before the first byte', () => {
  expect(new ZstdFrames().position).toBe('between');
});

const magic = [0x28, 0xb5, 0x2f, 0xfd];
test.each<[string, number[], string]>([
  ['dictionary id of 4 bytes, content size of 8', [...magic, 0xe3, ...Array(12).fill(9), 1, 0, 0], 'between'],
  ['dictionary id of 2 bytes, content size of 2', [...magic, 0x62, ...Array(4).fill(9), 1, 0, 0], 'between'],
  ['dictionary id of 1 byte, window, content size of 4', [...magic, 0x81, ...Array(6).fill(9), 1, 0, 0], 'between'],
  ['window only, checksum', [...magic, 0x04, 9, 1, 0, 0, 1, 2, 3, 4], 'between'],
  ['window only, checksum cut', [...magic, 0x04, 9, 1, 0, 0, 1, 2, 3], 'inside'],
  ['run of 2 MB as one byte', [...magic, 0x20, 9, 0xfb, 0xff, 0xff, 7], 'between'],
  ['run without its byte', [...magic, 0x20, 9, 0xfb, 0xff, 0xff], 'inside'],
  ['raw block, then the last one', [...magic, 0x20, 9, 0x10, 0, 0, 1, 2, 0x09, 0, 0, 3], 'between'],
  ['reserved block type', [...magic, 0x20, 9, 0x07, 0, 0], 'lost'],
  ['reserved bit of the descriptor', [...magic, 0x28], 'lost'],
  ['other magic number', [0x28, 0xb5, 0x2f, 0xfc], 'lost'],
  ['skippable frame of 4 GB', [0x50, 0x2a, 0x4d, 0x18, 0xff, 0xff, 0xff, 0xff, 1], 'inside'],
  ['skippable frame of nothing', [0x5f, 0x2a, 0x4d, 0x18, 0, 0, 0, 0], 'between'],
  ['number after the skippable ones', [0x60, 0x2a, 0x4d, 0x18, 0, 0, 0, 0], 'lost'],
])('ZstdFrames after a frame with %s', (_, bytes, position) => {
  expect(walk(Uint8Array.from(bytes)).position).toBe(position);
  expect(walk(Uint8Array.from(bytes), [...bytes.keys()]).position).toBe(position);
});
