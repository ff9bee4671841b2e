import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalGet, canonicalOrigin } from '../../src/http/canonical-get.ts';
import { parseRequest, type FetchRequest } from '../../src/http/request.ts';

const headers = ['accept', '*/*'];

/** Returns the request for a URL in canonical form. */
function literal(url: string): FetchRequest | undefined {
  const host = canonicalOrigin(url);
  return host === undefined ? undefined : canonicalGet(url, host, headers);
}

describe('canonicalGet()', () => {
  test.each([
    ['http://a.test/', 'http://a.test', '/'],
    ['http://a.test/b/c.html?d=e&f=%20g#'.slice(0, -1), 'http://a.test', '/b/c.html?d=e&f=%20g'],
    ['https://a.test:8443//b', 'https://a.test:8443', '//b'],
    ['http://a.test:80/b', 'http://a.test', '/b'],
    ['http://a.test/?', 'http://a.test', '/?'],
    ['http://a.test/b?', 'http://a.test', '/b?'],
    ['http://127.1/b@c', 'http://127.0.0.1', '/b@c'],
  ])('takes %s', (url, host, path) => {
    expect(literal(url)).toMatchObject({ url, method: 'GET', origin: host, path, headers, body: undefined });
  });

  test.each([
    'http://a.test',
    'http://A.test/',
    'HTTP://a.test/',
    ' http://a.test/',
    'http://u:p@a.test/',
    'http://a.test/b#c',
    'http://a.test/b/../c',
    'http://a.test/./c',
    'http://a.test/%2E%2e/c',
    'http://a.test/%2e',
    'http://a.test/b\\c',
    'http://a.test/ä',
    'http://a.test/?a"b',
    "http://a.test/?a'b",
    'http://a.test:0/',
    'http://a.test:99999/',
    'http://1.2.3.4.5/',
    'http://[::1]/',
    'ftp://a.test/',
    'http:///a',
    'http://a.test/\n',
  ])('leaves %j to the parser', (url) => {
    expect(literal(url)).toBeUndefined();
  });

  test('agrees with the parser, whatever the URL', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '/',
        '.',
        '..',
        '/./',
        '/../',
        '%2e',
        '%2E',
        '%2F',
        '%20',
        '%',
        '?',
        '#',
        '@',
        ':',
        '\\',
        "'",
        '"',
      ),
      fc.constantFrom('[', ']', '|', '^', '{', '`', '<', ' ', '\t', '\n', '\0', 'ä', '☃', '\u0301', '\ud800'),
      fc.stringMatching(/^[\w\-.~!$&()*+,;=:@%/?]{0,8}$/),
      fc.string({ maxLength: 3, unit: 'binary' }),
    );
    const name = fc.oneof(
      fc.constantFrom(
        'a.test',
        '127.0.0.1',
        '127.1',
        '0x7f.1',
        '1.2.3',
        '256.1.1.1',
        '999',
        'a..b',
        'xn--a',
        'a-',
        '.',
      ),
      fc.stringMatching(/^[a-z0-9.-]{1,12}$/),
    );
    const port = fc.constantFrom('', ':80', ':443', ':8080', ':0', ':00080', ':65536', ':');
    const text = fc
      .tuple(fc.constantFrom('http://', 'https://', 'http:/', 'HTTP://'), name, port, fc.array(piece, { maxLength: 8 }))
      .map(([scheme, host, at, pieces]) => `${scheme}${host}${at}/${pieces.join('')}`);
    let taken = 0;
    fc.assert(
      fc.property(text, (url) => {
        const request = literal(url);
        if (request === undefined) return;
        taken += 1;
        // An object is always parsed.
        const { method, origin: host, path, body, id } = parseRequest({ url }, headers) as FetchRequest;
        expect(request).toMatchObject({ url, method, origin: host, path, headers, body, id });
      }),
      { numRuns: 20_000 },
    );
    expect(taken).toBeGreaterThan(500);
  });

  test('shares one string among the URLs of an origin', () => {
    const hosts = new Set([1, 2, 3].map((page) => literal(`http://a.test:80/${page}`)?.origin));
    expect([...hosts]).toEqual(['http://a.test']);
  });
});
