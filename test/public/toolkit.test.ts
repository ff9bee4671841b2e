import { expect, test } from 'vitest';
import {
  createFetcher,
  fetchErrorCodes,
  FetchError,
  inOrder,
  mockTransport,
  type RequestInput,
} from '../../src/index.ts';
import { csv, json, jsonl, table, text } from '../../src/formats.ts';
import { readRecords, toRecord } from '../../src/records.ts';
import { createStats, renderSummary, summaryRecord } from '../../src/stats.ts';

import { collect } from '../helpers/collect.ts';

const transport = mockTransport(({ url }) => {
  if (url.endsWith('/1')) return new FetchError('TLS_EXPIRED', 'too old');
  return { status: url.endsWith('/2') ? 404 : 200, body: 'words' };
});
const urls = Array.from({ length: 4 }, (_, at) => `http://a.test/${at}`);

test('results become records, text and figures by public names alone', async () => {
  await using fetcher = createFetcher({ transport });
  const format = jsonl();
  const stats = createStats();
  const lines: string[] = [];
  const take = (requests: AsyncIterable<RequestInput>) => fetcher.asCompleted(requests);
  for await (const result of inOrder(take, urls, 10)) {
    stats.add(result);
    lines.push(format.row(result));
  }
  const records = await collect(readRecords(lines));
  expect(records.map(({ index, kind, ok }) => [index, kind, ok])).toEqual([
    [0, 'response', true],
    [1, 'failure', false],
    [2, 'response', false],
    [3, 'response', true],
  ]);
  const again = createStats();
  for (const record of records) again.add(record);
  expect(summaryRecord(again, 1000)).toMatchObject({
    count: 4,
    ok: 2,
    statuses: { 200: 2, 404: 1 },
    codes: { TLS_EXPIRED: 1 },
    perSecond: 4,
  });
  expect(summaryRecord(again, 1000)).toMatchObject({ count: stats.count, ok: stats.ok, length: stats.length });
  expect(renderSummary(again, 1000)).toMatch(/^4 URLs in 1\.00? s/);
});

test.for([
  ['text', text(), /^200 .*http:\/\/a\.test\/0\n$/],
  ['csv', csv(), /^0,http:\/\/a\.test\/0,GET,response,true,200,/],
  ['json', json(), /^\n\{"index":0,/],
  ['jsonl', jsonl(), /^\{"index":0,.*\}\n$/],
  ['table', table(), /^ +0 {2}200/],
] as const)('%s() takes a result and its record alike', async ([name, format, pattern]) => {
  await using fetcher = createFetcher({ transport });
  const result = await fetcher.fetch(urls[0]!);
  const row = format.row(result);
  expect(row).toMatch(pattern);
  // The second row of a JSON array begins with a comma.
  if (name !== 'json') expect(format.row(toRecord(result))).toBe(row);
});

test('fetchErrorCodes lists every code once', () => {
  expect(new Set(fetchErrorCodes).size).toBe(fetchErrorCodes.length);
  expect(fetchErrorCodes).toContain('INTERNAL');
});
