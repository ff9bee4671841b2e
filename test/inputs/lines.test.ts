import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readLines } from '../helpers/read-lines.ts';
import { maxUrlLength, parseRequest } from '../../src/http/request.ts';
import { collect } from '../helpers/collect.ts';
import { nastyStrings } from '../helpers/servers/nasty.ts';

type Chunk = string | readonly number[] | Uint8Array;

async function linesOf(...chunks: Chunk[]): Promise<string[]> {
  return collect(readLines(bytesOf(chunks)));
}

async function* bytesOf(chunks: readonly Chunk[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield typeof chunk === 'string' ? Buffer.from(chunk) : Uint8Array.from(chunk);
}

describe('readLines()', () => {
  test.each([
    ['one URL on each line', 'http://a/\nhttp://b/\n', ['http://a/', 'http://b/']],
    ['a last line without a line break', 'http://a/\nhttp://b/', ['http://a/', 'http://b/']],
    ['CRLF as LF', 'http://a/\r\n\r\nhttp://b/\r\n', ['http://a/', 'http://b/']],
    ['a single CR as part of the line', 'http://a/\rhttp://b/\n', ['http://a/\rhttp://b/']],
    ['no blanks around a URL', ' \t http://a/ b \t\r\n \t \n', ['http://a/ b']],
    ['no comments', '# one\n  # two\r\nhttp://a/#fragment\n#', ['http://a/#fragment']],
    ['no byte order mark', '\ufeffhttp://a/\n', ['http://a/']],
    ['a comment right after the byte order mark', '\ufeff# one\n', []],
    ['other white space as part of the line', '\u000bhttp://a/\u0085\u2028\n', ['\u000bhttp://a/\u0085\u2028']],
    ['the same line twice', 'http://a/\nhttp://a/\n', ['http://a/', 'http://a/']],
    ['nothing in an empty list', '', []],
    ['nothing in an empty line', '\n', []],
    ['NUL and other controls', 'http://a/\u0000\u0001\n', ['http://a/\u0000\u0001']],
  ])('reads %s', async (_, text, lines) => {
    expect(await linesOf(text)).toEqual(lines);
  });

  test('replaces invalid UTF-8 by U+FFFD', async () => {
    expect(await linesOf([0x61, 0xff, 0xc3, 0x0a, 0x62, 0xe2, 0x82])).toEqual(['a\ufffd\ufffd', 'b\ufffd']);
  });

  test.each([
    ['UTF-16 LE', [0xff, 0xfe, 0x68, 0x00, 0xe9, 0x00, 0x0a, 0x00, 0x62, 0x00]],
    ['UTF-16 BE', [0xfe, 0xff, 0x00, 0x68, 0x00, 0xe9, 0x00, 0x0a, 0x00, 0x62]],
  ])('reads %s by its byte order mark, also in single bytes', async (_, bytes) => {
    expect(await linesOf(bytes)).toEqual(['hé', 'b']);
    expect(await linesOf(...bytes.map((byte) => [byte]))).toEqual(['hé', 'b']);
  });

  test.each([
    [
      'a ZIP archive',
      [0x50, 0x4b, 0x03, 0x04, 0x14],
      /it is a ZIP archive, perhaps an Excel workbook; save it as CSV$/,
    ],
    ['gzip that is cut off', [0x1f, 0x8b, 0x08, 0x00], /gzip/],
  ])('refuses %s, also in single bytes', async (_, bytes, message) => {
    await expect(linesOf(bytes)).rejects.toThrow(message);
    await expect(linesOf(...bytes.map((byte) => [byte]))).rejects.toThrow(message);
  });

  test('names the list in its message', async () => {
    const lines = readLines(bytesOf(['PK\u0003\u0004']), 'my\u001blist.txt');
    await expect(lines.next()).rejects.toThrow(String.raw`Cannot read my\x1blist.txt: it is a ZIP archive`);
  });

  test('gives the same lines in any chunks', async () => {
    const line = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(...nastyStrings, 'http://a/', '#x', ' \t', '\r'),
    );
    const bytes = fc.oneof(
      fc.array(line).map((lines) => Buffer.from(lines.join('\n'))),
      fc.uint8Array({ maxLength: 60 }),
      fc
        .array(fc.constantFrom(0x0a, 0x0d, 0x20, 0x23, 0x61, 0xc3, 0xa9, 0xef, 0xbb, 0xbf), { maxLength: 30 })
        .map((list) => Uint8Array.from(list)),
    );
    await fc.assert(
      fc.asyncProperty(bytes, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), async (all, sizes) => {
        fc.pre(!/^(fffe|feff|1f8b)/.test(Buffer.from(all).toString('hex')));
        expect(await linesOf(...split(all, sizes))).toEqual(await linesOf(all));
      }),
    );
  });

  test('agrees with a simple parser of the whole text', async () => {
    const text = fc
      .array(fc.constantFrom('a', 'é', '😀', ' ', '\t', '#', '\n', '\r\n', '\r'))
      .map((parts) => parts.join(''));
    await fc.assert(
      fc.asyncProperty(text, async (whole) => {
        const lines = whole.split('\n').map((line) => line.replace(/\r$/, '').replace(/^[ \t]+|[ \t]+$/g, ''));
        expect(await linesOf(whole)).toEqual(lines.filter((line) => line !== '' && !line.startsWith('#')));
      }),
    );
  });

  test('cuts a line that is too long for a URL, and reads on', async () => {
    const [long, next] = await linesOf(`http://a/${'x'.repeat(1_000_000)}\nhttp://b/\n`);
    expect(long).toHaveLength(maxUrlLength + 1);
    expect(parseRequest(long!, [])).toMatchObject({ error: { code: 'URL_TOO_LONG' } });
    expect(next).toBe('http://b/');
  });

  test.each([
    ['x', maxUrlLength],
    ['é', maxUrlLength],
    ['日', maxUrlLength],
    ['😀', maxUrlLength / 2],
  ])('keeps the longest possible line whole, written with %s', async (character, times) => {
    const line = character.repeat(times);
    expect(await linesOf(line)).toEqual([line]);
    expect(await linesOf(...split(Buffer.from(line), [4096]))).toEqual([line]);
    expect((await linesOf(`${line}y`))[0]).toHaveLength(maxUrlLength + 1);
  });

  test.each([
    ['blanks, then more', `http://a/${' '.repeat(300_000)}b`],
    ['blanks', `http://a/${' '.repeat(300_000)}`],
    ['no-break spaces', `http://a/${'\u00a0'.repeat(100_000)}`],
    ['emoji', '😀'.repeat(100_000)],
  ])('refuses a line that is too long because of %s, in one chunk or several', async (_, line) => {
    const [whole] = await linesOf(line);
    const [pieces] = await linesOf(...split(Buffer.from(line), [1, 65_536, 333]));
    expect(parseRequest(whole!, [])).toMatchObject({ error: { code: 'URL_TOO_LONG' } });
    expect(pieces).toBe(whole);
  });

  test('reads a URL after a million blanks', async () => {
    const line = Buffer.from(`${' '.repeat(1_000_000)}http://a/\n`);
    expect(await linesOf(line)).toEqual(['http://a/']);
    expect(await linesOf(...split(line, [4096]))).toEqual(['http://a/']);
  });

  test('skips a comment of any length', async () => {
    expect(await linesOf(...split(Buffer.from(`#${'x'.repeat(1_000_000)}\nhttp://a/`), [65_536]))).toEqual([
      'http://a/',
    ]);
  });

  test('reads a line of a gigabyte in bounded memory', async () => {
    const chunk = Buffer.alloc(1 << 20, 'x');
    async function* gigabyte(): AsyncGenerator<Uint8Array> {
      for (let written = 0; written < 1024; written += 1) yield chunk;
      yield Buffer.from('\nhttp://b/');
    }
    const before = process.memoryUsage().rss;
    const lines = await collect(readLines(gigabyte()));
    expect(lines.map((line) => line.length)).toEqual([maxUrlLength + 1, 9]);
    expect(process.memoryUsage().rss - before).toBeLessThan(50_000_000);
  });

  test('copies the bytes it keeps', async () => {
    const reused = Buffer.alloc(4);
    async function* chunks(): AsyncGenerator<Uint8Array> {
      for (const piece of ['abcd', 'efgh', 'ij\nk']) {
        reused.write(piece);
        yield reused;
      }
    }
    expect(await collect(readLines(chunks()))).toEqual(['abcdefghij', 'k']);
  });

  test('gives each line as soon as it is complete', async () => {
    const source = Promise.withResolvers<void>();
    async function* chunks(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('http://a/\nhttp');
      await source.promise;
      yield Buffer.from('://b/');
    }
    const lines = readLines(chunks());
    expect(await lines.next()).toEqual({ done: false, value: 'http://a/' });
    source.resolve();
    expect(await lines.next()).toEqual({ done: false, value: 'http://b/' });
  });

  test('closes its source when the consumer leaves', async () => {
    let closed = false;
    async function* chunks(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield Buffer.from('http://a/\n');
      } finally {
        closed = true;
      }
    }
    for await (const _ of readLines(chunks())) break;
    expect(closed).toBe(true);
  });
});

function split(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let turn = 0;
  for (let at = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length]!;
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return pieces;
}
