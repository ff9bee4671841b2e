import { describe, expect, test } from 'vitest';
import { ColumnError } from '../../src/inputs/column-error.ts';
import { readRequests, type ReadRequestsOptions } from '../../src/inputs/read-requests.ts';
import type { RequestItem } from '../../src/inputs/request-item.ts';
import { Template, type TemplateUse } from '../../src/inputs/template.ts';
import { collect } from '../helpers/collect.ts';

describe('Template', () => {
  test.each<[string, TemplateUse, string, Record<string, unknown>, string]>([
    ['encodes a column for a URL', 'url', 'http://a/{id}', { id: 'a/b c&d%' }, 'http://a/a%2Fb%20c%26d%25'],
    ['encodes other scripts as UTF-8', 'url', 'http://a/?q={q}', { q: 'é日' }, 'http://a/?q=%C3%A9%E6%97%A5'],
    ['inserts {+column} as it is', 'url', 'http://a/{+path}', { path: 'b/c%20d?e=1' }, 'http://a/b/c%20d?e=1'],
    ['takes any column name', 'url', 'http://a/?{inventory-date}', { 'inventory-date': '1' }, 'http://a/?1'],
    ['leaves an empty value in a query', 'url', 'http://a/?q={q}&r', { q: '' }, 'http://a/?q=&r'],
    ['escapes a text in a JSON body', 'json', '{"a":"{t}"}', { t: 'x"\n\\' }, '{"a":"x\\"\\n\\\\"}'],
    [
      'inserts numbers and objects of a JSON body',
      'json',
      '{"n":{n},"o":{o}}',
      { n: 1.5, o: { x: [] } },
      '{"n":1.5,"o":{"x":[]}}',
    ],
    ['leaves other braces alone', 'json', '{"a":1,"b":{},"c":{"d":"{t}"}}', { t: '1' }, '{"a":1,"b":{},"c":{"d":"1"}}'],
    ['encodes a column for a form', 'form', 'a={t}&b=2', { t: 'x y&z' }, 'a=x+y%26z&b=2'],
    ['does not encode text', 'text', 'Bearer {t}', { t: 'x y' }, 'Bearer x y'],
  ])('%s', (_, use, text, fields, filled) => {
    expect(new Template(text, use, Object.keys(fields)).fillIn(fields)).toBe(filled);
  });

  test('tells of a plain list that it has no columns', () => {
    expect(() => new Template('http://a/{id}', 'url', ['value'])).toThrow(
      'Template contains {id}, which is not a column; {value} is the whole line of a plain list, and --input-format csv reads a table: ',
    );
  });

  test('inserts a value once: its own braces are text', () => {
    const template = new Template('{a}{b}', 'text', ['a', 'b']);
    const fields = { a: '{b}', b: '{a}' };
    expect(template.fillIn(fields)).toBe('{b}{a}');
  });

  test('refuses a placeholder that is no column, and lists the columns', () => {
    expect(() => new Template('http://a/{nope}', 'url', ['id', 'url'])).toThrow(ColumnError);
    expect(() => new Template('http://a/{nope}', 'url', ['id', 'url'])).toThrow(
      'Template contains {nope}, which is not a column: the columns are id, url',
    );
  });

  test.each([
    ['an empty value in the path', { id: '' }, /'id' is empty/],
    ['a dot segment', { id: '..' }, /'id' is a dot segment/],
    ['a missing field', {}, /no field 'id'/],
  ])('refuses %s', (_, fields, message) => {
    const template = new Template('http://a/{id}/x', 'url', ['id']);
    expect(() => template.fillIn(fields)).toThrow(expect.objectContaining({ code: 'REQUEST_INVALID' }));
    expect(() => template.fillIn(fields)).toThrow(message);
  });
});

describe('readRequests() with templates', () => {
  async function itemsOf(text: string, options: ReadRequestsOptions): Promise<RequestItem[]> {
    return collect(readRequests([text], { defaultScheme: 'none', ...options }));
  }

  test('fills URL, body and header fields from the columns of a table', async () => {
    const [item] = await itemsOf('key,text,token\n7,"say ""hi""",s3\n', {
      format: 'csv',
      urlTemplate: 'http://a/{key}',
      bodyTemplate: '{"text":"{text}"}',
      headerTemplates: { authorization: 'Bearer {token}', 'content-type': 'application/json' },
      keep: ['key'],
    });
    expect(item).toEqual({
      url: 'http://a/7',
      method: 'POST',
      body: '{"text":"say \\"hi\\""}',
      headers: [
        ['authorization', 'Bearer s3'],
        ['content-type', 'application/json'],
      ],
      input: { key: '7' },
      line: 2,
    });
  });

  test('fills them from the fields of JSON objects, and from whole lines', async () => {
    const options = { urlTemplate: 'http://a/{value}' };
    expect(await itemsOf('a b\n', { format: 'lines', ...options })).toMatchObject([{ url: 'http://a/a%20b' }]);
    const text = '{"value":1,"id":"x"}\n{"other":1}\n';
    expect(await itemsOf(text, { format: 'jsonl', ...options })).toMatchObject([
      { url: 'http://a/1', id: 'x' },
      { line: 2, error: { code: 'REQUEST_INVALID', message: expect.stringContaining(`no field 'value'`) } },
    ]);
  });

  test('rejects the row with an empty cell in the path, and reads on', async () => {
    const items = await itemsOf('id,x\n,a\n2,b\n', { format: 'csv', urlTemplate: 'http://a/{id}' });
    expect(items).toMatchObject([{ line: 2, error: {}, input: { id: '', x: 'a' } }, { url: 'http://a/2' }]);
  });

  test.each(['csv', 'jsonl'] as const)('refuses a misspelt column of %s at the first row', async (format) => {
    const text = format === 'csv' ? 'id\n1\n' : '{"id":1}\n';
    await expect(itemsOf(text, { format, urlTemplate: 'http://a/{ID}' })).rejects.toThrow(ColumnError);
  });

  test.each<[string, string, ReadRequestsOptions]>([
    ['a plain list', '1\n2\n', { format: 'lines', urlTemplate: 'http://a/{}' }],
    ['a table', 'id\n1\n', { format: 'csv', urlTemplate: 'http://a/$id' }],
    ['JSON', '{"url":"b","id":1,"n":2}', { format: 'jsonl', urlTemplate: 'http://a/', bodyTemplate: '{}' }],
  ])('refuses templates that make every request of %s the same', async (_, text, options) => {
    await expect(itemsOf(text, options)).rejects.toThrow(
      /^The URL template has no \{column\}, so every request would be the same: the columns are (value|id|.*n)$/,
    );
  });

  test.each<[string, string, ReadRequestsOptions]>([
    ['the body', 'id\n1\n', { format: 'csv', urlTemplate: 'http://a/', bodyTemplate: '{"id":"{id}"}' }],
    ['a header field', '1\n', { format: 'lines', urlTemplate: 'http://a/', headerTemplates: { x: '{value}' } }],
    ['the entry itself', '{"json":{"a":1}}', { format: 'jsonl', urlTemplate: 'http://a/' }],
  ])('takes one URL for every request where %s may differ', async (_, text, options) => {
    expect(await itemsOf(text, options)).toMatchObject([{ url: 'http://a/' }]);
  });
});
