import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { saveTo, type SaveToOptions } from '../../../src/bodies.ts';
import { createFetcher, mockTransport } from '../../../src/index.ts';
import { collect } from '../../helpers/collect.ts';
import { temporary } from '../../helpers/temporary.ts';

const { path } = temporary('save-to');
const transport = mockTransport(() => ({ status: 200, body: 'hello' }));

test('saveTo() names files by fields of the input, and by its line', async () => {
  const responseBody = saveTo(path(), { template: '{line}-{title}{ext}', columns: ['title'] });
  await using fetcher = createFetcher({ transport, responseBody });
  const results = await fetcher.gather([
    { url: 'http://a/1.html', input: { title: 'first' }, line: 2 },
    { url: 'http://a/2.html', input: { title: 7 } },
  ]);
  expect(results.map((result) => result.kind === 'response' && result.file)).toEqual(['2-first.html', '_-7.html']);
});

test('saveTo() keeps apart what the media type and the URL name alike, and reports a path that is too long', async () => {
  const type = { 'content-type': 'text/html' };
  const folder = path();
  const html = mockTransport(({ url }) => ({ status: 200, headers: type, body: url }));
  await using fetcher = createFetcher({ transport: html, responseBody: saveTo(folder, { template: '{path}' }) });
  const deep = `http://a/${`${'x'.repeat(200)}/`.repeat(40)}end`;
  const results = await collect(fetcher.sequential(['http://a/b', deep, 'http://a/b.html']));
  expect(
    results.map((result) =>
      result.kind === 'response' ? result.file : result.kind === 'failure' && result.error.code,
    ),
  ).toEqual(['b.html', 'FILE_IO', expect.stringMatching(/^b~[0-9a-f]{8}\.html$/)]);
  for (const { url, file } of [results[0]!, results[2]!] as { url: string; file: string }[])
    expect(readFileSync(join(folder, file), 'utf8')).toBe(url);
});

test.each<[SaveToOptions, RegExp]>([
  [{ template: '{title}' }, /\{title\} is unknown/],
  [{ template: '{title}', columns: ['name'] }, /\{title\} is unknown.*\{name\}$/],
  [{ columns: 'title' as never }, /'columns' must be an array/],
])('saveTo() refuses %j', (options, message) => {
  expect(() => saveTo(path(), options)).toThrow(message);
});
