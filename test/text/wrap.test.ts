import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { wrap } from '../../src/text/wrap.ts';

describe('wrap()', () => {
  test.each<[string, number, string[]]>([
    ['  ok    one, two, three', 40, ['  ok    one, two, three']],
    ['  ok    one, two, three', 16, ['  ok    one,', '        two,', '        three']],
    ['  ok    one, two, three', 17, ['  ok    one, two,', '        three']],
    ['  ok    one, two, three', 12, ['  ok    one,', '        two,', '        three']],
    ['  ok    one, two, three', 3, ['  ok    one,', '        two,', '        three']],
    ['  ok    https://a.test/long and', 12, ['  ok    https://a.test/long', '        and']],
    ['', 10, ['']],
  ])('of %j at %j columns is %j', (line, width, lines) => {
    expect(wrap(line, width, 8)).toEqual(lines);
  });

  test('breaks at every blank if there is no indent', () => {
    expect(wrap('one two three, longerthanthat and four', 9)).toEqual([
      'one two',
      'three,',
      'longerthanthat',
      'and four',
    ]);
  });

  test('keeps every word and exceeds the width only for long words', () => {
    const word = fc.stringMatching(/^[a-z,]{1,12}$/);
    fc.assert(
      fc.property(fc.array(word, { maxLength: 30 }), fc.integer({ min: 0, max: 60 }), (words, width) => {
        const lines = wrap(`  name  ${words.join(' ')}`, width, 8);
        expect(
          lines
            .map((line) => line.trim())
            .join(' ')
            .split(/ +/)
            .slice(1)
            .join(' '),
        ).toBe(words.join(' '));
        for (const line of lines) {
          if (line.length > width) expect(line.slice(8).trim()).not.toContain(' ');
        }
      }),
    );
  });
});
