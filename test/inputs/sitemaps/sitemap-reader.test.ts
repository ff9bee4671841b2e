import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { createFetcher, mockTransport } from '../../../src/index.ts';
import type { ListSource } from '../../../src/inputs/open-source.ts';
import { readRequests } from '../../../src/inputs/read-requests.ts';
import type { RequestItem } from '../../../src/inputs/request-item.ts';
import { collect } from '../../helpers/collect.ts';
import { inChunks } from '../../helpers/in-chunks.ts';

interface Reading {
  readonly items: RequestItem[];
  readonly urls: string[];
  readonly fetched: string[];
  readonly notices: string[];
  readonly error: string | undefined;
}

/** Reads a sitemap; `site` holds what can be fetched. */
async function read(source: ListSource, site: Readonly<Record<string, string | Uint8Array>> = {}): Promise<Reading> {
  const items: RequestItem[] = [];
  const fetched: string[] = [];
  const notices: string[] = [];
  let error: string | undefined;
  const fetchBytes = async (url: string): Promise<AsyncIterable<Uint8Array>> => {
    fetched.push(url);
    const body = site[url];
    if (body === undefined) throw new Error('status 404');
    return ReadableStream.from(inChunks(Buffer.from(body as string), [9, 1, 100]));
  };
  const list = readRequests(source, { format: 'sitemap', fetchBytes, onNotice: (notice) => notices.push(notice) });
  try {
    for await (const item of list) items.push(item);
  } catch (thrown) {
    error = (thrown as Error).message;
  }
  return { items, urls: items.map(({ url }) => String(url)), fetched, notices, error };
}

const urlset = (...urls: string[]): string =>
  `<urlset>${urls.map((url) => `<url><loc>${url}</loc></url>`).join('')}</urlset>`;
const index = (...urls: string[]): string =>
  `<sitemapindex>${urls.map((url) => `<sitemap><loc>${url}</loc></sitemap>`).join('')}</sitemapindex>`;

describe('readRequests() of a sitemap', () => {
  test.each([
    ['a namespace prefix', '<s:urlset xmlns:s="x"><s:url><s:loc>http://a/</s:loc></s:url></s:urlset>', ['http://a/']],
    ['CDATA and blanks', '<urlset><url><loc>\n <![CDATA[http://a/?x&y]]> </loc></url></urlset>', ['http://a/?x&y']],
    ['entities', urlset('http://a/?x=1&amp;y=&#50;'), ['http://a/?x=1&y=2']],
    ['a bare ampersand', urlset('http://a/?x=1&y=2'), ['http://a/?x=1&y=2']],
    ['a comment around a loc', '<urlset><!-- <url><loc>http://no/</loc></url> --></urlset>', []],
    [
      'images and videos',
      '<urlset><url><loc>http://a/</loc><image:image><image:loc>http://i/</image:loc></image:image></url></urlset>',
      ['http://a/'],
    ],
    ['an entry without a loc', '<urlset><url><lastmod>2026</lastmod></url></urlset>', []],
    [
      'entities of its own',
      '<!DOCTYPE x [<!ENTITY a "bomb">]><urlset><url><loc>http://a/&a;</loc></url></urlset>',
      ['http://a/&a;'],
    ],
    ['a name in a DOCTYPE', '<!DOCTYPE x SYSTEM "file:///etc/passwd"><urlset></urlset>', []],
  ])('reads %s', async (_, text, urls) => {
    expect(await read([text])).toMatchObject({ urls, error: undefined });
    expect(await read(inChunks(Buffer.from(text), [1]))).toMatchObject({ urls, error: undefined });
  });

  test('carries lastmod', async () => {
    const text = '<urlset><url><loc>http://a/</loc><lastmod>2026-01-02</lastmod></url></urlset>';
    expect((await read([text])).items).toEqual([{ url: 'http://a/', input: { lastmod: '2026-01-02' } }]);
  });

  test.each([
    ['within a loc', 14],
    ['behind a loc', 12],
  ])('drops no whole URL and gives no half one of a file that is cut off %s', async (_, cut) => {
    const text = '<urlset><url><loc>http://a/1</loc></url><url><loc>http://a/22</loc></url></urlset>';
    const end = text.indexOf('22</loc>') + (cut === 14 ? 1 : 8);
    expect(await read([text.slice(0, end)])).toMatchObject({
      urls: cut === 14 ? ['http://a/1'] : ['http://a/1', 'http://a/22'],
      error: expect.stringContaining('it ends before its last tag'),
    });
  });

  test.each([
    ['an HTML page', '<!doctype html><html><body><a href="http://a/">', /it is an HTML page, not a sitemap$/],
    ['another XML document', '<rss><channel/></rss>', /it is an XML document of <rss>, not a sitemap$/],
    ['an empty file', '', /it is empty or not XML/],
    ['a text', 'Not found', /it is empty or not XML/],
    ['elements nested a million deep', `<urlset>${'<a>'.repeat(1_000_000)}`, /nested more than 100 levels deep$/],
    [
      'a comment of 10 MB',
      `<urlset><!-- ${'x'.repeat(10_000_000)}`,
      /has a tag or a comment of more than 1000000 bytes$/,
    ],
    ['a tag of 10 MB', `<urlset><url ${'x'.repeat(10_000_000)}`, /has a tag or a comment of more than 1000000 bytes$/],
  ])('refuses %s', async (_, text, message) => {
    const { items, error } = await read(inChunks(Buffer.from(text), [65_536]));
    expect(items).toEqual([]);
    expect(error).toMatch(message);
  });

  test('refuses a document of more than 200 MB in bounded memory', async () => {
    function* bomb(): Generator<Uint8Array> {
      yield Buffer.from('<urlset><url><loc>');
      for (let megabyte = 0; megabyte < 300; megabyte += 1) yield Buffer.alloc(1 << 20, 'x');
    }
    const before = process.memoryUsage().rss;
    expect((await read(bomb())).error).toMatch(/it is larger than 200000000 bytes$/);
    expect(process.memoryUsage().rss - before).toBeLessThan(200_000_000);
  });

  test('takes a relative URL for what it is: invalid', async () => {
    expect((await read([urlset('/relative')])).items).toEqual([{ url: '/relative' }]);
  });

  test('reads the parts of an index once each, packed or not, and names their source', async () => {
    const root = index('http://s/1.xml', 'http://s/2.xml.gz', 'http://s/1.xml', 'http://s/plain.gz');
    const reading = await read([root], {
      'http://s/1.xml': urlset('http://a/1'),
      'http://s/2.xml.gz': gzipSync(urlset('http://a/2')),
      'http://s/plain.gz': urlset('http://a/3'),
    });
    expect(reading.fetched).toEqual(['http://s/1.xml', 'http://s/2.xml.gz', 'http://s/plain.gz']);
    expect(reading.items).toEqual([
      { url: 'http://a/1', source: 'http://s/1.xml' },
      { url: 'http://a/2', source: 'http://s/2.xml.gz' },
      { url: 'http://a/3', source: 'http://s/plain.gz' },
    ]);
  });

  test('follows no index within an index, not even itself', async () => {
    const reading = await read(new URL('http://s/root.xml'), {
      'http://s/root.xml': index('http://s/root.xml', 'http://s/inner.xml', 'http://s/1.xml'),
      'http://s/inner.xml': index('http://s/third.xml'),
      'http://s/1.xml': urlset('http://a/1'),
    });
    expect(reading).toMatchObject({ urls: ['http://a/1'], error: undefined });
    expect(reading.fetched).toEqual(['http://s/root.xml', 'http://s/inner.xml', 'http://s/1.xml']);
    expect(reading.notices).toEqual([
      'http://s/inner.xml in http://s/root.xml is itself an index; its 1 sitemaps were skipped',
    ]);
  });

  test('reads on past a part that fails, and then says which one', async () => {
    const root = index('http://s/gone.xml', 'file:///etc/passwd', 'http://s/1.xml');
    const reading = await read([root], { 'http://s/1.xml': urlset('http://a/1') });
    expect(reading.urls).toEqual(['http://a/1']);
    expect(reading.error).toBe('Cannot read http://s/gone.xml: status 404');
    expect(reading.notices).toEqual(['2 sitemaps cannot be read completely']);
    expect(reading.fetched).not.toContain('file:///etc/passwd');
  });

  test('finds the sitemaps of a site in its robots.txt, or else at /sitemap.xml', async () => {
    const named = await read(new URL('http://s/'), {
      'http://s/robots.txt': 'User-agent: *\r\nSITEMAP : http://s/a.xml\r\n  sitemap:http://s/b.xml # x\r\n',
      'http://s/a.xml': urlset('http://a/1'),
      'http://s/b.xml': urlset('http://a/2'),
    });
    expect(named).toMatchObject({ urls: ['http://a/1', 'http://a/2'], error: undefined });
    const usual = await read(new URL('http://s/'), { 'http://s/sitemap.xml': urlset('http://a/1') });
    expect(usual).toMatchObject({ urls: ['http://a/1'], error: undefined });
  });

  test('reads a site through a fetcher', async () => {
    const transport = mockTransport(({ url }) =>
      url === 'http://s/sitemap.xml' ? { body: urlset('http://a/1') } : { status: 404 },
    );
    await using fetcher = createFetcher({ transport });
    const fetchBytes = async (url: string): Promise<Iterable<Uint8Array>> => {
      const result = await fetcher.fetch(url);
      if (result.kind !== 'response' || !result.ok) throw new Error(`there is no ${url}`);
      return [result.bytes()];
    };
    const items = await collect(readRequests(new URL('http://s/'), { fetchBytes }));
    expect(items).toEqual([{ url: 'http://a/1', source: 'http://s/sitemap.xml' }]);
  });

  test('needs a function for the parts of an index', async () => {
    const list = readRequests([index('http://s/1.xml')], { format: 'sitemap' });
    await expect(collect(list)).rejects.toThrow(
      `Cannot read http://s/1.xml: it is part of a sitemap index; pass 'fetchBytes'`,
    );
  });

  test('reads an index of 50,000 URLs in ten parts', async () => {
    const parts = Array.from({ length: 10 }, (_, at) => `http://s/${at}.xml`);
    const site = Object.fromEntries(
      parts.map((part) => [part, urlset(...Array.from({ length: 5000 }, (_, at) => `${part}/${at}`))]),
    );
    const { urls, error } = await read([index(...parts)], site);
    expect(error).toBeUndefined();
    expect(new Set(urls).size).toBe(50_000);
  });
});
