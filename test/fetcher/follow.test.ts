import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  createFetcher,
  mockTransport,
  nextLink,
  openJournal,
  type FetchResult,
  type FollowOptions,
} from '../../src/index.ts';
import { parseRecord } from '../../src/records.ts';
import { collect } from '../helpers/collect.ts';
import { temporary } from '../helpers/temporary.ts';

const files = temporary('follow');
const site = 'http://a.test';

/** The links of each page of a small site: a tree, with links back. */
const links: Readonly<Record<string, readonly string[]>> = {
  '/': ['/a', '/b'],
  '/a': ['/c', '/d', '/'],
  '/b': ['/d', '/e', '/a'],
  '/c': [],
  '/d': ['/e#part'],
  '/e': ['/f'],
  '/f': ['/'],
};
const all = Object.keys(links).sort();

const linksOf = (result: FetchResult): string[] =>
  result.kind === 'response' ? (result.json() as string[]).map((path) => site + path) : [];
const pathOf = ({ url }: FetchResult): string => new URL(url).pathname;

/** Makes a fetcher for the site, and counts what is sent. */
function crawler(concurrency = 3): { fetcher: ReturnType<typeof createFetcher>; sent: string[] } {
  const sent: string[] = [];
  const transport = mockTransport(({ url }) => {
    const { pathname } = new URL(url);
    sent.push(pathname);
    return { body: JSON.stringify(links[pathname] ?? []) };
  });
  return { fetcher: createFetcher({ transport, concurrency }), sent };
}

describe('asCompleted() with follow', () => {
  test('fetches every page once, and tells where each comes from', async () => {
    const { fetcher, sent } = crawler();
    const results = await collect(fetcher.asCompleted([`${site}/`], { follow: linksOf }));
    expect(results.map(pathOf).sort()).toEqual(all);
    expect([...sent].sort()).toEqual(all);
    const byIndex = new Map(results.map((result) => [result.index, result]));
    expect(new Set(byIndex.keys())).toEqual(new Set([0, 1, 2, 3, 4, 5, 6]));
    for (const result of results) {
      if (pathOf(result) === '/') expect(result.from).toBeUndefined();
      else expect(byIndex.get(result.from!)!.followed).toContain(result.url);
    }
    await fetcher.close();
  });

  test('follows the pages of an API in one line, and ends after the last one', async () => {
    const transport = mockTransport(({ url }) => {
      const page = Number(new URL(url).searchParams.get('page') ?? 1);
      return page === 5 ? {} : { headers: { link: `<?page=${page + 1}>; rel="next"` } };
    });
    await using fetcher = createFetcher({ transport });
    const pages = await collect(fetcher.asCompleted([`${site}/items`], { follow: nextLink }));
    expect(pages.map(({ url, from }) => [url, from])).toEqual([
      [`${site}/items`, undefined],
      ...[2, 3, 4, 5].map((page) => [`${site}/items?page=${page}`, page - 2]),
    ]);
  });

  test('follows what the body of a page names: a relative URL, until it is null', async () => {
    const transport = mockTransport(({ url }) => {
      const page = Number(new URL(url).searchParams.get('page') ?? 1);
      return { body: JSON.stringify({ next: page === 3 ? null : `/items?page=${page + 1}` }) };
    });
    await using fetcher = createFetcher({ transport });
    const follow = (page: FetchResult): string | null =>
      page.kind === 'response' ? (page.json() as { next: string | null }).next : null;
    const pages = await collect(fetcher.asCompleted([`${site}/items`], { follow }));
    expect(pages.map(({ url }) => url)).toEqual([`${site}/items`, `${site}/items?page=2`, `${site}/items?page=3`]);
  });

  test('resolves a relative URL against the page that answered, and leaves a request without a base as it is', async () => {
    const transport = mockTransport(({ url }) =>
      url === `${site}/old` ? { status: 302, headers: { location: '/new/list' } } : {},
    );
    await using fetcher = createFetcher({ transport });
    const follow = ({ url }: FetchResult): { url: string; id?: string; defaultScheme?: 'http' }[] =>
      url === `${site}/old` ? [{ url: 'item', id: 'x' }, { url: 'b.test/', defaultScheme: 'http' }, { url: '' }] : [];
    const pages = await collect(fetcher.asCompleted([`${site}/old`], { follow }));
    expect(pages.map(({ url }) => url).sort()).toEqual(['', 'b.test/', `${site}/new/item`, `${site}/old`]);
    expect(pages.find(({ id }) => id === 'x')?.url).toBe(`${site}/new/item`);
  });

  test('waits for seeds that come late, and follows meanwhile', async () => {
    const { fetcher, sent } = crawler();
    const late = Promise.withResolvers<void>();
    async function* seeds(): AsyncGenerator<string> {
      yield `${site}/e`;
      await late.promise;
      yield `${site}/c`;
    }
    const results: string[] = [];
    for await (const result of fetcher.asCompleted(seeds(), { follow: (page) => linksOf(page).slice(0, 1) })) {
      results.push(pathOf(result));
      if (results.length === 5) late.resolve();
    }
    // A seed is fetched even if it was followed before.
    expect(results).toEqual(['/e', '/f', '/', '/a', '/c', '/c']);
    expect(sent).toHaveLength(6);
    await fetcher.close();
  }, 5000);

  test('of what always adds one stops at maxFollowed', async () => {
    const { fetcher } = crawler();
    let count = 0;
    const follow = (): string => `${site}/${(count += 1)}`;
    expect(await collect(fetcher.asCompleted([site], { follow, maxFollowed: 20 }))).toHaveLength(21);
    expect(await collect(fetcher.asCompleted([site, site], { follow, maxFollowed: 0 }))).toHaveLength(2);
    await fetcher.close();
  });

  test('fetches what is repeated once, or again with unique: false; seeds always', async () => {
    const { fetcher, sent } = crawler();
    const follow = (): string[] => [`${site}/x`, `${site}/x#y`, `${site}/`];
    const once = await collect(fetcher.asCompleted([`${site}/`, `${site}/`], { follow }));
    expect(once.map(pathOf).sort()).toEqual(['/', '/', '/x']);
    const again = await collect(fetcher.asCompleted([`${site}/`], { follow, unique: false, maxFollowed: 7 }));
    expect(again).toHaveLength(8);
    expect(sent).toHaveLength(11);
    await fetcher.close();
  });

  test('follows requests of any kind; an entry that cannot be sent has its record', async () => {
    const seen: string[] = [];
    const transport = mockTransport(({ method, url, body }) => {
      seen.push(`${method} ${url} ${Buffer.from(body ?? []).toString()}`);
      return {};
    });
    await using fetcher = createFetcher({ transport });
    const more = [{ url: site, method: 'PUT', body: 'x', id: '7' }, new URL(`${site}/u`), 'not a url', 'not a url'];
    const follow = ({ index }: FetchResult): typeof more | undefined => (index === 0 ? more : undefined);
    const results = await collect(fetcher.asCompleted([site], { follow }));
    expect(results.map(({ from, id, kind }) => [from, id, kind])).toEqual(
      expect.arrayContaining([
        [0, '7', 'response'],
        [0, undefined, 'failure'],
        [0, undefined, 'failure'],
      ]),
    );
    expect(results).toHaveLength(5);
    expect([...seen].sort()).toEqual([`GET ${site}/ `, `GET ${site}/u `, `PUT ${site}/ x`]);
  });

  test('that throws aborts the run: every request has its result, then the iterator throws', async () => {
    const { fetcher } = crawler(1);
    const bug = new Error('my bug');
    let read = 0;
    function* seeds(): Generator<string> {
      for (; read < 5;) yield `${site}/${(read += 1)}`;
    }
    const results: FetchResult[] = [];
    const run = async (): Promise<void> => {
      const follow = (): never => {
        throw bug;
      };
      for await (const result of fetcher.asCompleted(seeds(), { follow })) results.push(result);
    };
    await expect(run()).rejects.toBe(bug);
    const [first, ...others] = results.map(({ kind }) => kind);
    expect([first, new Set(others)]).toEqual(['response', new Set(['cancelled'])]);
    // One that was just being read is no request yet.
    expect(results.length).toBeGreaterThanOrEqual(read - 1);
    expect(fetcher.load()).toMatchObject({ inFlight: 0, waiting: 0 });
    await fetcher.close();
  });

  test('stops at maxFollowed though what is returned has no end', async () => {
    const { fetcher } = crawler(1);
    function* endless(): Generator<string> {
      for (let at = 0; ; at += 1) yield `${site}/${at}`;
    }
    expect(await collect(fetcher.asCompleted([site], { follow: endless, maxFollowed: 4 }))).toHaveLength(5);
  });

  test.each<[what: string, given: unknown]>([
    ['a promise', Promise.resolve(`${site}/x`)],
    ['an async iterable', (async function* () {})()],
    ['a number', 5],
  ])('that returns %s aborts the run with a TypeError that names it', async (_, given) => {
    const { fetcher } = crawler(1);
    const follow = (): never => given as never;
    await expect(collect(fetcher.asCompleted([site], { follow }))).rejects.toThrow(/^'follow' must return a request/);
  });

  test('ends with break, a stop or an abort: all is settled, and nothing starts any more', async () => {
    let closed = 0;
    function* seeds(): Generator<string> {
      try {
        for (let at = 0; ; at += 1) yield `${site}/${at}`;
      } finally {
        closed += 1;
      }
    }
    const { fetcher, sent } = crawler(2);
    const follow = ({ url }: FetchResult): string => `${url}/x`;
    for await (const _ of fetcher.asCompleted(seeds(), { follow })) break;
    const [stop, abort] = [new AbortController(), new AbortController()];
    for await (const _ of fetcher.asCompleted(seeds(), { follow, stop: stop.signal })) stop.abort();
    const reason = new Error('enough');
    const run = async (): Promise<void> => {
      for await (const _ of fetcher.asCompleted(seeds(), { follow, signal: abort.signal })) abort.abort(reason);
    };
    await expect(run()).rejects.toBe(reason);
    const before = sent.length;
    expect(fetcher.load()).toMatchObject({ inFlight: 0, waiting: 0, unread: 0 });
    await fetcher.close();
    expect([closed, sent.length]).toEqual([3, before]);
  });

  test.each([{ follow: 'x' }, { follow: linksOf, maxFollowed: -1 }, { unique: 1 }, { maxFollowed: 'many' }])(
    'refuses %o at once',
    async (options) => {
      await using fetcher = createFetcher();
      expect(() => fetcher.asCompleted([site], options as unknown as FollowOptions)).toThrow(/^Cannot fetch as '/);
    },
  );
});

describe('a journal of a run that grows', () => {
  /** Follows the site until so many results were handled, as if the program were killed then. */
  async function crawl(path: string, most = Infinity): Promise<{ sent: string[]; seen: FetchResult[] }> {
    const { fetcher, sent } = crawler(1);
    const seen: FetchResult[] = [];
    const journal = await openJournal(path);
    const results = fetcher.asCompleted(journal.pending([`${site}/`]), { follow: linksOf });
    for await (const result of journal.record(results)) {
      seen.push(result);
      if (seen.length > most) break;
    }
    await journal.close();
    await fetcher.close();
    return { sent, seen };
  }

  test.each([0, 1, 2, 3, 4, 5, 6])('that was left after %i records fetches only what is missing', async (most) => {
    const path = files.path('.jsonl');
    await crawl(path, most);
    const done = readFileSync(path, 'utf8').trim().split('\n').filter(Boolean).length;
    expect(done).toBe(most);
    const { sent } = await crawl(path);
    expect(sent).toHaveLength(all.length - done);
    const records = readFileSync(path, 'utf8')
      .trim()
      .split('\n')
      .map((line) => parseRecord(line)!);
    expect(records.map(({ url }) => new URL(url).pathname).sort()).toEqual(all);
    const byIndex = new Map(records.map((record) => [record.index, record]));
    expect(byIndex.size).toBe(all.length);
    for (const { url, from } of records) {
      if (from !== undefined) expect(byIndex.get(from)!.followed).toContain(url);
    }
    expect((await crawl(path)).sent).toEqual([]);
  });

  test('asks a page that was cut off once more, and follows it then', async () => {
    const path = files.path('.jsonl');
    await crawl(path);
    const lines = readFileSync(path, 'utf8').trim().split('\n');
    writeFileSync(path, `${lines.filter((line) => !line.includes(`"url":"${site}/e"`)).join('\n')}\n`);
    const { sent } = await crawl(path);
    expect(sent).toEqual(['/e']);
  });

  test('asks a page again that could not be followed', async () => {
    const { fetcher } = crawler(1);
    const path = files.path('.jsonl');
    const run = async (follow: (result: FetchResult) => string[]): Promise<string[]> => {
      await using journal = await openJournal(path);
      const results = fetcher.asCompleted(journal.pending([`${site}/`]), { follow });
      const kinds: string[] = [];
      for await (const { kind, url } of journal.record(results)) kinds.push(`${kind} ${url}`);
      return kinds;
    };
    const failing = run(() => {
      throw new Error('my bug');
    });
    await expect(failing).rejects.toThrow('my bug');
    const follow = ({ url }: FetchResult): string[] => (url === `${site}/` ? [`${site}/x`] : []);
    expect(await run(follow)).toEqual([`response ${site}/`, `response ${site}/x`]);
  });

  test('refuses to follow what a later run could not find again', async () => {
    await using journal = await openJournal(files.path('.jsonl'));
    const { fetcher } = crawler();
    for (const more of [{ url: site, method: 'POST' }, 'http://me:canary@a.test/']) {
      const run = async (): Promise<unknown> =>
        collect(fetcher.asCompleted((await openJournal(files.path('.jsonl'))).pending([site]), { follow: () => more }));
      await expect(run()).rejects.toThrow(/^Cannot follow (?!.*canary).* as the list is that of a journal/);
    }
    await fetcher.close();
    expect(journal.done).toBe(0);
  });
});
