import { expect, test } from 'vitest';
import { hostReader, noHost } from '../../../src/pages/model/host-reader.ts';

test.each([
  ['https://example.com/a?b#c', 'https://example.com'],
  ['https://EXAMPLE.com:443', 'https://example.com'],
  ['http://example.com:8080?x=/y', 'http://example.com:8080'],
  ['http://user:***@example.com/', 'http://example.com'],
  ['http:\\\\example.com\\a', 'http://example.com'],
  ['http://[::1]:80/x', 'http://[::1]'],
  ['ht tp://bad', noHost],
  ['', noHost],
  ['javascript:alert(1)', noHost],
  ['data:text/html,//x', noHost],
  ['http://exa mple.com/', noHost],
])('hostReader() reads the host of %j', (url, expected) => {
  const hostOf = hostReader();
  // The second call answers from memory.
  expect([hostOf(url), hostOf(url)]).toEqual([expected, expected]);
});
