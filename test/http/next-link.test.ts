import { expect, test } from 'vitest';
import { createFetcher, mockTransport, nextLink } from '../../src/index.ts';

test.each<[link: string | undefined, expected: string | undefined]>([
  ['<https://api.test/items?page=2>; rel="next"', 'https://api.test/items?page=2'],
  ['<?page=2>; rel=next', 'http://a.test/items?page=2'],
  ['</last>; rel="last", </p2>; rel="prev NEXT"', 'http://a.test/p2'],
  ['</a,b;c>; title="x, <y>; rel=next"; REL="next"', 'http://a.test/a,b;c'],
  ['</a>; rel="first"; rel="next", </b>; rel=next', 'http://a.test/b'],
  ['</a>; rel=next; anchor="#part", </b> ; rel = "next"', 'http://a.test/b'],
  ['</a>; title="a \\"quote\\""; rel=next', 'http://a.test/a'],
  ['</a>; ; rel=next', 'http://a.test/a'],
  ['</a>', undefined],
  ['</a>; rel="next', undefined],
  ['garbage, </a>; rel=next', undefined],
  ['<mailto:x@y>; rel=next', undefined],
  ['<http://[>; rel=next', undefined],
  ['', undefined],
  [undefined, undefined],
])('nextLink() of %j', async (link, expected) => {
  const headers = link === undefined ? {} : { link };
  await using fetcher = createFetcher({ transport: mockTransport(() => ({ headers })) });
  expect(nextLink(await fetcher.fetch('http://a.test/items?page=1'))).toBe(expected);
});

test('nextLink() of a failure is undefined, and a hostile header takes no long time', async () => {
  await using fetcher = createFetcher();
  expect(nextLink(await fetcher.fetch('http://a.test:0/'))).toBeUndefined();
  const link = `<x>${';'.repeat(30_000)}${'<'.repeat(30_000)}; a="${'\\'.repeat(30_001)}`;
  await using other = createFetcher({ transport: mockTransport(() => ({ headers: { link } })) });
  expect(nextLink(await other.fetch('http://a.test/'))).toBeUndefined();
});
