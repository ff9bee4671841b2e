// Requests over other clients: node:http, the global fetch, undici. Limits, retries and redirects work as usual.
import { createFetcher, type Transport } from '../src/index.ts';
import { startServer } from '../cli/server/server.ts';
import { FetchTransport } from './transports/fetch-transport.ts';
import { HttpTransport } from './transports/http-transport.ts';
import { UndiciTransport } from './transports/undici-transport.ts';

const server = await startServer();
const paths = ['/gzip', '/redirect/2', '/status/404'];

async function show(name: string, transport: Transport): Promise<void> {
  const fetcher = createFetcher({ transport });
  try {
    const results = await fetcher.gather(paths.map((path) => server.url + path));
    for (const result of results) {
      if (result.kind !== 'response') throw result.error;
      const { pathname } = new URL(result.url);
      console.log(`${name}: ${pathname} gave ${result.status} after ${result.redirects} redirects`);
    }
  } finally {
    await fetcher.close();
  }
}

try {
  await show('node:http', new HttpTransport());
  await show('fetch', new FetchTransport());
  await show('undici', new UndiciTransport());
} finally {
  await server.close();
}
