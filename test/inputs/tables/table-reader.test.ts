import { describe, expect, test } from 'vitest';
import { ColumnError } from '../../../src/inputs/column-error.ts';
import { readRequests, type ReadRequestsOptions } from '../../../src/inputs/read-requests.ts';
import type { RequestItem } from '../../../src/inputs/request-item.ts';
import { collect } from '../../helpers/collect.ts';

async function read(
  text: string,
  options: ReadRequestsOptions = {},
): Promise<{ items: RequestItem[]; notices: string[]; columns: readonly string[] | undefined }> {
  const notices: string[] = [];
  const onNotice = (notice: string): void => void notices.push(notice);
  const list = readRequests([text], { format: 'csv', name: 'people.csv', defaultScheme: 'none', onNotice, ...options });
  return { items: await collect(list), notices, columns: list.columns };
}

describe('readRequests() of a table', () => {
  test('carries every column, takes the id, and counts lines', async () => {
    const { items } = await read('id,name,url\n1,"Smith,\nAnn",http://a/\n2,Bob,http://b/\n');
    expect(items).toEqual([
      { url: 'http://a/', id: '1', input: { id: '1', name: 'Smith,\nAnn', url: 'http://a/' }, line: 2 },
      { url: 'http://b/', id: '2', input: { id: '2', name: 'Bob', url: 'http://b/' }, line: 4 },
    ]);
  });

  test.each<[string, string, ReadRequestsOptions, string[]]>([
    ['named by an option', 'url,home\nx,http://a/\n', { urlColumn: 'home' }, ['http://a/']],
    ['named by an option, in other case', 'URL,Home\nx,http://a/\n', { urlColumn: 'home' }, ['http://a/']],
    ['called url', 'link,URL\nx,http://a/\n', {}, ['http://a/']],
    ['called link', 'name,Link\nx,http://a/\n', {}, ['http://a/']],
    ['called domain', 'rank,domain\n1,a.test\n', {}, ['a.test']],
    ['found by the first row', 'a,b\nx,https://a/\ny,z\n', {}, ['https://a/', 'z']],
    ['found where there is no header', 'x,http://a/\ny,http://b/\n', {}, ['http://a/', 'http://b/']],
    [
      'of a table that is said to have no header',
      'url,x\nhttp://a/,1\n',
      { hasHeader: false, urlColumn: 'column1' },
      ['url', 'http://a/'],
    ],
    ['of a table that is said to have a header', 'http://a/,x\nhttp://b/,1\n', { hasHeader: true }, ['http://b/']],
  ])('reads the URL from the column %s', async (_, text, options, urls) => {
    expect((await read(text, options)).items.map(({ url }) => url)).toEqual(urls);
  });

  test('names the columns of a table without a header', async () => {
    const { items, columns } = await read('x,http://a/\n');
    expect(items).toEqual([{ url: 'http://a/', input: { column1: 'x', column2: 'http://a/' }, line: 1 }]);
    expect(columns).toEqual(['column1', 'column2']);
  });

  test.each<[string, string, ReadRequestsOptions, string]>([
    [
      'a URL column',
      'a,url\n1,http://a/\n',
      { urlColumn: 'home' },
      `There is no column 'home' in people.csv: the columns are a, url`,
    ],
    [
      'an id column',
      'a,url\n1,http://a/\n',
      { idColumn: 'key' },
      `There is no column 'key' in people.csv: the columns are a, url`,
    ],
    [
      'a column to keep',
      'a,url\n1,http://a/\n',
      { keep: ['b'] },
      `There is no column 'b' to keep: the columns are a, url`,
    ],
    [
      'any URL',
      'a,b\n1,2\n',
      {},
      'Cannot find the URL in people.csv; name its column with urlColumn or --url-column, or make it with urlTemplate or --url-template: the columns are a, b',
    ],
  ])('refuses a table without %s, and lists its columns', async (_, text, options, message) => {
    await expect(read(text, options)).rejects.toThrow(
      new ColumnError(message.split(': the columns')[0]!, message.split('are ')[1]!.split(', ')),
    );
  });

  test('fills short rows, ignores the rest of long ones, and says so once', async () => {
    const { items, notices } = await read('url,title\nhttp://a/\nhttp://b/,t,x,y\nhttp://c/,t,x\n');
    expect(items.map(({ input }) => input)).toEqual([
      { url: 'http://a/', title: '' },
      { url: 'http://b/', title: 't' },
      { url: 'http://c/', title: 't' },
    ]);
    expect(notices).toEqual(['people.csv: line 3 has 4 cells but the table has 2 columns; extra cells are ignored']);
  });

  test('makes one record of a row without a URL', async () => {
    const { items } = await read('title,url,id\nx\n,,\ny,http://b/,2\n');
    expect(items).toMatchObject([
      {
        url: 'x',
        line: 2,
        input: { title: 'x', url: '' },
        error: { code: 'URL_INVALID', message: 'Entry has no URL' },
      },
      { url: ',,', line: 3, error: { code: 'URL_INVALID' } },
      { url: 'http://b/', id: '2' },
    ]);
  });

  test('keeps columns that share a name or have none, without polluting objects', async () => {
    const { items, notices } = await read('url,url,,__proto__\nhttp://a/,2,3,4\n');
    expect(JSON.parse(JSON.stringify(items[0]!.input), (_, value: unknown) => value)).toEqual(
      JSON.parse('{"url":"http://a/","url_2":"2","column3":"3","__proto__":"4"}'),
    );
    expect(Object.getPrototypeOf(items[0]!.input)).toBe(Object.prototype);
    expect(notices).toEqual([`people.csv: the column 'url' occurs more than once; column 2 is called 'url_2'`]);
  });

  test('names columns in linear time, and refuses too many', async () => {
    const { columns } = await read(`url,${'a,'.repeat(9000)}b\n`);
    expect(new Set(columns).size).toBe(9002);
    await expect(read(`url${',a'.repeat(10_000)}\n`)).rejects.toThrow('it has more than 10000 columns');
  });

  test.each([
    ['some columns', ['name'], { name: 'Ann' }],
    ['no column', [], undefined],
  ])('carries %s if told so', async (_, keep, input) => {
    const { items } = await read('url,name,x\nhttp://a/,Ann,1\n', { keep });
    expect(items[0]!.input).toEqual(input);
  });
});
