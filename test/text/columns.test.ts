import { describe, expect, test } from 'vitest';
import { columns, shorten } from '../../src/text/columns.ts';

test.each([
  ['', 0],
  ['https://example.com', 19],
  ['é', 1],
  ['e\u0301', 1],
  ['漢字', 4],
  ['ｆｕｌｌ', 8],
  ['한국어', 6],
  ['…', 1],
  ['🙂', 2],
  ['👩‍👩‍👧', 6],
  ['ไทย', 3],
  ['\u{20000}', 2],
])('columns() of %s are %d', (text, width) => {
  expect(columns(text)).toBe(width);
});

describe('shorten()', () => {
  test.each([
    ['example.com', 11, 'example.com'],
    ['example.com', 10, 'examp….com'],
    ['example.com', 3, 'e…m'],
    ['example.com', 2, 'e…'],
    ['example.com', 1, '…'],
    ['example.com', 0, ''],
    ['漢字漢字', 8, '漢字漢字'],
    ['漢字漢字', 7, '漢…漢字'],
    ['漢字漢字', 6, '漢…字'],
    ['漢字漢字', 2, '…'],
    ['ae\u0301e\u0301e\u0301b', 3, 'a…b'],
  ])('makes %s %d columns: %s', (text, width, short) => {
    expect(shorten(text, width)).toBe(short);
  });

  test('is never wider than told', () => {
    const text = 'ab漢字🙂e\u0301👩‍👩‍👧한국어https://example.com/';
    for (let width = 0; width < 60; width += 1) expect(columns(shorten(text, width))).toBeLessThanOrEqual(width);
  });
});
