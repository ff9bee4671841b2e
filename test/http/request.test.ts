import { describe, expect, test } from 'vitest';
import { createFetcher } from '../../src/index.ts';
import { hidePassword, maxUrlLength, parseMethod, parseRequest, type RequestInput } from '../../src/http/request.ts';
import type { FetchResult } from '../../src/http/result.ts';
import { mockTransport } from '../../src/transports/mock.ts';
import { respond, serve } from '../helpers/servers/serve.ts';
import { responseOf } from '../helpers/kinds.ts';

/** Returns the error code of an input; undefined if it can be sent. */
function codeOf(input: unknown): string | undefined {
  const request = parseRequest(input as RequestInput, []);
  return 'error' in request ? request.error.code : undefined;
}

describe('parseRequest()', () => {
  test.each([
    ['http://h', 'http://h', '/'],
    ['HTTP://H.Example:80/A?b=c#d', 'http://h.example', '/A?b=c'],
    ['https://h:443/', 'https://h', '/'],
    ['https://h:8443', 'https://h:8443', '/'],
    ['  http://h/x \t', 'http://h', '/x'],
    ['http://h:080/', 'http://h', '/'],
    ['http://h:/', 'http://h', '/'],
    ['http://faß.de/☃?ü', 'http://xn--fa-hia.de', '/%E2%98%83?%C3%BC'],
    ['http://127.1/', 'http://127.0.0.1', '/'],
    ['http://0x7f000001/', 'http://127.0.0.1', '/'],
    ['http://[::1]:8080/', 'http://[::1]:8080', '/'],
    ['http://h/a/../b/./c', 'http://h', '/b/c'],
    ['http://h/%00%0d%0a', 'http://h', '/%00%0d%0a'],
    ['http://h?q', 'http://h', '/?q'],
    ['http://h?', 'http://h', '/?'],
    ['http://h/a?', 'http://h', '/a?'],
    ['http://H/a?#b?', 'http://h', '/a?'],
    ['http://h/a#b?', 'http://h', '/a'],
    ['http://H/a??', 'http://h', '/a??'],
  ])('%j has host %s and path %s', (text, host, path) => {
    expect(parseRequest(text, [])).toMatchObject({
      url: text,
      method: 'GET',
      origin: host,
      path,
      headers: [],
      body: undefined,
    });
  });

  test.each([
    ['', 'URL_INVALID'],
    ['   ', 'URL_INVALID'],
    ['nonsense', 'URL_INVALID'],
    ['example.com', 'URL_INVALID'],
    ['example.com/path', 'URL_INVALID'],
    ['example.com:8080/path', 'URL_INVALID'],
    ['localhost:8080', 'URL_INVALID'],
    ['//example.com/x', 'URL_INVALID'],
    ['/path', 'URL_INVALID'],
    ['http://', 'URL_INVALID'],
    ['http:///', 'URL_INVALID'],
    ['http://h:0/', 'URL_INVALID'],
    ['http://h:65536/', 'URL_INVALID'],
    ['http://h:99999/', 'URL_INVALID'],
    ['http://h:-1/', 'URL_INVALID'],
    ['http://a b/', 'URL_INVALID'],
    ['http://%zz/', 'URL_INVALID'],
    ['http://%00/', 'URL_INVALID'],
    ['http://[fe80::1%25eth0]/', 'URL_INVALID'],
    ['http://[::1', 'URL_INVALID'],
    ['http://exa\tmple.com/', 'URL_INVALID'],
    ['http://h/a\nb', 'URL_INVALID'],
    ['http://h/a\rb', 'URL_INVALID'],
    ['http://h/\0', 'URL_INVALID'],
    ['http://h/\u001b[31m', 'URL_INVALID'],
    ['http://h/\u007f', 'URL_INVALID'],
    ['ftp://h/', 'URL_SCHEME'],
    ['file:///etc/passwd', 'URL_SCHEME'],
    ['javascript:alert(1)', 'URL_SCHEME'],
    ['data:text/plain,hi', 'URL_SCHEME'],
    ['ws://h/', 'URL_SCHEME'],
    ['mailto:a@b.c', 'URL_SCHEME'],
    [`http://h/${'x'.repeat(maxUrlLength)}`, 'URL_TOO_LONG'],
  ])('%.60j is %s', (text, code) => {
    const request = parseRequest(text, []);
    expect(request).toMatchObject({ method: 'GET', id: undefined, error: { code, retryable: false } });
    expect('error' in request && request.error.message).not.toBe('');
  });

  test('accepts a URL of exactly the greatest length', () => {
    expect(codeOf(`http://h/${'x'.repeat(maxUrlLength - 9)}`)).toBeUndefined();
    expect(codeOf(`http://h/${'x'.repeat(maxUrlLength - 8)}`)).toBe('URL_TOO_LONG');
  });

  test.each([
    [undefined],
    [null],
    [5],
    [5n],
    [true],
    [Symbol('s')],
    [() => 'http://h/'],
    [[]],
    [{}],
    [{ url: undefined }],
    [{ url: null }],
    [{ url: 5 }],
    [{ url: {} }],
    [{ url: Symbol('s') }],
    [Object.create(null)],
    [Promise.resolve('http://h/')],
    [{ url: 'http://h/', method: 5 }],
    [{ url: 'http://h/', method: '' }],
    [{ url: 'http://h/', method: 'G ET' }],
    [{ url: 'http://h/', method: 'GET\r\nX: y' }],
    [{ url: 'http://h/', method: 'CONNECT' }],
    [{ url: 'http://h/', method: 'connect' }],
    [{ url: 'http://h/', body: 5 }],
    [{ url: 'http://h/', body: {} }],
    [{ url: 'http://h/', body: null }],
    [{ url: 'http://h/', headers: 5 }],
    [{ url: 'http://h/', headers: 'a: b' }],
    [{ url: 'http://h/', headers: null }],
    [{ url: 'http://h/', headers: { 'a b': 'c' } }],
    [{ url: 'http://h/', headers: { a: 'b\r\nc: d' } }],
    [{ url: 'http://h/', headers: { a: '☃' } }],
    [{ url: 'http://h/', headers: { host: 'evil/path' } }],
    [{ url: 'http://h/', headers: { a: 5 } }],
    [{ url: 'http://h/', headers: [5] }],
  ])('%o is REQUEST_INVALID, and does not throw', (input) => {
    expect(codeOf(input)).toBe('REQUEST_INVALID');
  });

  test('does not throw for an input whose getters throw', () => {
    const hostile = { toString: raise, [Symbol.toPrimitive]: raise };
    for (const input of [
      Object.defineProperty({}, 'url', { get: raise }),
      Object.defineProperty({ url: 'http://h/' }, 'method', { get: raise }),
      Object.defineProperty({ url: 'http://h/' }, 'id', { get: raise }),
      Object.defineProperty({ url: 'http://h/' }, 'body', { get: raise }),
      { url: 'http://h/', headers: { [Symbol.iterator]: raise } },
      { url: 'http://h/', method: hostile },
      { url: hostile },
      Object.assign(() => undefined, hostile),
    ]) {
      expect(codeOf(input)).toBe('REQUEST_INVALID');
    }
  });

  test('keeps the known fields of an invalid input for its record', () => {
    expect(parseRequest({ url: 'nonsense', method: 'post', id: 'job' }, [])).toMatchObject({
      url: 'nonsense',
      method: 'POST',
      id: 'job',
    });
    expect(parseRequest({ url: 5, method: 'put', id: 'job' } as unknown as RequestInput, [])).toMatchObject({
      url: '5',
      method: 'PUT',
      id: 'job',
    });
    expect(parseRequest({ method: 'put', id: 'job' } as unknown as RequestInput, [])).toMatchObject({
      method: 'PUT',
      id: 'job',
    });
    expect(parseRequest(5 as unknown as RequestInput, [])).toMatchObject({ url: '5', method: 'GET' });
    expect(parseRequest({ url: 'http://h/', id: 'x', headers: 5 } as unknown as RequestInput, [])).toMatchObject({
      url: 'http://h/',
      id: 'x',
    });
  });

  test('accepts a URL object, and an object with one', () => {
    const url = new URL('http://user:pw@h/p');
    expect(parseRequest(url, [])).toMatchObject({ url: 'http://user:***@h/p', origin: 'http://h', path: '/p' });
    expect(parseRequest({ url, method: 'patch', body: 'ä' }, [])).toMatchObject({
      method: 'PATCH',
      body: Buffer.from('ä'),
    });
  });

  test('adds the headers of the fetcher, except for those that the request has', () => {
    const request = parseRequest({ url: 'http://h/', headers: { ACCEPT: 'x', b: ['1', '2'] } }, [
      'accept',
      'y',
      'c',
      '3',
    ]);
    expect(request).toMatchObject({ headers: ['ACCEPT', 'x', 'b', '1', 'b', '2', 'c', '3'] });
  });

  test('turns user info into Basic credentials, unless the request has its own', () => {
    expect(authorizationOf('http://u:p@h/')).toBe(basic('u:p'));
    expect(authorizationOf('http://u:p%40:%C3%A4@h/')).toBe(basic('u:p@:ä'));
    expect(authorizationOf('http://u:%zz@h/')).toBe(basic('u:%zz'));
    expect(authorizationOf('http://u@h/')).toBe(basic('u:'));
    expect(authorizationOf('http://:p@h/')).toBe(basic(':p'));
    expect(authorizationOf({ url: 'http://u:p@h/', headers: { Authorization: 'Bearer x' } })).toBe('Bearer x');
  });
});

describe('hidePassword()', () => {
  test.each([
    ['http://h/', 'http://h/'],
    ['http://u:p@h/', 'http://u:***@h/'],
    ['http://u:p:q@h/', 'http://u:***@h/'],
    ['http://u:p@q@h/', 'http://u:***@h/'],
    ['http://token@h/', 'http://***@h/'],
    ['http://:p@h/', 'http://:***@h/'],
    ['http:u:p@h/', 'http:u:***@h/'],
    ['http:\\\\u:p@h/', 'http:\\\\u:***@h/'],
    ['  http://u:p@h/ ', '  http://u:***@h/ '],
    ['//u:p@h/', '//u:***@h/'],
    ['http://h/p@q:r@s', 'http://h/p@q:r@s'],
    ['http://h/?mail=a:b@c', 'http://h/?mail=a:b@c'],
    ['http://h#a:b@c', 'http://h#a:b@c'],
    ['http://h:80/a:b@c', 'http://h:80/a:b@c'],
    ['http://u:s/p@h/', 'http://u:***@h/'],
    ['http://u:s/p\uff20h/', 'http://u:***\uff20h/'],
    ['http://no host/?mail=a@b', 'http://no host/?mail=a@b'],
  ])('%j is shown as %j', (text, shown) => {
    expect(hidePassword(text)).toBe(shown);
  });

  test.each([
    'ht\ttp://u:secret@h/',
    'http:\t//u:secret@h/',
    '\u0001http://u:secret@h/',
    'u:secret@h',
    'http://u:secret\n@h/',
    '\ufeffhttp://u:secret@h/',
    'http://u:secret/rest@h/',
    'http://u:secret?rest@h/',
    'http://u:secret#rest@h/',
    'http://u:secret\\rest@h/',
    'http://u:p/secret@secret@h/',
    'http://u:secret\uff20h/',
    'http://u:secret\ufe6bh/',
    'http://secret\uff20h/',
    'http://u:secret%40h/',
    'http://u:sec/secret@h:99999/',
    '  http://u:secret/rest@h/',
    'u:secret/rest@h',
    'ftp://u:secret/rest@h/',
    'http://[u:secret/rest@h',
  ])('leaves no secret in %j, which is not a URL', (text) => {
    expect(hidePassword(text)).not.toContain('secret');
  });
});

describe('parseMethod()', () => {
  test.each([
    ['get', 'GET'],
    ['Query', 'QUERY'],
    ['x-y', 'X-Y'],
    ['M-SEARCH', 'M-SEARCH'],
  ])('%s is %s', (method, wanted) => {
    expect(parseMethod(method)).toBe(wanted);
  });

  test.each(['', ' ', 'G T', 'GET ', 'GÉT', 'GET\n', 'CONNECT'])('%j is not a method', (method) => {
    expect(() => parseMethod(method)).toThrow(TypeError);
  });
});

describe('user info', () => {
  test('is sent, and does not appear in the result', async () => {
    await using server = await serve({
      '/ok': respond(200),
      '/loop': respond(302, { location: '/loop' }),
      '/bad': respond(302, { location: 'http://x:canary@[' }),
    });
    const origin = server.url.replace('//', '//user:canary@');
    const dead = 'http://user:canary@127.0.0.1:1/';
    await using fetcher = createFetcher({ retry: { retries: 0 } });
    const inputs = [
      `${origin}/ok`,
      `${origin}/loop`,
      `${origin}/bad`,
      dead,
      'http://user:canary@h:0/',
      'ftp://user:canary@h/',
      'http://user:canary@nowhere.invalid/',
    ];
    const results = await fetcher.gather(inputs, { returnExceptions: true });
    expect(server.requests[0]!.headers.authorization).toBe(`Basic ${Buffer.from('user:canary').toString('base64')}`);
    for (const result of results) {
      expect(result.url).toContain('user:***@');
      expect(JSON.stringify(result)).not.toContain('canary');
      for (let error = errorOf(result); error instanceof Error; error = error.cause) {
        expect(`${error.message} ${error.stack}`).not.toContain('canary');
      }
      if (result.kind === 'response') expect(result.finalUrl).toBe(`${server.url}/ok`);
    }
  });

  test('does not appear when a body cannot be read', async () => {
    await using fetcher = createFetcher({ transport: mockTransport(() => ({})), responseBody: 'discard' });
    const result = responseOf(await fetcher.fetch('http://user:canary@a.test/'));
    try {
      result.bytes();
    } catch (error) {
      expect(String(error)).not.toContain('canary');
    }
  });
});

function raise(): never {
  throw new Error('will not be read');
}

function authorizationOf(input: RequestInput): unknown {
  const request = parseRequest(input, []);
  if ('error' in request) return request.error;
  return request.headers[request.headers.findIndex((name) => /^authorization$/i.test(name)) + 1];
}

function basic(pair: string): string {
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

function errorOf(result: FetchResult): unknown {
  return result.kind === 'response' ? undefined : result.error;
}

test('parseRequest() refuses an id that is not a string, and does not show it', () => {
  const request = parseRequest({ url: 'http://example.com/', id: 5 as unknown as string }, []);
  expect(request).toMatchObject({ id: undefined, error: { code: 'REQUEST_INVALID' } });
});
