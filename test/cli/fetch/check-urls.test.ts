import { describe, expect, test } from 'vitest';
import { checkUrls } from '../../../cli/fetch/check-urls.ts';
import { UsageError } from '../../../cli/flags/usage-error.ts';

const files = ['urls.txt', 'list.csv', './page', 'dir/hosts', 'example.com', 'install.sh', 'records.jsonl.gz'];
const context = { hasList: false, isGlob: false, isFile: (name: string) => files.includes(name) };
const list = { hasList: true };
const glob = { isGlob: true };

describe('checkUrls()', () => {
  test.each<[string, Partial<typeof context>]>([
    ['http://a/', {}],
    ['example.org', {}],
    ['other.txt', {}],
    ['./other', {}],
    ['http://[::1]:80/', {}],
    ['http://a/{"x":1}', {}],
    ['http://a/[1-3]', glob],
    ['http://a/{a,b}', { ...glob, ...list }],
    ['http://urls.txt', {}],
  ])('has nothing to say about %s (%j)', (url, change) => {
    expect(checkUrls([url], { ...context, ...change })).toEqual([]);
  });

  test.each([
    ['http://a/[1-3]', '"http://a/[1-3]" is fetched as it is; --glob expands [1-3]'],
    ['http://a/[a-z:2]', '"http://a/[a-z:2]" is fetched as it is; --glob expands [a-z:2]'],
    ['http://{a,b}/', '"http://{a,b}/" is fetched as it is; --glob expands {a,b}'],
    ['http://a/{id}', '"http://a/{id}" is fetched as it is; --url-template fills in the columns of a list (-i FILE)'],
    ['example.com', '"example.com" is fetched as a host; -i example.com reads the file of this name as a list'],
    ['install.sh', '"install.sh" is fetched as a host; -i install.sh reads the file of this name as a list'],
  ])('notes of %s: %s', (url, note) => {
    expect(checkUrls([url, url, 'http://b/'], context)).toEqual([note]);
  });

  test.each<[string, string, Partial<typeof context>?]>([
    ['urls.txt', '"urls.txt" is a file: -i urls.txt reads it as a list'],
    ['list.csv', '"list.csv" is a file: -i list.csv reads it as a list'],
    ['records.jsonl.gz', '"records.jsonl.gz" is a file: -i records.jsonl.gz reads it as a list'],
    ['./page', '"./page" is a file: -i ./page reads it as a list'],
    ['dir/hosts', '"dir/hosts" is a file: -i dir/hosts reads it as a list'],
    ['-', '- is not a URL: -i - reads URLs from standard input'],
    ['-4', 'unknown option -4; see fetchmany --help'],
    [
      'http://a/{id}',
      '"http://a/{id}" would be fetched as it is: --url-template in front of it fills in {id} from the list',
      list,
    ],
  ])('refuses %s: %s', (url, message, change) => {
    expect(() => checkUrls(['http://b/', url], { ...context, ...change })).toThrow(new UsageError(message));
  });
});
