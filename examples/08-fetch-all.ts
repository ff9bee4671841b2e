// All URLs of a list, one by one and then concurrently.
import { createFetcher, type FetchResult } from '../src/index.ts';
import { startServer } from '../cli/server/server.ts';

// The server answers each of these after 50 ms. (`fetchmany serve` starts the same one.)
const server = await startServer();
const lengths = [100, 2000, 30, 400];
const urls = lengths.map((length) => `${server.url}/drip?delay=0.05&duration=0&numbytes=${length}`);
const fetcher = createFetcher();

function row(result: FetchResult): string {
  return result.kind === 'response'
    ? `${result.url}: status=${result.status}, length=${result.length}`
    : `${result.url}: ${result.error.code}`;
}

function total(results: readonly FetchResult[]): number {
  return results.reduce((sum, result) => sum + (result.kind === 'response' ? result.length : 0), 0);
}

try {
  let start = performance.now();
  const oneByOne: FetchResult[] = [];
  for await (const result of fetcher.sequential(urls)) oneByOne.push(result);
  const sequentialMs = Math.round(performance.now() - start);
  console.log(oneByOne.map(row).join('\n'));
  console.log(`one by one: ${total(oneByOne)} bytes in ${sequentialMs} ms`);

  start = performance.now();
  const together = await fetcher.gather(urls);
  const concurrentMs = Math.round(performance.now() - start);
  console.log(together.map(row).join('\n'));
  console.log(`together: ${total(together)} bytes in ${concurrentMs} ms`);
} finally {
  await fetcher.close();
  await server.close();
}
