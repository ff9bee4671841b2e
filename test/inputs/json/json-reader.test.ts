import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readRequests, type ReadRequestsOptions } from '../../../src/inputs/read-requests.ts';
import type { RequestItem } from '../../../src/inputs/request-item.ts';
import { toRecord } from '../../../src/http/record.ts';
import { createFetcher, mockTransport } from '../../../src/index.ts';
import { collect } from '../../helpers/collect.ts';
import { inChunks } from '../../helpers/in-chunks.ts';

async function itemsOf(text: string, options: ReadRequestsOptions = {}): Promise<RequestItem[]> {
  const lists = [[text], inChunks(Buffer.from(text), [1, 5, 2])];
  const [whole, pieces] = await Promise.all(
    lists.map((chunks) => collect(readRequests(chunks, { format: 'jsonl', defaultScheme: 'none', ...options }))),
  );
  expect(pieces).toEqual(whole);
  return whole!;
}

async function itemOf(value: unknown): Promise<RequestItem> {
  const [item] = await itemsOf(typeof value === 'string' ? value : JSON.stringify(value));
  return item!;
}

describe('readRequests() of JSON Lines', () => {
  test('reads URLs and request objects, and carries every other field', async () => {
    const text = [
      '"http://a/"',
      '',
      '{"url":"http://b/","method":"put","headers":{"x":"1"},"body":"b","id":"7","name":"Ann","tags":["x"]}',
    ];
    expect(await itemsOf(text.join('\r\n'))).toEqual([
      { url: 'http://a/', line: 1 },
      {
        url: 'http://b/',
        method: 'put',
        headers: { x: '1' },
        body: 'b',
        id: '7',
        input: { name: 'Ann', tags: ['x'] },
        line: 3,
      },
    ]);
  });

  test('reads the options of one request', async () => {
    const options = {
      timeoutMs: 5,
      retries: 0,
      expect: '404',
      maxBodyBytes: 10,
      proxy: 'none',
      file: 'a.html',
      sha256: 'A'.repeat(64),
    };
    const expected = { url: 'http://a/', ...options, sha256: 'a'.repeat(64), line: 1 };
    expect(await itemOf({ url: 'http://a/', ...options })).toEqual(expected);
    expect(await itemOf({ url: 'http://a/', expect: 404 })).toMatchObject({ expect: '404' });
  });

  test.each([
    ['a number', '5', '5', 'Entry is a number, not a URL or an object'],
    ['null', 'null', 'null', 'Entry is null, not a URL or an object'],
    ['an array', '[]', '[]', 'Entry is an array, not a URL or an object'],
    ['an object without a URL', '{}', '{}', `Entry has no field 'url'`],
    ['broken JSON', '{"url":', '{"url":', /^Entry is not JSON: /],
    ['text that is not quoted', 'http://a/', 'http://a/', /^Entry is not JSON: /],
    ['a URL that is a number', '{"url":5}', '{"url":5}', `'url' must be a string`],
    ['a body that is an object', '{"url":"http://a/","body":{}}', 'http://a/', /'body' must be a string; use 'json'/],
    ['two bodies', '{"url":"http://a/","body":"","json":1}', 'http://a/', /has both 'body' and 'json'/],
    ['a body that is not base64', '{"url":"http://a/","bodyBase64":"?"}', 'http://a/', /'bodyBase64' must be base64/],
    ['a checksum that is not hexadecimal', '{"url":"http://a/","sha256":"xyz"}', 'http://a/', /64 hexadecimal digits/],
    ['headers that are a text', '{"url":"http://a/","headers":"x: 1"}', 'http://a/', /'headers' must be an object/],
    ['an id that is an object', '{"url":"http://a/","id":{}}', 'http://a/', /'id' must be a string or a number/],
  ])('rejects %s, names its line, and reads on', async (_, line, url, message) => {
    const [rejected, next] = await itemsOf(`${line}\n"http://b/"\n`);
    expect(rejected).toMatchObject({ url, line: 1, error: { code: 'REQUEST_INVALID' } });
    expect((rejected as { error: Error }).error.message).toMatch(message);
    expect(next).toEqual({ url: 'http://b/', line: 2 });
  });

  test('sends JSON bodies with their type and their digits', async () => {
    expect(await itemOf('{"url":"http://a/","json":{"id":12345678901234567890,"x":[1.5]}}')).toEqual({
      url: 'http://a/',
      method: 'POST',
      headers: [['content-type', 'application/json']],
      body: '{"id":12345678901234567890,"x":[1.5]}',
      line: 1,
    });
    const pairs = { url: 'http://a/', headers: [['x', '1']], json: null };
    expect(await itemOf(pairs)).toMatchObject({
      headers: [
        ['x', '1'],
        ['content-type', 'application/json'],
      ],
      body: 'null',
    });
    const typed = { url: 'http://a/', json: 1, method: 'PATCH', headers: { 'Content-Type': 'application/x' } };
    expect(await itemOf(typed)).toMatchObject({ method: 'PATCH', headers: { 'Content-Type': 'application/x' } });
    expect(await itemOf({ url: 'http://a/', bodyBase64: 'AP8=' })).toMatchObject({ body: Buffer.from([0, 255]) });
  });

  test('keeps the digits of long numbers', async () => {
    const item = await itemOf('{"url":"http://a/","id":12345678901234567890,"big":98765432109876543210}');
    expect(item).toMatchObject({ id: '12345678901234567890' });
    expect(JSON.stringify(item.input)).toBe('{"big":98765432109876543210}');
  });

  test('carries fields with the names of object properties', async () => {
    const item = await itemOf('{"url":"http://a/","__proto__":{"polluted":true},"constructor":1}');
    expect(JSON.stringify(item.input)).toBe('{"__proto__":{"polluted":true},"constructor":1}');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  test('carries a field of a megabyte whole', async () => {
    const text = 'x'.repeat(1_000_000);
    const list = readRequests([JSON.stringify({ url: 'http://a/', text })], { format: 'jsonl' });
    expect((await collect(list))[0]!.input).toEqual({ text });
  });

  test('rejects a field that is nested too deep, of any depth', async () => {
    for (const depth of [101, 100_000]) {
      const list = readRequests([`{"url":"http://a/","x":${'['.repeat(depth)}${']'.repeat(depth)}}\n"http://b/"`], {
        format: 'jsonl',
      });
      const [rejected, next] = await collect(list);
      expect(rejected).toMatchObject({ error: { code: 'REQUEST_INVALID' } });
      expect(next).toMatchObject({ url: 'http://b/' });
    }
  });

  test('rejects a line of a gigabyte in bounded memory, and reads on', async () => {
    const chunk = Buffer.alloc(1 << 20, '"');
    function* gigabyte(): Generator<Uint8Array> {
      for (let megabyte = 0; megabyte < 1024; megabyte += 1) yield chunk;
      yield Buffer.from('\n"http://b/"');
    }
    const before = process.memoryUsage().rss;
    const items = await collect(readRequests(gigabyte(), { format: 'jsonl' }));
    expect(items).toMatchObject([
      { line: 1, error: { message: 'Entry is longer than 16777216 bytes' } },
      { url: 'http://b/', line: 2 },
    ]);
    expect(process.memoryUsage().rss - before).toBeLessThan(150_000_000);
  });

  test('reads the records of a run as the requests that it made', async () => {
    await using fetcher = createFetcher({ transport: mockTransport(() => ({ status: 500 })), retry: { retries: 0 } });
    const requests = [
      { url: 'http://a/', method: 'PUT', id: '1', input: { name: 'Ann' }, line: 9 },
      { url: 'http://b/', method: 'POST', body: 'x' },
      'http://me:secret@c/',
    ];
    const results = await fetcher.gather(requests, { returnExceptions: true });
    const text = results.map((result) => JSON.stringify(toRecord(result))).join('\n');
    const [first, second, third] = await itemsOf(text);
    expect(first).toEqual({ url: 'http://a/', method: 'PUT', id: '1', input: { name: 'Ann' }, line: 1 });
    expect(second).toMatchObject({
      url: 'http://b/',
      error: { message: expect.stringContaining('do not contain request bodies') },
    });
    expect(third).toMatchObject({ error: { message: expect.stringContaining('do not contain passwords') } });
  });
});

describe('readRequests() of a JSON array', () => {
  const json = (text: string): Promise<RequestItem[]> => itemsOf(text, { format: 'json' });

  test('reads the elements with the lines on which they begin', async () => {
    const text = '[\n  "http://a/",\n  {"url": "http://b/",\n   "t": "x],}\\"" },\n  7\n]\n';
    expect(await json(text)).toMatchObject([
      { url: 'http://a/', line: 2 },
      { url: 'http://b/', input: { t: 'x],}"' }, line: 3 },
      { url: '7', line: 5, error: { code: 'REQUEST_INVALID' } },
    ]);
  });

  test.each([
    ['an empty array', ' [ ] ', []],
    ['a single object', '\n{"url":"http://a/"}\n', [{ url: 'http://a/', line: 2 }]],
  ])('reads %s', async (_, text, items) => {
    expect(await json(text)).toEqual(items);
  });

  test.each([
    ['is cut off', '["http://a/",\n"http://b', 1, 'it ends on line 2, before the array is closed'],
    ['ends behind a comma', '["http://a/",]', 1, `there is no element before a ']' on line 1`],
    ['has two commas', '["http://a/",,"x"]', 1, `there is no element before a ',' on line 1`],
    ['goes on', '["http://a/"]\n["x"]', 1, 'there is more on line 2, after the end of the array'],
    ['is a text', '"http://a/"', 0, 'it is not a JSON array'],
    ['is empty', '', 0, 'it is not a JSON array'],
    ['closes what is not open', '["http://a/",}]', 1, `there is a '}' out of place on line 1`],
  ])('gives the elements before the fault of a file that %s', async (_, text, count, message) => {
    const items: RequestItem[] = [];
    const readAll = async (): Promise<void> => {
      for await (const item of readRequests([text], { format: 'json' })) items.push(item);
    };
    await expect(readAll()).rejects.toThrow(message);
    expect(items).toHaveLength(count);
  });

  test('agrees with JSON.parse on any array, in any chunks', async () => {
    const layouts = fc.constantFrom(undefined, 1, '\t');
    const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.jsonValue({ maxDepth: 3 })), layouts, sizes, async (values, space, chunks) => {
        const entries = values.map((value) => ({ url: 'http://a/', value }));
        const text = Buffer.from(JSON.stringify(entries, undefined, space));
        const items = await collect(readRequests(inChunks(text, chunks), { format: 'json' }));
        expect(items.map(({ input }) => JSON.stringify(input))).toEqual(
          entries.map(({ value }) => JSON.stringify({ value })),
        );
      }),
    );
  });
});
