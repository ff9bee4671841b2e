import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { shellQuote } from '../../../cli/flags/shell-quote.ts';
import { nastyStrings } from '../../helpers/servers/nasty.ts';

test.each([
  ['-i', '-i'],
  ['urls.txt', 'urls.txt'],
  ['http://a/?x=1&y=2', "'http://a/?x=1&y=2'"],
  ["it's", String.raw`'it'\''s'`],
  ['', "''"],
  ['a b', "'a b'"],
  ['a\nb', String.raw`$'a\x0ab'`],
])('shellQuote(%j) is %s', (word, quoted) => {
  expect(shellQuote(word)).toBe(quoted);
});

test('shellQuote() writes what bash reads back, without control characters', () => {
  // No argument can contain a NUL or half a surrogate pair.
  const words = nastyStrings.filter((word) => !word.includes('\0') && word.isWellFormed());
  for (const word of words) {
    const quoted = shellQuote(word);
    expect(quoted).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(
      execFileSync('bash', ['--norc', '-c', `printf %s ${quoted}`], { encoding: 'utf8', env: { LC_ALL: 'C.UTF-8' } }),
    ).toBe(word);
  }
});
