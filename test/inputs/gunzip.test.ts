import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { InputError } from '../../src/inputs/input-error.ts';
import { readLines } from '../helpers/read-lines.ts';
import { collect } from '../helpers/collect.ts';

const lines = Array.from({ length: 20_000 }, (_, at) => `http://host/${at}`);
const packed = gzipSync(lines.join('\n'));

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const read = (bytes: Uint8Array, name: string, size = 1000): Promise<string[]> =>
  collect(readLines(inPieces(bytes, size), name));

test.each([1, 2, 3, 1000, 1e9])('unpack() recognizes gzip by its first bytes, in chunks of %i bytes', async (size) => {
  // Tiny chunks of a long list take seconds and show no more.
  const some = size < 1000 ? lines.slice(0, 2000) : lines;
  expect(await read(gzipSync(some.join('\n')), 'list', size)).toEqual(some);
});

test('unpack() reads several gzip members, as `cat a.gz b.gz` makes them', async () => {
  expect(await read(Buffer.concat([gzipSync('a\n'), gzipSync('b\n')]), 'x.gz')).toEqual(['a', 'b']);
});

test('unpack() passes on data that is not gzip, even if it is short or empty', async () => {
  expect(await read(Buffer.from('a'), 'list')).toEqual(['a']);
  expect(await read(Buffer.alloc(0), 'list')).toEqual([]);
});

test.each([
  ['cut off', packed.subarray(0, -20), /its gzip data is cut off; download it again$/],
  ['cut off after its first bytes', packed.subarray(0, 2), /its gzip data is cut off/],
  ['damaged', Buffer.concat([packed.subarray(0, 5000), Buffer.alloc(500), packed.subarray(5500)]), /is damaged/],
  ['not gzip', Buffer.from('http://a/\n'), /it is not gzip, although its name ends in .gz$/],
  ['empty', Buffer.alloc(0), /it is not gzip, although its name ends in .gz$/],
])('unpack() refuses a .gz that is %s', async (_, bytes, message) => {
  const error: unknown = await read(bytes, 'list.gz').catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(InputError);
  expect((error as Error).message).toMatch(message);
});

test('unpack() gives lines as they arrive, and closes a silent source', async () => {
  let isClosed = false;
  async function* silent(): AsyncGenerator<Uint8Array> {
    try {
      yield packed;
      yield Buffer.alloc(0);
    } finally {
      isClosed = true;
    }
  }
  for await (const line of readLines(silent(), 'list')) {
    expect(line).toBe(lines[0]);
    break;
  }
  await expect.poll(() => isClosed).toBe(true);
});
