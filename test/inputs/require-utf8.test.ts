import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readRequests, type ReadRequestsOptions } from '../../src/inputs/read-requests.ts';
import type { RequestItem } from '../../src/inputs/request-item.ts';
import { requireUtf8 } from '../../src/inputs/require-utf8.ts';
import { collect } from '../helpers/collect.ts';
import { inChunks } from '../helpers/in-chunks.ts';

interface Read {
  readonly text: string;
  readonly error: string | undefined;
}

async function checked(bytes: Uint8Array, sizes: readonly number[]): Promise<Read> {
  const pieces: Buffer[] = [];
  try {
    for await (const piece of requireUtf8(buffers(bytes, sizes), 'people.csv')) pieces.push(Buffer.from(piece));
  } catch (error) {
    return { text: Buffer.concat(pieces).toString(), error: (error as Error).message };
  }
  return { text: Buffer.concat(pieces).toString(), error: undefined };
}

async function* buffers(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Buffer> {
  for (const chunk of inChunks(bytes, sizes)) yield Buffer.from(chunk);
}

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');

describe('requireUtf8()', () => {
  test('passes on any text, whatever the chunks', async () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 40 });
    const sizes = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(text, sizes, async (given, chunks) => {
        const whole = given.toWellFormed();
        expect(await checked(Buffer.from(whole), chunks)).toEqual({ text: whole, error: undefined });
      }),
    );
  });

  test.each<[name: string, bytes: Uint8Array, line: number, before: string]>([
    ['in the first line', latin1('Zo\u00eb\nb\n'), 1, ''],
    ['in the third line', latin1('a\nb\nZo\u00eb\nc\n'), 3, 'a\nb\n'],
    ['in the last line, which has no end', latin1('a\nZo\u00eb'), 2, 'a\n'],
    ['that ends within a character', Uint8Array.from([0x61, 0x0a, 0xe2, 0x82]), 2, 'a\n'],
    ['that has a lone continuation byte', Uint8Array.from([0x61, 0x0a, 0x80, 0x0a]), 2, 'a\n'],
    ['that has an overlong form', Uint8Array.from([0xc0, 0xaf, 0x0a]), 1, ''],
    ['that has a surrogate', Uint8Array.from([0x61, 0x0a, 0xed, 0xa0, 0x80, 0x0a]), 2, 'a\n'],
  ])('names the line of damage %s, and gives the lines before it', async (_, bytes, line, before) => {
    for (const sizes of [[1 << 16], [1], [3, 2]]) {
      const read = await checked(bytes, sizes);
      expect(read.error).toMatch(
        new RegExp(`^Cannot read people.csv: its line ${line} is not UTF-8; .*--input-charset, such as windows-1252`),
      );
      expect(read.text.startsWith(before)).toBe(true);
    }
  });
});

describe('readRequests() of a list that is not UTF-8', () => {
  async function read(
    bytes: Uint8Array,
    options: ReadRequestsOptions,
  ): Promise<{ items: RequestItem[]; error: string }> {
    const items: RequestItem[] = [];
    try {
      for await (const item of readRequests([bytes], options)) items.push(item);
    } catch (error) {
      return { items, error: (error as Error).message };
    }
    return { items, error: '' };
  }

  test.each<[ReadRequestsOptions['format'], string]>([
    ['csv', 'name,url\nAnn,http://a/\nZo\u00eb,http://b/\n'],
    ['tsv', 'name\turl\nAnn\thttp://a/\nZo\u00eb\thttp://b/\n'],
    ['jsonl', '# \n"http://a/"\n{"url":"http://b/","name":"Zo\u00eb"}\n'.slice(2)],
    ['curl', '#\ncurl http://a/\ncurl http://b/ -d Zo\u00eb\n'],
  ])('stops before the line, as %s', async (format, text) => {
    const { items, error } = await read(latin1(text), { format: format!, name: 'list' });
    expect(error).toContain('Cannot read list: its line 3 is not UTF-8');
    expect(items.map(({ url }) => url)).toEqual(format === 'curl' ? [] : ['http://a/']);
    const decoded = await read(latin1(text), { format: format!, charset: 'windows-1252' });
    expect([decoded.error, decoded.items.length]).toEqual(['', 2]);
  });

  test.each<[string, ReadRequestsOptions]>([
    ['a plain list', {}],
    ['a plain list with a template', { urlTemplate: 'http://c/?u={value}' }],
  ])('has a record for the line of %s, and goes on', async (_, options) => {
    const text = 'http://a/\nhttp://b/Zo\u00eb\nhttp://c/\ufffd\n';
    const bytes = Buffer.concat([latin1(text.slice(0, text.indexOf('http://c'))), Buffer.from('http://c/\ufffd\n')]);
    for (const sizes of [[1 << 16], [1], [5, 3]]) {
      const items = await collect(readRequests(inChunks(bytes, sizes), { format: 'lines', source: 'x', ...options }));
      expect(items.map((item) => ('error' in item ? item.error.code : 'request'))).toEqual([
        'request',
        'URL_INVALID',
        'request',
      ]);
      expect(items[1]).toMatchObject({
        url: 'http://b/Zo\ufffd',
        line: 2,
        source: 'x',
        error: { message: expect.stringMatching(/^Line is not UTF-8: .*--input-charset, such as windows-1252/) },
      });
    }
  });
});
