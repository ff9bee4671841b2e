import { expect, test } from 'vitest';
import { readRequests } from '../../src/inputs/read-requests.ts';
import type { RequestItem } from '../../src/inputs/request-item.ts';
import { collect } from '../helpers/collect.ts';
import { inChunks } from '../helpers/in-chunks.ts';

interface Entry {
  readonly request: Readonly<Record<string, unknown>>;
  readonly response?: unknown;
}

function har(entries: readonly Entry[]): string {
  const page = { id: 'page_1', title: 'entries', entries: [{ request: { url: 'http://not-this.test/' } }] };
  return JSON.stringify(
    { log: { version: '1.2', creator: { name: 'Firefox' }, pages: [page], entries, comment: '' } },
    null,
    1,
  );
}

async function read(text: string): Promise<{ readonly items: RequestItem[]; readonly notices: string[] }> {
  const notices: string[] = [];
  const list = readRequests(inChunks(Buffer.from(text), [4000, 1, 17]), { onNotice: (notice) => notices.push(notice) });
  return { items: await collect(list), notices };
}

test('reads method, URL, header fields and body, without the fields of the connection', async () => {
  const headers = [
    { name: ':authority', value: 'a.test' },
    { name: 'Host', value: 'a.test' },
    { name: 'Accept-Encoding', value: 'gzip, br' },
    { name: 'Content-Length', value: '9' },
    { name: 'Cookie', value: 'a=1' },
  ];
  const postData = { mimeType: 'application/json', text: '{"a":"é"}' };
  const { items } = await read(har([{ request: { method: 'POST', url: 'https://a.test/x', headers, postData } }]));
  expect(items).toMatchObject([
    { url: 'https://a.test/x', method: 'POST', headers: [['Cookie', 'a=1']], body: '{"a":"é"}' },
  ]);
});

test('encodes the parameters of a form', async () => {
  const params = [
    { name: 'a', value: 'b c' },
    { name: 'd', value: '&' },
  ];
  const postData = { mimeType: 'application/x-www-form-urlencoded', params };
  const { items } = await read(har([{ request: { method: 'POST', url: 'http://a/', headers: [], postData } }]));
  expect(items).toMatchObject([{ body: 'a=b+c&d=%26' }]);
});

test('skips and counts what is not http', async () => {
  const urls = ['data:text/plain,x', 'wss://a/', 'http://a/', 'blob:http://a/1'];
  const { items, notices } = await read(har(urls.map((url) => ({ request: { method: 'GET', url } }))));
  expect(items).toMatchObject([{ url: 'http://a/' }]);
  expect(notices).toEqual(['the list: skipped 3 entries that are not http or https requests']);
});

test('rejects an entry without a request and one that uploads files, and reads on', async () => {
  const upload = { mimeType: 'multipart/form-data; boundary=x', params: [{ name: 'f', value: 'x' }] };
  const entries = [
    { request: {} },
    { request: { method: 'POST', url: 'http://up/', postData: upload } },
    { request: { url: 'http://a/' } },
  ];
  const { items } = await read(har(entries));
  expect(items).toMatchObject([
    { error: { message: 'HAR entry has no request with a URL' } },
    { url: 'http://up/', error: { message: expect.stringContaining('uploads files') } },
    { url: 'http://a/' },
  ]);
});

test('refuses a file without entries, and one that is cut off, after the entries before that', async () => {
  await expect(read('{"log":{"version":"1.2"}}')).rejects.toThrow('it does not contain the expected list');
  const whole = har([{ request: { url: 'http://a/' } }, { request: { url: 'http://b/' } }]);
  const items: RequestItem[] = [];
  const readAll = async (): Promise<void> => {
    for await (const item of readRequests([whole.slice(0, -80)], { format: 'har' })) items.push(item);
  };
  await expect(readAll()).rejects.toThrow('it ends on line');
  expect(items.length).toBeGreaterThanOrEqual(1);
});

test('reads 300 MB without holding them', async () => {
  const entry = `${JSON.stringify({ request: { url: 'http://a/' }, response: { text: 'x'.repeat(1 << 20) } })},`;
  function* chunks(): Generator<string> {
    yield '{"log":{"entries":[';
    for (let megabyte = 0; megabyte < 300; megabyte += 1) yield entry;
    yield '{"request":{"url":"http://b/"}}]}}';
  }
  const before = process.memoryUsage().rss;
  let count = 0;
  for await (const _ of readRequests(chunks(), { format: 'har' })) count += 1;
  expect(count).toBe(301);
  expect(process.memoryUsage().rss - before).toBeLessThan(200_000_000);
});
