import { createFetcher, type Fetcher } from '../../src/fetcher/fetcher.ts';
import type { FetcherOptions } from '../../src/fetcher/options.ts';
import { InputError } from '../../src/inputs/input-error.ts';

/** Fetches sitemaps, their parts and robots.txt, one after the other, with the limits and headers of the run. */
export class SitemapFetcher {
  readonly #options: FetcherOptions;
  readonly #abort = new AbortController();
  #fetcher: Fetcher | undefined;

  constructor(options: FetcherOptions) {
    this.#options = options;
  }

  /** Fetches one document. Rejects with an `InputError` unless its status is 200. */
  readonly fetchBytes = async (url: string): Promise<Iterable<Uint8Array>> => {
    // Made on demand: most runs read no sitemap.
    this.#fetcher ??= createFetcher({
      ...this.#options,
      responseBody: 'buffer',
      maxBodyBytes: maxSitemapBytes,
      expect: '200',
    });
    const result = await this.#fetcher.fetch(url, { signal: this.#abort.signal });
    if (result.kind !== 'response') throw new InputError(url, `${result.error.code}: ${result.error.message}`);
    if (!result.ok) throw new InputError(url, `the server answered with status ${result.status}`);
    return [result.bytes()];
  };

  /** Ends what is being fetched, and everything after it. */
  stop(): void {
    this.#abort.abort();
  }

  /** Stops, and closes the connections. */
  async close(): Promise<void> {
    this.stop();
    await this.#fetcher?.close();
  }
}

/** Largest sitemap in bytes, as received and decoded: the protocol allows 50 MB. */
const maxSitemapBytes = 200_000_000;
