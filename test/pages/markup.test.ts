import { expect, test } from 'vitest';
import { html, trusted } from '../../src/pages/markup.ts';

test.each([
  ['<script>alert(1)</script>', '&#60;script&#62;alert(1)&#60;/script&#62;'],
  ['" onload="x', '&#34; onload=&#34;x'],
  [`it's & that`, 'it&#39;s &#38; that'],
  ['a\u202eb', String.raw`a\u{202e}b`],
  ['line\u2028break', String.raw`line\u{2028}break`],
  ['\x1b[31m', String.raw`\x1b[31m`],
  ['ü 漢字 ✕', 'ü 漢字 ✕'],
])('html`` escapes %j', (text, expected) => {
  expect(html`<p title="${text}">${text}</p>`.markup).toBe(`<p title="${expected}">${expected}</p>`);
});

test('html`` inserts markup as it is, joins lists, and skips undefined and false', () => {
  const words = ['<a>', '<b>'].map((text) => html`<i>${text}</i>`);
  expect(html`<p>${words}</p>`.markup).toBe('<p><i>&#60;a&#62;</i><i>&#60;b&#62;</i></p>');
  expect(html`<p>${undefined}${false}${7}${trusted('<hr>')}</p>`.markup).toBe('<p>7<hr></p>');
});

test('html`` does not read text as a replacement pattern', () => {
  expect(html`<b>${'$& $1 \\n'}</b>`.markup).toBe('<b>$&#38; $1 \\n</b>');
});
