import { expect, test } from 'vitest';
import { parseProxy } from '../../src/http/proxy.ts';

test.each([
  ['http://proxy.example:3128', 'http', 'proxy.example', 3128],
  ['proxy.example:3128', 'http', 'proxy.example', 3128],
  ['proxy.example', 'http', 'proxy.example', 80],
  ['http://proxy.example/', 'http', 'proxy.example', 80],
  ['https://proxy.example', 'https', 'proxy.example', 443],
  ['https://proxy.example:80', 'https', 'proxy.example', 80],
  ['socks5://127.0.0.1', 'socks5', '127.0.0.1', 1080],
  ['SOCKS5H://Proxy.Example:1', 'socks5h', 'proxy.example', 1],
  ['http://[::1]:8080', 'http', '::1', 8080],
  ['[2001:db8::1]', 'http', '2001:db8::1', 80],
  ['  http://bücher.example:81  ', 'http', 'xn--bcher-kva.example', 81],
])('parseProxy() of %s', (text, scheme, hostname, port) => {
  expect(parseProxy(text)).toMatchObject({ scheme, hostname, port, credentials: undefined });
});

test.each(['', ' ', 'none'])('parseProxy() of %j is no proxy', (text) => {
  expect(parseProxy(text)).toBeUndefined();
});

test('parseProxy() decodes user and password, and shows neither in the name', () => {
  const proxy = parseProxy('http://a%40b:p%3A%2F@proxy.example:3128/');
  expect(proxy?.credentials).toEqual({ username: 'a@b', password: 'p:/' });
  expect(proxy?.name).toBe('http://proxy.example:3128');
});

test('proxies with other credentials have other keys', () => {
  const keys = ['http://p', 'http://u@p', 'http://u:x@p', 'http://u:y@p'].map((text) => parseProxy(text)?.key);
  expect(new Set(keys).size).toBe(4);
  expect(parseProxy('p:80')?.key).toBe(keys[0]);
});

test.each([
  ['ftp://proxy.example', 'http://, https://, socks5://, socks5h://, not ftp://'],
  ['socks4://secret:secret@proxy.example', 'not socks4://'],
  ['http://', 'must be a URL'],
  ['http://secret:se#cret@proxy.example:1', 'must be a URL'],
  ['http://u:p@secret:w/rd@proxy.example:1', '; in its user name and password, write @ as %40'],
  ['http://u/secret@proxy.example', '; in its user name and password, write @ as %40'],
  ['http://u:secret%zz@proxy.example:1', 'has a % that no two hexadecimal digits follow; in its user name'],
  ['http://secret@proxy.example:0', 'must be a URL'],
  ['http://proxy.example:66000', 'must be a URL'],
  ['http://secret@pro\nxy.example', 'must be a URL'],
  [`socks5://${'u'.repeat(256)}:secret@proxy.example`, '255 bytes'],
])('parseProxy() refuses %j, and does not repeat it', (text, message) => {
  expect(() => parseProxy(text)).toThrow(message);
  expect(() => parseProxy(text)).not.toThrow(/secret|uuu/);
});
