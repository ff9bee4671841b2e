import { describe, expect, test } from 'vitest';
import { expandGlob } from '../../src/inputs/glob.ts';

const urlsOf = (glob: string): string[] => Array.from(expandGlob(glob), ({ url }) => String(url));

describe('expandGlob()', () => {
  test.each([
    ['no glob', 'http://a/x', ['http://a/x']],
    ['numbers', 'http://a/[1-3]', ['http://a/1', 'http://a/2', 'http://a/3']],
    ['numbers with zeros in front', 'http://a/[08-10]', ['http://a/08', 'http://a/09', 'http://a/10']],
    ['numbers with a step', 'http://a/[1-10:4]', ['http://a/1', 'http://a/5', 'http://a/9']],
    ['letters', 'http://a/[a-c]', ['http://a/a', 'http://a/b', 'http://a/c']],
    ['letters with a step', 'http://a/[a-e:2]', ['http://a/a', 'http://a/c', 'http://a/e']],
    ['a list', 'http://{a,b}.test/', ['http://a.test/', 'http://b.test/']],
    ['a list with an empty entry', 'http://a/{x,}', ['http://a/x', 'http://a/']],
    ['two globs, the last one fastest', '{a,b}[1-2]', ['a1', 'a2', 'b1', 'b2']],
    ['an IPv6 address as it is', 'http://[::1]:80/[1-2]', ['http://[::1]:80/1', 'http://[::1]:80/2']],
    ['escaped brackets as text', String.raw`http://a/\[1-2\]\{x\}`, ['http://a/[1-2]{x}']],
  ])('expands %s', (_, glob, urls) => {
    expect(urlsOf(glob)).toEqual(urls);
  });

  test('gives the values that were chosen, by number or name', () => {
    expect([...expandGlob('http://{<city>rome,oslo}/[1-1]')]).toEqual([
      { url: 'http://rome/1', input: { city: 'rome', '2': '1' } },
      { url: 'http://oslo/1', input: { city: 'oslo', '2': '1' } },
    ]);
  });

  test('expands lazily', () => {
    const [first] = expandGlob('http://a/[1-999999999999]/[1-999999999999]');
    expect(first!.url).toBe('http://a/1/1');
  });

  test.each([
    'http://a/[3-1]',
    'http://a/[1-3:0]',
    'http://a/[x]',
    'http://a/{x',
    'http://a/x}',
    'http://a/[A-b-c]',
    'http://a/[1-3',
    'http://a/1-3]',
  ])('refuses %s', (glob) => {
    expect(() => expandGlob(glob)).toThrow(RangeError);
    expect(() => expandGlob(glob)).toThrow(`in ${glob}: write [1-9], [a-z:2] or {a,b}`);
  });
});
