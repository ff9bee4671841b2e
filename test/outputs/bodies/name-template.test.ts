import { describe, expect, test } from 'vitest';
import { NameTemplate, requestHash, type NameFacts } from '../../../src/outputs/bodies/name-template.ts';

const facts = (url: string, more: Partial<NameFacts> = {}): NameFacts => ({
  url: new URL(url, 'http://h').href,
  method: 'GET',
  index: 7,
  status: 200,
  sha256: 'abcdef0123456789'.repeat(4),
  at: Date.UTC(2026, 10, 28),
  ...more,
});

/** Names a body with `~h` in place of the request's hash. */
function nameOf(template: string, all: NameFacts): string {
  return new NameTemplate(template).render(all).replaceAll(`~${requestHash(all)}`, '~h');
}

const html = { contentType: 'text/html; charset=utf-8' };

describe('{host}/{path}, the default', () => {
  test.each<[string, Partial<NameFacts>, string]>([
    ['/', html, 'h/index.html'],
    ['/a/', html, 'h/a/index.html'],
    ['/a/b.txt', html, 'h/a/b.txt'],
    ['/a', html, 'h/a.html'],
    ['/a', {}, 'h/a'],
    ['/a%20b.txt', {}, 'h/a b.txt'],
    ['/..%2f..%2fetc%2fpasswd', {}, 'h/_._.._etc_passwd~h'],
    ['/CON', {}, 'h/_CON~h'],
    ['/aux.txt', {}, 'h/_aux~h.txt'],
    ['/COM%C2%B9.log', {}, 'h/_COM¹~h.log'],
    ['/NUL.tar.gz', {}, 'h/_NUL.tar~h.gz'],
    ['/console', {}, 'h/console'],
    ['/.htaccess', {}, 'h/_htaccess~h'],
    ['/-rf', {}, 'h/_-rf~h'],
    ['/a%00b', {}, 'h/a_b~h'],
    ['/a%0Ab', {}, 'h/a_b~h'],
    ['/a%E2%80%AEgpj.exe', {}, 'h/a_gpj~h.exe'],
    ['/caf%C3%A9.txt', {}, 'h/café.txt'],
    ['/cafe%CC%81.txt', {}, 'h/café~h.txt'],
    ['/%7Ea', {}, 'h/~a~h'],
    ['/~a', {}, 'h/~a'],
    ['/a%25b', {}, 'h/a%b'],
    ['/a%b', {}, 'h/a%b~h'],
    ['/page?id=1', html, 'h/page_id=1~h.html'],
    ['/script.php?x', html, 'h/script_x~h.php'],
    ['/a//b', {}, 'h/a/b~h'],
    ['/a%ff', {}, 'h/a%ff~h'],
    ['/x.', {}, 'h/x~h'],
    ['http://h:8080/a', {}, 'h+8080/a'],
    ['http://[::1]/a', {}, '[__1]/a~h'],
    ['/1.2.3', {}, 'h/1.2.3'],
    ['/v1.0', html, 'h/v1.0.html'],
    ['/a', { contentType: 'image/jpeg' }, 'h/a.jpg'],
    ['/a', { contentType: 'application/octet-stream' }, 'h/a'],
    ['/a', { contentType: 'audio/mpeg' }, 'h/a.mp3'],
    ['/a', { contentType: 'application/problem+json' }, 'h/a.json'],
    ['/a', { contentType: 'application/hal+json' }, 'h/a.json'],
    ['/a', { contentType: 'nonsense' }, 'h/a'],
    ['/a', { contentType: 'text/html', contentDisposition: 'attachment; filename="../../.bashrc"' }, 'h/a.html'],
  ])('names %s (%j) %s', (url, more, name) => {
    expect(nameOf('{host}/{path}', facts(url, more))).toBe(name);
  });

  test('shortens a long name to whole characters that fit a file system, and keeps its extension', () => {
    const name = nameOf('{path}', facts(`/${'日'.repeat(120)}.html`));
    expect(Buffer.byteLength(name.replace('~h', '~12345678'))).toBeLessThanOrEqual(255);
    expect(name).toMatch(/^日+~h\.html$/);
  });

  test('shortens nested folders each by itself', () => {
    const name = nameOf('{path}', facts(`/${`${'a'.repeat(300)}/`.repeat(40)}b`));
    expect(name.split('/')).toHaveLength(41);
    for (const segment of name.split('/')) expect(Buffer.byteLength(segment)).toBeLessThanOrEqual(255);
  });
});

describe('--save-as', () => {
  test.each<[string, string, Partial<NameFacts>, string]>([
    ['{index:06}{ext}', '/a.txt?q=1', {}, '000007.txt'],
    ['{sha256:2}/{sha256}', '/a', {}, `ab/${'abcdef0123456789'.repeat(4)}`],
    ['{name}', '/d/a.txt', {}, 'a'],
    ['{name}{ext}', '/d/a.txt', {}, 'a.txt'],
    ['{name}{ext}', '/d/a.txt?x=1', {}, 'a~h.txt'],
    ['{name}-{query}{ext}', '/d/a.txt?x=1', {}, 'a-x=1.txt'],
    ['{dir}/{name}{ext}', '/d/e/a.txt', {}, 'd/e/a.txt'],
    ['{dir}/{name}{ext}', '/a.txt', {}, 'a.txt'],
    ['{scheme}/{host}/{port}/{status}', '/', {}, 'http/h/80/200'],
    ['{date}', '/', {}, '2026-11-28'],
    ['{id}', '/', { id: 'a/b' }, 'a_b~h'],
    ['{id}', '/', {}, '_'],
    ['{line}', '/', { line: 12 }, '12'],
    ['/etc/{name}', '/a', {}, 'etc/a'],
    ['../../{name}', '/a', {}, '_/_/a~h'],
    ['x/', '/a', {}, 'x/index'],
    ['{disposition}', '/a', { contentDisposition: 'attachment; filename="../../.bashrc"' }, '_bashrc~h'],
    ['{disposition}', '/a', { contentDisposition: "attachment; filename*=UTF-8''..%2fevil" }, 'evil'],
    ['{disposition}', '/a', { contentDisposition: `attachment; filename="x"; filename*=UTF-8''y%C3%A4` }, 'yä'],
    ['{disposition}', '/a', { contentDisposition: 'attachment; filename="first"; filename="second"' }, 'first'],
    ['{disposition}', '/a', { contentDisposition: 'attachment; filename="%2e%2e%2fevil"' }, 'evil'],
    ['{disposition}', '/a', { contentDisposition: 'attachment; filename="..\\\\..\\\\evil.exe"' }, 'evil.exe'],
    ['{disposition}', '/a', {}, '_'],
    ['{urlhash}', '/a', {}, requestHash(facts('/a'))],
  ])('%s of %s (%j) is %s', (template, url, more, name) => {
    expect(nameOf(template, facts(url, more))).toBe(name);
  });

  test.each<[string, Readonly<Record<string, unknown>>, string]>([
    ['{title}', { title: '../../x' }, '_._.._x~h'],
    ['{title}{ext}', { title: 'Über uns' }, 'Über uns.txt'],
    ['{page title}', { 'page title': 'a/b' }, 'a_b~h'],
    ['{year:04}-{title:3}', { year: 42, title: 'abcdef' }, '0042-abc'],
    ['{title}', { title: '' }, '_'],
    ['{title}', {}, '_'],
    ['{title}', { title: null }, '_'],
    ['{toString}', {}, '_'],
    ['{name}', { name: 'not this one' }, 'a'],
  ])('%s of a row with %j is %s', (template, input, name) => {
    expect(nameOf(template, facts('/a.txt', { input }))).toBe(name);
  });

  test('refuses a word that is neither known nor a column, and names those that are', () => {
    const template = new NameTemplate('{nope}-{title}');
    expect(() => template.requireWords(['title'])).toThrow(/\{nope\}.*\{host\}.*\{sha256\}.*\{title\}/);
    expect(() => template.requireWords(['nope'])).toThrow(/\{title\};/);
    expect(() => template.requireWords(['title', 'nope'])).not.toThrow();
    expect(template.usesColumns).toBe(true);
    expect(new NameTemplate('{host}/{path}').usesColumns).toBe(false);
  });
});

test.each(['{name', 'name}', '{host}/{', '{}', 'a{host:x}b'])('new NameTemplate(%j) refuses the brace', (text) => {
  expect(() => new NameTemplate(text)).toThrow(/^there is a brace without a word in .*; a word is written \{name\}/);
});
