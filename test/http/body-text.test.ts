import { expect, test } from 'vitest';
import { decodeText, repairWindows1252 } from '../../src/http/body-text.ts';
import { growsFasterThanLinear } from '../helpers/growth.ts';

const utf8 = Buffer.from('é€');
const mark = Buffer.from('\ufeffé');

test.each<[string | undefined, Uint8Array, string]>([
  [undefined, utf8, 'é€'],
  ['', utf8, 'é€'],
  ['text/html', utf8, 'é€'],
  ['application/json', utf8, 'é€'],
  ['application/problem+json; charset=utf-8', utf8, 'é€'],
  ['text/plain; charset=iso-8859-1', Buffer.from([0xe9]), 'é'],
  ['text/plain;charset=ISO-8859-1', Buffer.from([0xe9]), 'é'],
  ['text/plain; Charset="iso-8859-1"', Buffer.from([0xe9]), 'é'],
  ['text/plain; charset = latin1 ; format=flowed', Buffer.from([0xe9]), 'é'],
  ["text/plain; charset='latin1'", Buffer.from([0xe9]), 'é'],
  ['text/plain; charset="latin1', Buffer.from([0xe9]), 'é'],
  ['text/plain; charset="lat\\in1"', Buffer.from([0xe9]), 'é'],
  ['text/plain; charset=latin1, text/html', Buffer.from([0xe9]), 'é'],
  ['text/plain, text/plain; charset=latin1', Buffer.from([0xe9]), 'é'],
  ['text/plain; title="a; charset=utf-8"; charset=latin1', Buffer.from([0xe9]), 'é'],
  ['text/plain; charset=latin1; charset=utf-8', Buffer.from([0xe9]), 'é'],
  ['text/plain; xcharset=latin1', utf8, 'é€'],
  ['text/plain; charset=windows-1252', Buffer.from([0x93, 0x80, 0x94, 0x81, 0xe9]), '“€”\u0081é'],
  ['text/plain; charset=us-ascii', Buffer.from([0x41, 0x92]), 'A’'],
  ['text/plain; charset=shift_jis', Buffer.from([0x82, 0xa0]), 'あ'],
  ['text/plain; charset=x-sjis', Buffer.from([0x82, 0xa0]), 'あ'],
  ['text/plain; charset=gb2312', Buffer.from([0xc4, 0xe3]), '你'],
  ['text/plain; charset=koi8-r', Buffer.from([0xc1]), 'а'],
  ['text/plain; charset=utf-16', Buffer.from('é', 'utf16le'), 'é'],
  ['text/plain; charset=utf-16be', Buffer.from([0, 0xe9]), 'é'],
  ['text/plain; charset=no-such-thing', utf8, 'é€'],
  ['text/plain; charset=', utf8, 'é€'],
  ['text/plain; charset=replacement', utf8, 'é€'],
  ['text/plain; charset=latin1', mark, 'é'],
  ['text/plain; charset=utf-8', mark, 'é'],
  ['text/plain; charset=utf-8', Buffer.from([0xff, 0xfe, 0xe9, 0]), 'é'],
  [undefined, Buffer.from([0xfe, 0xff, 0, 0xe9]), 'é'],
  [undefined, Buffer.from([0x41, 0xff, 0x42]), 'A\ufffdB'],
  [undefined, Buffer.alloc(0), ''],
])('decodeText() with content type %j', (contentType, bytes, expected) => {
  expect(decodeText(bytes, contentType)).toBe(expected);
});

test.each([
  ['spaces', 'text/plain;', ' '],
  ['semicolons', '', ';'],
  ['names', ';', 'a'],
  ['quotes', '', ';a="'],
  ['backslashes', ';a="', '\\'],
  ['semicolons and spaces', '', '; '],
])('decodeText() takes time that grows linearly with a content type of many %s', (_, start, repeated) => {
  expect(growsFasterThanLinear((size) => void decodeText(utf8, start + repeated.repeat(size)))).toBe(false);
});

test('repairWindows1252() gives every byte its character', () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  const repaired = repairWindows1252(Buffer.from(bytes).toString('latin1'));
  expect(repaired).toHaveLength(256);
  expect(repaired.slice(0x80, 0xa0)).toBe('€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ');
  expect(repaired.slice(0, 0x80) + repaired.slice(0xa0)).toBe(
    Buffer.from(bytes.filter((byte) => byte < 0x80 || byte > 0x9f)).toString('latin1'),
  );
});

test('repairWindows1252() does not change correctly decoded text', () => {
  const text = 'Aé“€”\u0081\u008d\u008f\u0090\u009d';
  expect(repairWindows1252(text)).toBe(text);
});
