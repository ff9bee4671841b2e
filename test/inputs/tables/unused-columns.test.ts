import { expect, test } from 'vitest';
import { readRequests, type ReadRequestsOptions } from '../../../src/inputs/read-requests.ts';
import { collect } from '../../helpers/collect.ts';

async function noticesOf(header: string, options: ReadRequestsOptions): Promise<string[]> {
  const notices: string[] = [];
  const onNotice = (notice: string): void => void notices.push(notice);
  const row = header.replaceAll(/[^,]+/g, 'x').replace(/^x/, 'http://a/');
  await collect(readRequests([`${header}\n${row}\n`], { format: 'csv', name: 'jobs.csv', onNotice, ...options }));
  return notices;
}

const body = `jobs.csv: the column body is not sent; --body-template '{+body}' sends it as the body`;
const method =
  'jobs.csv: the column Method is not sent; -X sets one method for all, and entries of JSON Lines may each have their own';
const headers = `jobs.csv: the column headers is not sent; -H 'NAME: {COLUMN}' sends a column as a header`;

test.each<[string, ReadRequestsOptions, string[]]>([
  ['url,name', {}, []],
  ['url,body,Method,headers', {}, [body, method, headers]],
  ['url,body', { bodyTemplate: '{+body}' }, []],
  ['url,body', { bodyTemplate: 'x=1' }, []],
  ['url,body', { urlTemplate: 'http://a/{body}' }, []],
  ['url,Method', { method: 'PUT' }, []],
  ['url,headers', { headerTemplates: { 'X-A': '{headers}' } }, []],
  ['url,da\u001bta', {}, []],
  // Our own records as a table.
  ['index,url,method,kind,ok,elapsedMs,attempts,body', { urlColumn: 'url' }, []],
])('readRequests() of a table with the columns %s and %j notes %j', async (header, options, notices) => {
  expect(await noticesOf(header, options)).toEqual(notices);
});
