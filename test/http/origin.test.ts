import { expect, test } from 'vitest';
import { hostOf } from '../../src/http/origin.ts';
import { parseRequest } from '../../src/http/request.ts';

const urls = [
  'https://example.com',
  'https://example.com/',
  'https://example.com?q',
  'https://example.com#f',
  'http://example.com:80/',
  'https://example.com:443/a',
  'http://example.com:8080/a',
  'http://example.com:/',
  'HTTP://Example.COM/a',
  ' https://example.com/a ',
  'http://127.0.0.1/',
  'http://0x7f.1/',
  'http://2130706433/',
  'http://a.0x1/',
  'http://[::1]:8080/',
  'http://user:secret@example.com/',
  'http://user:***@example.com/',
  'http://a.test@b.test/',
  'http://a.test\\@b.test/',
  'https:\\\\example.com/',
  'https:/example.com/',
  'http://bücher.example/',
  'http://xn--bcher-kva.example/',
  'http://a..b/',
  'http://-a.test/',
  'http://a.test.',
  'http://xn--a/',
  'http://xn--zz.test/',
  'http://é.test',
];

test.each(urls)('hostOf() tells the host of %s as the request has it', (url) => {
  const request = parseRequest(url, []);
  expect(hostOf(url)).toBe('error' in request ? undefined : request.origin);
});

test.each(['', 'nonsense', 'ftp://example.com/', 'mailto:a@b', 'http://', 'file:///etc/passwd', '//example.com/'])(
  'hostOf() tells none of %j',
  (url) => {
    expect(hostOf(url)).toBeUndefined();
  },
);
