import { expect, test } from 'vitest';
import { shownHost } from '../../src/text/shown-host.ts';

test.each([
  ['https://a.test', 'a.test'],
  ['https://a.test:8443', 'a.test:8443'],
  ['http://a.test', 'http://a.test'],
  ['https://\u001b[2J\u202e', '\\x1b[2J\\u{202e}'],
])('shownHost(%j) is %s', (host, shown) => {
  expect(shownHost(host)).toBe(shown);
});
