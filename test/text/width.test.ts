import { spawnSync } from 'node:child_process';
import * as fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { shorten, widthOf } from '../../src/text/width.ts';
import { printable } from '../../src/text/printable.ts';
import { nastyStrings } from '../helpers/servers/nasty.ts';

const texts = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.webUrl(),
  fc.constantFrom(...nastyStrings),
);

test.each([
  ['', 0],
  ['https://example.com/', 20],
  ['日本語', 6],
  ['ｆｕｌｌ', 8],
  ['e\u0301', 1],
  ['😀', 2],
  ['Ελλάδα', 6],
  ['…', 1],
  ['한국어', 6],
  ['ไทย', 3],
  ['\u{20000}', 2],
])('widthOf(%j) is %j', (text, width) => {
  expect(widthOf(text)).toBe(width);
});

describe('shorten()', () => {
  test.each([
    ['https://example.com/', 20, 'https://example.com/'],
    ['https://example.com/a', 20, 'https://ex…ple.com/a'],
    ['abcdefghij', 10, 'abcdefghij'],
    ['abcdefghij', 9, 'abcd…ghij'],
    ['abcdefghij', 8, 'abcd…hij'],
    ['abcdefghij', 2, 'a…'],
    ['abcdefghij', 1, '…'],
    ['日本語日本語', 12, '日本語日本語'],
    ['日本語日本語', 10, '日本…本語'],
    // Columns that a wide character leaves free at the front go to the back.
    ['日本語日本語', 11, '日本…日本語'],
    // A wide character that does not fit leaves a column empty.
    ['日本語日本語', 8, '日本…語'],
    ['日本語日本語', 7, '日…本語'],
    ['日本語日本語', 2, '…'],
    ['example.com', 0, ''],
    ['日本語', 0, ''],
    ['', 0, ''],
    ['e\u0301'.repeat(5), 5, 'e\u0301'.repeat(5)],
    ['e\u0301'.repeat(5), 3, 'e\u0301…e\u0301'],
  ])('of %j to %j columns is %j', (text, columns, short) => {
    expect(shorten(text, columns)).toBe(short);
  });

  test('keeps the given share of the front', () => {
    expect(shorten('0123456789', 6, 0.8)).toBe('0123…9');
  });

  test('never exceeds its columns and never cuts text that fits', () => {
    fc.assert(
      fc.property(texts, fc.integer({ min: 0, max: 80 }), (text, columns) => {
        const shown = printable(text);
        const short = shorten(shown, columns);
        expect(stringWidth(short)).toBeLessThanOrEqual(columns);
        if (stringWidth(shown) <= columns) expect(short).toBe(shown);
        else expect(short).toContain(columns > 0 ? '…' : '');
      }),
    );
  });

  test('never splits a character', () => {
    fc.assert(
      fc.property(texts, fc.integer({ min: 1, max: 40 }), (text, columns) => {
        expect(shorten(printable(text), columns).isWellFormed()).toBe(true);
      }),
    );
  });

  test('looks only at the ends of a very long text', () => {
    for (const text of ['a'.repeat(65_000), '語'.repeat(65_000), 'e\u0301'.repeat(30_000), '\u0301'.repeat(65_000)]) {
      const startedAt = performance.now();
      for (let time = 0; time < 20; time += 1) expect(stringWidth(shorten(text, 40))).toBeLessThanOrEqual(40);
      expect(performance.now() - startedAt).toBeLessThan(2000);
    }
  });
});

test('width.ts loads string-width only for text that is not ASCII', () => {
  const script = `
    import { createRequire } from 'node:module';
    import { shorten } from ${JSON.stringify(new URL('../../src/text/width.ts', import.meta.url))};
    const isLoaded = () => Object.keys(createRequire(${JSON.stringify(import.meta.url)}).cache).some((file) => file.includes('string-width'));
    const texts = [shorten('example.com', 5), isLoaded(), shorten('日本語日本語', 5), isLoaded()];
    console.log(JSON.stringify(texts));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  expect([stdout.trim(), stderr]).toEqual([JSON.stringify(['ex…om', false, '日…語', true]), '']);
});
