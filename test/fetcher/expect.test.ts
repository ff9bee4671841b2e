import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { saveTo } from '../../src/bodies.ts';
import { createFetcher, mockTransport, type FetcherOptions } from '../../src/index.ts';
import { parseRecord, toRecord } from '../../src/records.ts';
import { createFetcherOn } from '../../src/fetcher/fetcher.ts';
import { ManualClock } from '../helpers/manual-clock.ts';
import { respond, serve } from '../helpers/servers/serve.ts';
import { temporary } from '../helpers/temporary.ts';

const files = temporary('expect');

describe('expect: { type, body, withinMs, statuses }', () => {
  test.each<[name: string, options: FetcherOptions]>([
    ['kept in memory', {}],
    ['only counted', { responseBody: 'discard' }],
    [
      'given to a writer',
      { responseBody: () => ({ write: () => true, end: async () => {}, commit: () => ({}), abort: () => {} }) },
    ],
    ['left by a receiver', { responseBody: () => 'discard' }],
  ])('a body that is %s is searched as text in its charset, decoded', async (_, options) => {
    await using server = await serve({
      '/latin': respond(200, { 'content-type': 'text/plain; charset=iso-8859-1' }, Buffer.from('grüße', 'latin1')),
      '/gzip': respond(200, { 'content-encoding': 'gzip' }, gzipSync('x'.repeat(100_000) + 'grüße')),
      '/other': respond(200, {}, 'hello'),
      '/empty': respond(204),
      '/missing': respond(404, {}, 'hello'),
    });
    await using fetcher = createFetcher({ ...options, expect: { body: /gr(ü)ße/g } });
    const paths = ['/latin', '/gzip', '/other', '/empty', '/missing', '/latin'];
    const results = await fetcher.gather(paths.map((path) => server.url + path));
    expect(results.map((result) => [result.ok, result.kind === 'response' && result.unexpected])).toEqual([
      [true, undefined],
      [true, undefined],
      [false, ['body']],
      [false, ['body']],
      [false, ['body']],
      [true, undefined],
    ]);
    expect(JSON.stringify(results)).not.toContain('bodyMatches');
  });

  test('a saved body is searched on its way, also by download(), and each attempt anew', async () => {
    await using server = await serve({
      '/a': [respond(503, {}, 'found'), respond(200, {}, 'other')],
      '/b': respond(200, {}, 'found'),
    });
    const folder = files.path();
    await using fetcher = createFetcher({
      responseBody: saveTo(folder),
      expect: { body: /found/ },
      retry: { retries: 1 },
    });
    const [a, b] = await fetcher.gather([`${server.url}/a`, `${server.url}/b`]);
    expect([a, b]).toMatchObject([{ ok: false, unexpected: ['body'], attempts: 2 }, { ok: true }]);
    expect(b?.kind === 'response' && readFileSync(join(folder, b.file!), 'utf8')).toBe('found');
    const path = files.path();
    expect(await fetcher.download(`${server.url}/b`, path)).toMatchObject({ ok: true, length: 5 });
    expect(readFileSync(path, 'utf8')).toBe('found');
  });

  test('types, statuses and time', async () => {
    const clock = new ManualClock();
    const transport = mockTransport(({ url }) => {
      if (url.endsWith('/slow')) clock.advance(60);
      return {
        status: url.endsWith('/404') ? 404 : 200,
        headers: url.endsWith('/none') ? {} : { 'content-type': 'Text/HTML;a=b' },
      };
    });
    const wanted = { type: 'text/html,image/*', withinMs: 50, statuses: '200,404' };
    await using fetcher = createFetcherOn(clock, { transport, expect: wanted });
    const seen: unknown[] = [];
    for (const path of ['/', '/404', '/none', '/slow']) {
      const result = await fetcher.fetch(`http://a.test${path}`);
      seen.push([result.ok, result.kind === 'response' && result.unexpected]);
    }
    expect(seen).toEqual([
      [true, undefined],
      [true, undefined],
      [false, ['type']],
      [false, ['time']],
    ]);
  });

  test('what is missed is in the record, and is read back', async () => {
    await using fetcher = createFetcher({ transport: mockTransport(() => ({})), expect: { body: /x/, type: 'a/b' } });
    const record = toRecord(await fetcher.fetch('http://a.test/'));
    expect(record).toMatchObject({ ok: false, unexpected: ['type', 'body'] });
    expect(parseRecord(JSON.stringify(record))).toEqual(record);
    expect(parseRecord(JSON.stringify({ ...record, unexpected: ['<b>'] }))).toBeUndefined();
  });

  test.each([
    [{ statuses: '20' }, /'expect.statuses' must be a list/],
    [{ type: 'html' }, /'expect.type' must be media types/],
    [{ body: 'text' }, /'expect.body' must be a regular expression/],
    [{ withinMs: 0 }, /'expect.withinMs' must be/],
    [{ status: 200 }, /no option 'expect.status'/],
    [null, /'expect' must be a list/],
  ])('%j is refused at once', (wanted, message) => {
    expect(() => createFetcher({ expect: wanted } as unknown as FetcherOptions)).toThrow(message);
  });
});
