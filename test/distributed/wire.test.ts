import { expect, test } from 'vitest';
import { hostKey } from '../../src/distributed/host-key.ts';
import { decodeJson, encodeJson } from '../../src/distributed/tagged-json.ts';
import {
  packHosts,
  packInput,
  packItem,
  packOptions,
  requirePlainOptions,
  unpackHosts,
  unpackLine,
  unpackOptions,
} from '../../src/distributed/wire.ts';

test.for([
  ['https://example.com', 'example.com'],
  ['http://www.example.com:8080', 'example.com'],
  ['https://www.', 'www.'],
  ['http://[::1]:80', '[::1]'],
  ['http://[::1]', '[::1]'],
] as const)('%s is owned as %s', ([origin, key]) => expect(hostKey(origin)).toBe(key));

test('a URL travels as its text, with its line', () => {
  const packed = packInput(7, 'http://www.a.test/x?y', 9);
  expect(packed).toEqual({ key: 'a.test', line: '7\t9\thttp://www.a.test/x?y' });
  expect(unpackLine(packed!.line)).toEqual({ index: 7, line: 9, input: 'http://www.a.test/x?y' });
});

test('a request travels with all its fields, a redirected one with what it has behind it', () => {
  const input = {
    url: 'http://a.test/',
    method: 'PUT',
    headers: [['x', 'y'] as const],
    body: new Uint8Array([0, 255]),
    id: 'i',
  };
  const { key, line } = packInput(0, input)!;
  expect(key).toBe('a.test');
  expect(unpackLine(line)).toEqual({ index: 0, input });
  const trail = {
    optionsId: 'o',
    method: 'GET',
    origin: 'https://b.test',
    path: '/',
    headers: ['a', 'b'],
    redirects: 1,
    visited: ['GET http://a.test/'],
  };
  const item = { index: 3, input: 'http://a.test/', line: 4, progress: { attempts: 2, elapsedMs: 1.5, trail } };
  const packed = packItem(item);
  expect(packed.key).toBe('b.test');
  expect(unpackLine(packed.line)).toEqual(item);
});

test('an input that cannot be sent is not packed', () => {
  expect(packInput(0, 'nonsense')).toBeUndefined();
  expect(packInput(0, { url: 'http://a.test/', method: 'NO GOOD' })).toBeUndefined();
});

test('hosts travel compressed, in their order', () => {
  const hosts = [
    { key: 'a', lines: ['0\t\tx', '1\t\ty'] },
    { key: 'b', lines: ['2\t\tz'] },
  ];
  expect(unpackHosts(packHosts(hosts))).toEqual(hosts);
});

test('JSON keeps bytes, Infinity, and what only looks like bytes', () => {
  const value = {
    timeoutMs: Infinity,
    body: new Uint8Array([1]),
    input: { $bytes: 'mine', n: [Infinity] },
    own: [{ $bytes: 'Infinity' }],
    since: -Infinity,
    // Their base64 is the word.
    odd: new Uint8Array(Buffer.from('Infinity', 'base64')),
  };
  expect(decodeJson(encodeJson(value))).toEqual({ ...value, input: { $bytes: 'mine', n: [null] } });
});

test('options travel; a login goes to the first origin of the list, and to no worker of its own', () => {
  const packed = packOptions({ timeoutMs: Infinity, headers: { a: 'b' }, auth: { bearer: 'token' } }, 'https://a.test');
  expect(unpackOptions(packed)).toEqual({
    timeoutMs: Infinity,
    headers: [['a', 'b']],
    auth: { bearer: 'token', origins: ['https://a.test'] },
  });
});

test.for([
  [{ expect: () => true }, 'expect'],
  [{ auth: { bearer: () => 'token' } }, 'auth.bearer'],
  [{ transport: { send: () => Promise.reject(new Error('no')) } }, 'transport.send'],
] as const)('what has functions is refused: %s', ([options, name]) => {
  expect(() => requirePlainOptions(options)).toThrow(`Cannot send '${name}' to workers`);
});
