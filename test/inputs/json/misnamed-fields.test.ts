import { describe, expect, test } from 'vitest';
import { meantField } from '../../../src/inputs/json/misnamed-fields.ts';
import { readRequests, type ReadRequestsOptions } from '../../../src/inputs/read-requests.ts';
import type { RequestItem } from '../../../src/inputs/request-item.ts';
import { toRecord } from '../../../src/http/record.ts';
import { response } from '../../helpers/results.ts';
import { collect } from '../../helpers/collect.ts';

const body = 'body for text, or json for a JSON value';

test.each([
  ['Body', 'body'],
  ['data', body],
  ['Payload', body],
  ['timeout', 'timeoutMs, in milliseconds'],
  ['timeout_ms', 'timeoutMs'],
  ['METHOD', 'method'],
  ['http-method', 'method'],
  ['header', 'headers'],
  ['bodybase64', 'bodyBase64'],
  ['maxBody', 'maxBodyBytes'],
  ['name', undefined],
  ['Id', undefined],
  ['__proto__', undefined],
  ['constructor', undefined],
])('meantField(%j) is %j', (name, meant) => {
  expect(meantField(name)).toBe(meant);
});

async function read(
  lines: readonly unknown[],
  options: ReadRequestsOptions = {},
): Promise<{ items: RequestItem[]; notices: string[] }> {
  const notices: string[] = [];
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  const onNotice = (notice: string): void => void notices.push(notice);
  const items = await collect(readRequests([text], { format: 'jsonl', name: 'jobs.jsonl', onNotice, ...options }));
  return { items, notices };
}

describe('readRequests() of JSON', () => {
  const url = 'http://a/';

  test('notes a field that is not part of the request, once for each list', async () => {
    const { items, notices } = await read([{ url }, { url, data: 1, timeout: 5 }, { url, data: 2, team: 'x' }]);
    expect(notices).toEqual([
      `jobs.jsonl: line 2 has the field data, which is not part of the request: write ${body}`,
      'jobs.jsonl: line 2 has the field timeout, which is not part of the request: write timeoutMs, in milliseconds',
    ]);
    expect(items[1]).toMatchObject({ input: { data: 1, timeout: 5 } });
  });

  test('notes nothing about fields of a request, those of a template, and those that a record carries', async () => {
    const record = toRecord(response({ url, input: { data: 1 } }));
    expect((await read([{ url, body: 'x', method: 'PUT', headers: {}, retries: 1 }, url])).notices).toEqual([]);
    expect((await read([{ url, data: 'x' }], { bodyTemplate: 'x={data}' })).notices).toEqual([]);
    expect((await read([record])).notices).toEqual([]);
  });

  test.each([
    [{ link: url }, `Entry has no field 'url'; rename its field 'link'`],
    [{ id: '1', URL: url }, `Entry has no field 'url'; rename its field 'URL'`],
    [{ id: '1' }, `Entry has no field 'url'`],
  ])('tells what may be the URL of %j', async (entry, message) => {
    const { items } = await read([entry]);
    expect(items).toMatchObject([{ error: { code: 'REQUEST_INVALID', message } }]);
  });

  test('escapes the name of a field and of the list', async () => {
    const { notices } = await read([{ url, 'da\u001bta': 1 }], { name: 'a\u001bb' });
    expect(notices).toEqual([
      String.raw`a\x1bb: line 1 has the field da\x1bta, which is not part of the request: write ${body}`,
    ]);
  });
});
