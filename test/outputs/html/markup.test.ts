import { expect, test } from 'vitest';
import { html, trusted } from '../../../src/outputs/html/markup.ts';

test.each([
  ['<script>alert(1)</script>', '&#60;script&#62;alert(1)&#60;/script&#62;'],
  ['" onload="x', '&#34; onload=&#34;x'],
  [`it's & that`, 'it&#39;s &#38; that'],
  ['a\u202eb', String.raw`a\u{202e}b`],
  ['line\u2028break', String.raw`line\u{2028}break`],
  ['\x1b[31m', String.raw`\x1b[31m`],
  ['ü 漢字 ✕', 'ü 漢字 ✕'],
])('html`` keeps %j text', (text, expected) => {
  expect(html`<p title="${text}">${text}</p>`.markup).toBe(`<p title="${expected}">${expected}</p>`);
});

test('html`` puts in markup as it is, joins lists, and leaves out what is not there', () => {
  const rows = ['<a>', '<b>'].map((text) => html`<li>${text}</li>`);
  expect(
    html`<ul>
      ${rows}
    </ul>`.markup,
  ).toBe('<ul><li>&#60;a&#62;</li><li>&#60;b&#62;</li></ul>');
  expect(html`<p>${undefined}${false}${7}${trusted('<hr>')}</p>`.markup).toBe('<p>7<hr></p>');
});

test('html`` does not take text for the pattern of a replacement', () => {
  expect(html`<b>${'$& $1 \\n'}</b>`.markup).toBe('<b>$&#38; $1 \\n</b>');
});
