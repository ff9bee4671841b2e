import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { printable, printableJson, shownHost } from '../../src/text/printable.ts';
import { nastyStrings } from '../helpers/servers/nasty.ts';

/** Generates texts with many of the characters that matter. */
const anyText = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.integer({ max: 0xffff, min: 0 }).map((unit) => String.fromCharCode(unit)),
      fc.constantFrom(...nastyStrings),
    ),
  )
  .map((parts) => parts.join(''));

/** Written out here, independently of the code under test. */
const dangerous =
  // oxlint-disable-next-line no-control-regex -- they are what must not be left
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

describe('printable()', () => {
  test('leaves ordinary text as it is', () => {
    for (const text of ['', 'https://example.com/a?b=c#d', 'https://☃.net/straße/日本/😀']) {
      expect(printable(text)).toBe(text);
    }
  });

  test.each([
    ['\u001b[2J', String.raw`\x1b[2J`],
    ['a\r\nb\tc\u0000', String.raw`a\x0d\x0ab\x09c\x00`],
    ['\u007f\u009b', String.raw`\x7f\x9b`],
    ['\u202egnp.exe', String.raw`\u{202e}gnp.exe`],
    ['\u200b\ufeff\u2028', String.raw`\u{200b}\u{feff}\u{2028}`],
    ['\ud800!', String.raw`\u{d800}!`],
    ['\u{e0041}', String.raw`\u{e0041}`],
  ])('escapes %j', (text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  test('leaves nothing dangerous in any text', () => {
    fc.assert(fc.property(anyText, (text) => !dangerous.test(printable(text))));
  });

  test('gives the same result when called again', () => {
    expect([printable('\u001b'), printable('\u001b')]).toEqual([String.raw`\x1b`, String.raw`\x1b`]);
  });
});

describe('printableJson()', () => {
  test('leaves nothing dangerous, and the same value to read', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const shown = printableJson(JSON.stringify({ [text]: text }));
        expect(shown).not.toMatch(dangerous);
        expect(JSON.parse(shown)).toEqual({ [text]: text });
      }),
    );
  });
});

test.each([
  ['https://a.test', 'a.test'],
  ['https://a.test:8443', 'a.test:8443'],
  ['http://a.test', 'http://a.test'],
  ['https://\u001b[2J\u202e', '\\x1b[2J\\u{202e}'],
])('shownHost(%j) is %s', (host, shown) => {
  expect(shownHost(host)).toBe(shown);
});
