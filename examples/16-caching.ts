// A cache around whole requests: a fresh answer is given without asking, an older one is asked for with its ETag.
import { createFetcher, type Around, type FetchResult } from '../src/index.ts';
import { listen } from './servers/listen.ts';

let served = 0;
let confirmed = 0;
const server = await listen((request, response) => {
  if (request.headers['if-none-match'] === '"v1"') {
    confirmed += 1;
    response.writeHead(304, { etag: '"v1"' }).end();
  } else {
    served += 1;
    response.writeHead(200, { etag: '"v1"' }).end('content');
  }
});

/** Keeps the last answers, fresh for some milliseconds. Real ones would also bound their memory and look at `cache-control`. */
function cache(freshMs: number): Around {
  const known = new Map<string, { readonly result: FetchResult; readonly at: number }>();
  return async (request, next) => {
    if (request.method !== 'GET') return next(request);
    const entry = known.get(request.url);
    if (entry !== undefined && performance.now() - entry.at < freshMs) return entry.result;
    const etag = entry?.result.kind === 'response' ? entry.result.etag : undefined;
    const condition = etag === undefined ? {} : { 'if-none-match': etag };
    const answer = await next({ ...request, headers: { ...request.headers, ...condition } });
    const isConfirmed = answer.kind === 'response' && answer.status === 304 && entry !== undefined;
    const result = isConfirmed ? entry.result : answer;
    if (result.ok) known.set(request.url, { result, at: performance.now() });
    return result;
  };
}

async function show(name: string, freshMs: number): Promise<void> {
  [served, confirmed] = [0, 0];
  const fetcher = createFetcher({ around: [cache(freshMs)] });
  try {
    const texts: string[] = [];
    for await (const result of fetcher.sequential(Array.from({ length: 4 }, () => server.url))) {
      texts.push(result.kind === 'response' ? result.text() : result.error.code);
    }
    console.log(`${name}: ${texts.join(', ')}; served ${served}, confirmed ${confirmed}`);
  } finally {
    await fetcher.close();
  }
}

try {
  await show('fresh for an hour', 3_600_000);
  await show('never fresh', 0);
} finally {
  server.close();
}
