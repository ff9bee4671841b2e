import { expect, test } from 'vitest';
import { saveTo, type SaveToOptions } from '../../../src/bodies.ts';
import { createFetcher, mockTransport } from '../../../src/index.ts';
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

test.each<[SaveToOptions, RegExp]>([
  [{ template: '{title}' }, /no word \{title\}/],
  [{ template: '{title}', columns: ['name'] }, /no word \{title\}.*\{name\}$/],
  [{ columns: 'title' as never }, /'columns' must be an array/],
])('saveTo() refuses %j', (options, message) => {
  expect(() => saveTo(path(), options)).toThrow(message);
});
