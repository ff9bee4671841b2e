import { expect, test } from 'vitest';
import { adversarialTexts, growsFasterThanLinear, type Pumped } from '../helpers/growth.ts';
import { regularExpressions } from '../helpers/regular-expressions.ts';

// Import these first: a constructed expression is seen only while its file is loaded.
const expressions = await regularExpressions();
const { hidePassword } = await import('../../src/http/request.ts');
const { retryAfterMs } = await import('../../src/http/retry-after.ts');

/** Finds the first match, or every match of a global expression. */
function search(expression: RegExp, text: string): void {
  expression.lastIndex = 0;
  if (expression.global) text.replaceAll(expression, '');
  else expression.exec(text);
}

const grow = ({ before, repeated, after }: Pumped, size: number): string =>
  before + repeated.repeat(Math.ceil(size / repeated.length)) + after;

test('finds the regular expressions of the source', () => {
  expect(expressions.length).toBeGreaterThan(60);
  expect(new Set(expressions.map(({ file }) => file)).size).toBeGreaterThan(25);
});

test.each([/^[ \t]*(.*[^ \t])/s, /x*y/, /^(\w*:)?[/\s]*([^/?#]*)@/])(
  'finds out that %s is slow on some text',
  (slow) => {
    const isSlow = (text: Pumped): boolean => growsFasterThanLinear((size) => search(slow, grow(text, size)));
    expect(adversarialTexts(slow).some(isSlow)).toBe(true);
  },
);

test.each(expressions)('$expression of $file takes time that grows with the text only', ({ expression }) => {
  const slow = adversarialTexts(expression).find((text) =>
    growsFasterThanLinear((size) => search(expression, grow(text, size))),
  );
  expect(slow).toBeUndefined();
});

test.each<[name: string, call: (text: string) => unknown]>([
  ['hidePassword()', hidePassword],
  ['retryAfterMs()', (text) => retryAfterMs(text, { now: 0, date: text })],
])('%s takes time that grows linearly with the text', (_, call) => {
  const texts = [' ', ':', '/', '@', '\t', '\\', '%40', ': ', ':@', '\u00a0'].flatMap((repeated) =>
    ['', 'http:', 'http://', 'a'].flatMap((before) =>
      ['', '?@x', '@', 'x'].map((after) => ({ before, repeated, after })),
    ),
  );
  expect(texts.find((text) => growsFasterThanLinear((size) => void call(grow(text, size))))).toBeUndefined();
});
