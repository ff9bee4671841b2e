import { expect, test } from 'vitest';
import { ByteBlocks } from '../../src/collections/byte-blocks.ts';

const numbered = (length: number): Buffer => Buffer.from(Array.from({ length }, (_, at) => at % 251));

test.each([1, 2, 7, 1023, 1024, 1025, 4096, 65_535, 65_536, 200_000])(
  'ByteBlocks joins pieces of %i bytes to what they were',
  (size) => {
    const whole = numbered(300_001);
    const blocks = new ByteBlocks();
    for (let at = 0; at < whole.length; at += size) blocks.append(whole.subarray(at, at + size));
    expect(blocks.length).toBe(whole.length);
    expect(Buffer.compare(blocks.join(), whole)).toBe(0);
  },
);

test('ByteBlocks joins small and large pieces in their order', () => {
  const pieces = [numbered(3), numbered(5000), numbered(0), numbered(2), numbered(90_000), numbered(1)];
  const blocks = new ByteBlocks();
  for (const piece of pieces) blocks.append(piece);
  expect(Buffer.compare(blocks.join(), Buffer.concat(pieces))).toBe(0);
});

test('ByteBlocks keeps a single piece as it is', () => {
  const piece = new Uint8Array([1, 2, 3]);
  const blocks = new ByteBlocks();
  blocks.append(piece);
  expect(blocks.join()).toBe(piece);
});

test('ByteBlocks does not keep the large buffer of a small piece', () => {
  const blocks = new ByteBlocks();
  blocks.append(new Uint8Array(65_536).subarray(0, 4000));
  expect(blocks.join().buffer.byteLength).toBeLessThanOrEqual(8000);
});

test('ByteBlocks without pieces is empty', () => {
  expect(new ByteBlocks().join()).toHaveLength(0);
});
