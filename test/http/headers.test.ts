import { describe, expect, test } from 'vitest';
import { createFetcher } from '../../src/index.ts';
import { parseHeaders, type HeadersInput } from '../../src/http/headers.ts';
import { respond, serve } from '../helpers/servers/serve.ts';

describe('parseHeaders()', () => {
  test('reads objects, pairs, maps and the Headers of fetch', () => {
    const wanted = ['a', '1', 'b', '2'];
    expect(parseHeaders({ a: '1', b: '2' })).toEqual(wanted);
    expect(
      parseHeaders([
        ['a', '1'],
        ['b', '2'],
      ]),
    ).toEqual(wanted);
    expect(
      parseHeaders(
        new Map([
          ['a', '1'],
          ['b', '2'],
        ]),
      ),
    ).toEqual(wanted);
    expect(parseHeaders(new Headers({ a: '1', b: '2' }))).toEqual(wanted);
    expect(parseHeaders(Object.assign(Object.create(null) as object, { a: '1', b: '2' }))).toEqual(wanted);
    expect(parseHeaders({})).toEqual([]);
  });

  test('reads repeated values, and keeps the case of names', () => {
    expect(parseHeaders({ 'X-A': ['1', '2'], Cookie: [] })).toEqual(['X-A', '1', 'X-A', '2']);
  });

  test('trims blanks from values, and accepts tabs, latin-1 and empty ones', () => {
    expect(parseHeaders({ a: ' x\ty ', b: '', c: 'é' })).toEqual(['a', 'x\ty', 'b', '', 'c', 'é']);
  });

  test.each(['', ' ', 'a b', 'a:', 'a\n', 'é', 'a\0', '(', '"a"'])('refuses the name %j', (name) => {
    expect(() => parseHeaders({ [name]: 'x' })).toThrow(TypeError);
    expect(() => parseHeaders({ [name]: 'x' })).toThrow(JSON.stringify(name));
  });

  test.each(['a\r\nb: c', 'a\nb', 'a\rb', 'a\0', '\u001b[31m', '\u007f', '☃', '\ud800'])(
    'refuses the value %j',
    (value) => {
      expect(() => parseHeaders({ 'x-name': value })).toThrow(/x-name/);
      expect(() => parseHeaders({ 'x-name': ['fine', value] })).toThrow(TypeError);
    },
  );

  test.each(['content-length', 'Transfer-Encoding', 'CONNECTION', 'Keep-Alive', 'Upgrade', 'Expect'])(
    'refuses %s, which belongs to the framing',
    (name) => {
      expect(() => parseHeaders({ [name]: 'x' })).toThrow(new RegExp(name));
    },
  );

  test.each([[5], ['a: b'], [null], [true]])('refuses %o', (input) => {
    expect(() => parseHeaders(input as unknown as HeadersInput)).toThrow(/'headers' must be an object/);
  });

  test.each([
    [[5]],
    [['a']],
    [['a: b']],
    [[new Map()]],
    [[[]]],
    [{ a: 5 }],
    [{ a: undefined }],
    [{ a: null }],
    [[['a', 'b'], null]],
  ])('refuses %o', (input) => {
    expect(() => parseHeaders(input as unknown as HeadersInput)).toThrow(TypeError);
  });
});

test.each([
  ['Authorization: canary'],
  [['Authorization: canary']],
  [[['Authorization: canary', 'x']]],
  [{ 'Authorization: canary': 'x' }],
  [{ Authorization: 'canary\n' }],
  [{ Host: 'canary/' }],
  [
    [
      ['Host', 'canary'],
      ['host', 'canary'],
    ] as const,
  ],
  [[['Authorization', ['canary\0']]]],
])('parseHeaders() does not show the value of a wrong one: %o', (input) => {
  expect(() => parseHeaders(input as unknown as HeadersInput)).toThrow(/^(?!.*canary)/s);
});

test("headers of the fetcher and of the request are both sent, and the request's win", async () => {
  await using server = await serve(respond(200));
  await using fetcher = createFetcher({ headers: { 'User-Agent': 'mine/1', 'X-One': '1', cookie: ['a=1', 'b=2'] } });
  await fetcher.fetch({ url: server.url, headers: { 'x-one': 'uno', 'x-latin': 'é' } });
  const { headers } = server.requests[0]!;
  expect(headers).toMatchObject({
    'user-agent': 'mine/1',
    'x-one': 'uno',
    'x-latin': 'é',
    cookie: 'a=1; b=2',
    accept: '*/*',
  });
});
