import { describe, expect, test } from 'vitest';
import { looksLikeTable } from '../../src/inputs/input-format.ts';
import { readRequests, type ReadRequestsOptions } from '../../src/inputs/read-requests.ts';
import { collect } from '../helpers/collect.ts';

test.each([
  'id,name,url\n1,Ann,http://a/\n',
  'id;name;url\r\n',
  'id\tname\turl\n',
  '\n  "id","first name","url"\n',
  'status,,url',
  '1,"Ann",http://a/\n',
  'Ann|https://a/\n',
])('looksLikeTable() knows %j', (front) => {
  expect(looksLikeTable(front)).toBe(true);
});

test.each([
  '',
  'http://a/?x=1,2\n',
  'http://a/,http://b/\n',
  'example.com\n',
  'example.com/a,b\n',
  '# id,name,url\n',
  'a b c\n',
  '1,2,3\n',
])('looksLikeTable() does not take %j for one', (front) => {
  expect(looksLikeTable(front)).toBe(false);
});

describe('readRequests() of a list of unknown format', () => {
  async function noticesOf(text: string, options: ReadRequestsOptions = {}): Promise<string[]> {
    const notices: string[] = [];
    await collect(readRequests([text], { onNotice: (notice) => notices.push(notice), ...options }));
    return notices;
  }

  test('notes that it begins like a table', async () => {
    const text = 'id,url\n1,http://a/\n';
    const notice = 'begins like a table; --input-format csv reads it as one';
    expect(await noticesOf(text)).toEqual([`the list ${notice}`]);
    expect(await noticesOf(text, { name: '-' })).toEqual([`standard input ${notice}`]);
    expect(await noticesOf(text, { name: 'a\u001b.txt' })).toEqual([String.raw`a\x1b.txt ${notice}`]);
  });

  test('notes nothing where the format is known, or nothing looks like one', async () => {
    expect(await noticesOf('id,url\n1,http://a/\n', { format: 'lines' })).toEqual([]);
    expect(await noticesOf('id,url\n1,http://a/\n', { format: 'csv' })).toEqual([]);
    expect(await noticesOf('http://a/?x=1,2\n')).toEqual([]);
  });
});
