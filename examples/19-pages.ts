// Every page of an API, one after the other, as its `Link` headers lead on.
import { createFetcher, nextLink } from '../src/index.ts';
import { startSite } from './servers/site.ts';

const server = await startSite();
const fetcher = createFetcher();
try {
  for await (const page of fetcher.asCompleted([`${server.url}/items`], { follow: nextLink })) {
    if (page.kind !== 'response') throw page.error;
    console.log(`${new URL(page.url).search || 'first page'}: ${(page.json() as number[]).join(' ')}`);
  }
} finally {
  await fetcher.close();
  server.close();
}
