import { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { createFetcher, mockTransport } from '../../src/index.ts';
import { InputError } from '../../src/inputs/input-error.ts';
import { readRequests, type ReadRequestsOptions } from '../../src/inputs/read-requests.ts';
import { collect } from '../helpers/collect.ts';
import { temporary } from '../helpers/temporary.ts';

const { file, path } = temporary('requests');

async function urlsOf(...[source, options]: Parameters<typeof readRequests>): Promise<string[]> {
  return (await collect(readRequests(source, options))).map(({ url }) => String(url));
}

describe('readRequests()', () => {
  test.each<[string, string, string]>([
    ['.csv', 'name,url\nx,http://a/\n', 'http://a/'],
    ['.tsv', 'na,me\turl\nx\thttp://a/\n', 'http://a/'],
    ['.jsonl', '\n{"url":"http://a/"}\n', 'http://a/'],
    ['.ndjson', '"http://a/"\n', 'http://a/'],
    ['.json', '["http://a/"]', 'http://a/'],
    ['.xml', '<urlset><url><loc>http://a/</loc></url></urlset>', 'http://a/'],
    ['.har', '{"log":{"entries":[{"request":{"url":"http://a/"}}]}}', 'http://a/'],
    ['.sh', '# copied\ncurl http://a/\n', 'http://a/'],
    ['.txt', 'http://a/?x=1,2\n', 'http://a/?x=1,2'],
  ])('knows the format of a file by its extension %s, also as gzip', async (extension, text, url) => {
    expect(await urlsOf(file(text, extension))).toEqual([url]);
    expect(await urlsOf(file(gzipSync(text), `${extension}.gz`))).toEqual([url]);
  });

  test.each<[string, string]>([
    ['JSON Lines', ' \n{"url":"http://a/"}\n{"url":"http://a/"}'],
    ['a JSON array', '\n [ "http://a/",\n"http://a/"]'],
    ['a JSON object over several lines', '{\n"url":"http://a/"\n}'],
    ['a sitemap', '<?xml version="1.0"?>\n<urlset><url><loc>http://a/</loc></url></urlset>'],
    ['a HAR file', '{ "log": {"entries":[{"request":{"url":"http://a/"}}]}}'],
    ['curl commands', 'curl http://a/ -H "x: 1"'],
    ['lines', '# a list\n\nhttp://a/'],
  ])('knows %s by the first characters, whatever the chunks', async (_, text) => {
    expect(new Set(await urlsOf([text]))).toEqual(new Set(['http://a/']));
    expect(new Set(await urlsOf(text.split('')))).toEqual(new Set(['http://a/']));
  });

  test.each<[string, string, readonly string[] | undefined, readonly string[]]>([
    ['.csv', 'id,url,title\n1,http://a/,x\n', undefined, ['id', 'url', 'title']],
    ['.csv', 'id,url,title\n1,http://a/,x\n', ['title'], ['title']],
    ['.jsonl', '{"url":"http://a/","id":"1","title":"x","n":1}\n', undefined, ['title', 'n']],
    ['.json', '[{"url":"http://a/","title":"x","n":1}]', ['n'], ['n']],
    ['.txt', 'http://a/\n', undefined, []],
    ['.xml', '<urlset><url><loc>http://a/</loc></url></urlset>', undefined, ['lastmod']],
    ['.sh', 'curl http://a/\n', undefined, []],
  ])('tells onColumns what %s (%j, keep %j) carries', async (extension, text, keep, columns) => {
    const told: (readonly string[])[] = [];
    const options = { ...(keep && { keep }), onColumns: (names: readonly string[]) => void told.push(names) };
    await urlsOf(file(text, extension), options);
    expect(told).toEqual([columns]);
    const failing = { ...options, onColumns: () => void expect.unreachable('no such column') };
    await expect(urlsOf(file(text, extension), failing)).rejects.toThrow('no such column');
  });

  test('takes checksums from columns and fields, if it may, and not from the records of a run', async () => {
    const table = 'url,SHA256,md5,checksum\nhttp://a/,ab,,sha1:cd sha512-ef\nhttp://b/,sha256-gh,,\nhttp://c/,,,\n';
    const checksums = async (text: string, extension: string, options = {}): Promise<unknown[]> =>
      (await collect(readRequests(file(text, extension), options))).map((item) => 'checksum' in item && item.checksum);
    const wanted = ['sha256:ab sha1:cd sha512-ef', 'sha256-gh', false];
    expect(await checksums(table, '.csv', { checksums: true })).toEqual(wanted);
    expect(await checksums(table, '.csv', { checksums: true, keep: ['url'] })).toEqual(wanted);
    expect(await checksums(table, '.csv')).toEqual([false, false, false]);
    const entries = '{"url":"http://a/","sha512":"ab"}\n{"url":"http://b/","md5":null}\n';
    expect(await checksums(entries, '.jsonl', { checksums: true })).toEqual(['sha512:ab', false]);
    const common = { url: 'http://a/', method: 'GET', index: 0, elapsedMs: 1, attempts: 1, sha256: 'ab' };
    const response = { kind: 'response', ok: true, status: 200, length: 1, wireLength: 1, complete: 'framed' };
    const record = { ...common, ...response, finalUrl: 'http://a/', redirects: 0, input: { md5: 'cd' } };
    expect(await checksums(`${JSON.stringify(record)}\n`, '.jsonl', { checksums: true })).toEqual(['md5:cd']);
  });

  test.each(['[::1]:8080', '[2001:db8::1]/x', '{id}'.slice(1), 'curlew.test'])('takes %s for a line', async (line) => {
    expect(await urlsOf([`${line}\n`])).toEqual([line]);
  });

  test('reads paths, file URLs, streams, strings and bytes', async () => {
    const list = file('http://a/\n', '.txt');
    expect(await urlsOf(list)).toEqual(['http://a/']);
    expect(await urlsOf(pathToFileURL(list))).toEqual(['http://a/']);
    expect(await urlsOf(Readable.from([Buffer.from('http://a/\n')]))).toEqual(['http://a/']);
    expect(await urlsOf(['http:', Buffer.from('//a/\n')])).toEqual(['http://a/']);
  });

  test.each([
    ['Shift_JIS', 'shift_jis', [0x93, 0xfa, 0x96, 0x7b], '日本'],
    ['windows-1252', 'windows-1252', [0xe9, 0x80], 'é€'],
    ['UTF-16 without a mark', 'utf-16le', [0xe9, 0x00, 0x0a, 0x00], 'é'],
  ])('decodes %s', async (_, charset, bytes, url) => {
    expect(await urlsOf([Uint8Array.from(bytes)], { format: 'lines', charset })).toEqual([url]);
    const single = bytes.map((byte) => Uint8Array.of(byte));
    expect(await urlsOf(single, { format: 'lines', charset })).toEqual([url]);
  });

  test('gives a row as soon as it is there', async () => {
    const more = Promise.withResolvers<void>();
    async function* chunks(): AsyncGenerator<string> {
      yield 'url,x\nhttp://a/,1\nhttp';
      await more.promise;
      yield '://b/,2\n';
    }
    const items = readRequests(chunks(), { format: 'csv' })[Symbol.asyncIterator]();
    expect((await items.next()).value).toMatchObject({ url: 'http://a/' });
    more.resolve();
    expect((await items.next()).value).toMatchObject({ url: 'http://b/' });
  });

  test('closes a silent stream when its consumer leaves', async () => {
    const stream = new Readable({ read: () => {} });
    const items = readRequests(stream, { format: 'lines' })[Symbol.asyncIterator]();
    const waiting = items.next();
    await items.return!();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(stream.destroyed).toBe(true);
  });

  test('forecasts the number of requests from the size of the file', async () => {
    const list = readRequests(file('http://a/\n'.repeat(100_000), '.txt'));
    expect(list.expected).toBeUndefined();
    let read = 0;
    for await (const _ of list) {
      read += 1;
      if (read === 60_000) expect(list.expected).toBeGreaterThan(90_000);
    }
    expect(list.expected).toBe(100_000);
  });

  test('puts a name on every request if told so', async () => {
    const items = await collect(readRequests(['http://a/\n'], { format: 'lines', source: 'mine' }));
    expect(items).toMatchObject([{ url: 'http://a/', line: 1, source: 'mine' }]);
  });

  test('refuses to be read twice, and a file that is not there', async () => {
    const list = readRequests(['http://a/']);
    await collect(list);
    expect(() => list[Symbol.asyncIterator]()).toThrow('Cannot read the list a second time');
    expect(() => readRequests(path('.csv'))).toThrow(InputError);
  });

  test.each<[string, object, RegExp]>([
    ['format', { format: 'xlsx' }, /'format' must be one of lines, csv/],
    ['charset', { charset: 'klingon' }, /'charset' must be an encoding/],
    ['delimiter', { delimiter: '::' }, /'delimiter' must be one character/],
    ['delimiter', { delimiter: 'é' }, /'delimiter' must be an ASCII character/],
    ['defaultScheme', { defaultScheme: 'ftp' }, /'defaultScheme' must be 'http', 'https' or 'none'/],
    ['keep', { keep: 'a' }, /'keep' must be an array of column names/],
  ])('refuses a wrong %s at once', (_, options, message) => {
    expect(() => readRequests([], options as ReadRequestsOptions)).toThrow(message);
  });

  test('reads a gzip bomb in bounded memory', async () => {
    const bomb = gzipSync(Buffer.concat(Array.from({ length: 300 }, () => Buffer.alloc(1 << 20, 'x'))));
    const before = process.memoryUsage().rss;
    expect(await urlsOf([bomb], { format: 'lines' })).toHaveLength(1);
    expect(process.memoryUsage().rss - before).toBeLessThan(100_000_000);
  });
});

describe('requests of a list', () => {
  test('become one result each, with line, source and columns', async () => {
    const asked: string[] = [];
    const transport = mockTransport(({ url }) => {
      asked.push(url);
      return { status: 200 };
    });
    await using fetcher = createFetcher({ transport });
    const text = 'id,url\n1,example.com/x\n2,\n3,http://b.test/\n4,/not/a/host\n';
    const results = await fetcher.gather(readRequests([text], { format: 'csv', source: 'people' }), {
      returnExceptions: true,
    });
    expect(results).toMatchObject([
      {
        url: 'example.com/x',
        kind: 'response',
        id: '1',
        line: 2,
        source: 'people',
        input: { id: '1', url: 'example.com/x' },
      },
      { url: '2,', kind: 'failure', line: 3, error: { code: 'URL_INVALID' }, id: '2' },
      { url: 'http://b.test/', kind: 'response', line: 4 },
      { url: '/not/a/host', kind: 'failure', line: 5, error: { code: 'URL_INVALID' } },
    ]);
    expect(asked.toSorted()).toEqual(['http://b.test/', 'https://example.com/x']);
  });

  test('of a table of 10,000 rows come back in input order, each with its cells', async () => {
    await using fetcher = createFetcher({
      transport: mockTransport(() => ({ status: 200 })),
      perHost: { concurrency: 50 },
    });
    const rows = Array.from({ length: 10_000 }, (_, at) => [
      String(at),
      `"Smith, ""${at}"""`,
      `h${at % 50}.test/${at}`,
    ]);
    const text = ['id,name,url', ...rows.map((row) => row.join(','))].join('\r\n');
    const results = await fetcher.gather(readRequests([Buffer.from(text)], { format: 'csv' }));
    expect(results.map(({ id, line, input }) => [id, line, input])).toEqual(
      rows.map(([id, , url], at) => [id, at + 2, { id, name: `Smith, "${at}"`, url }]),
    );
  });
});
