// Fifty fetches and a semaphore of five: the server never sees more than five at once.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createFetcher } from '../src/index.ts';

let inFlight = 0;
let mostInFlight = 0;
const server = createServer((_, response) => {
  inFlight += 1;
  mostInFlight = Math.max(mostInFlight, inFlight);
  setTimeout(() => {
    inFlight -= 1;
    response.end('done');
  }, 10);
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address() as AddressInfo;
const urls = Array.from({ length: 50 }, (_, index) => `http://127.0.0.1:${port}/${index}`);

// `concurrency` is the semaphore over all hosts. Here all URLs are on one host, whose own limit is 6 by default.
for (const concurrency of [5, 20]) {
  mostInFlight = 0;
  const fetcher = createFetcher({ concurrency, perHost: { concurrency } });
  try {
    const results = await fetcher.gather(urls);
    const answered = results.filter(({ ok }) => ok).length;
    console.log(`a semaphore of ${concurrency}: ${answered} answers, at most ${mostInFlight} in flight`);
  } finally {
    await fetcher.close();
  }
}
server.close();
