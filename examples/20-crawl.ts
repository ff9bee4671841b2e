// A small crawl of one site that continues where it was left: the journal knows which pages are done, and where they led.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Parser } from 'htmlparser2';
import { createFetcher, openJournal, type FetchResult } from '../src/index.ts';
import { startSite } from './servers/site.ts';

const server = await startSite();
const folder = await mkdtemp(join(tmpdir(), 'crawl-'));

/** The links of a page to other pages of its site. */
function linksOf(result: FetchResult): string[] {
  if (result.kind !== 'response' || !result.ok) return [];
  const links: string[] = [];
  const add = (href: string): void => {
    const url = URL.parse(href, result.finalUrl);
    if (url?.origin === server.url) links.push(url.href);
  };
  const parser = new Parser({
    onopentag(name, { href }) {
      if (name === 'a' && href !== undefined) add(href);
    },
  });
  parser.end(result.text());
  return links;
}

/** Crawls until so many pages are done. */
async function crawl(most: number): Promise<void> {
  const fetcher = createFetcher();
  const journal = await openJournal(join(folder, 'crawl.jsonl'));
  let pages = 0;
  try {
    const results = fetcher.asCompleted(journal.pending([`${server.url}/`]), { follow: linksOf, maxFollowed: 1000 });
    for await (const result of journal.record(results)) {
      if (pages === most) break; // this page has no record yet, and is fetched again
      pages += 1;
      if (!result.ok) console.log(`broken: ${new URL(result.url).pathname}`);
    }
    console.log(`${journal.done} pages were done, ${pages} more are`);
  } finally {
    await journal.close();
    await fetcher.close();
  }
}

try {
  await crawl(3);
  await crawl(Infinity);
  await crawl(Infinity);
} finally {
  await rm(folder, { recursive: true });
  server.close();
}
