import type { ReadRequestsOptions } from './read-requests.ts';
import { RequestBuilder } from './request-builder.ts';
import type { RequestItem } from './request-item.ts';
import type { SitemapReader } from './sitemaps/sitemap-reader.ts';

/** A sitemap that is fetched by its URL, or the sitemaps of a site. */
export class SitemapList implements AsyncIterable<RequestItem> {
  readonly expected = undefined;
  readonly columns = undefined;
  readonly delimiter = undefined;
  readonly #url: URL;
  readonly #options: ReadRequestsOptions;

  constructor(url: URL, options: ReadRequestsOptions) {
    this.#url = url;
    this.#options = options;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<RequestItem, void, undefined> {
    yield* (await openSitemaps(this.#options)).readUrl(this.#url);
  }
}

/** Loads the reader of sitemaps, and opens it. */
export async function openSitemaps(options: ReadRequestsOptions): Promise<SitemapReader> {
  const { SitemapReader } = await import('./sitemaps/sitemap-reader.ts');
  // URLs in a sitemap are absolute. With a default scheme, the first segment of a relative one would become a host.
  const builder = new RequestBuilder({ ...options, defaultScheme: 'none' });
  return new SitemapReader({ builder, fetchBytes: options.fetchBytes, notice: noticeOf(options) });
}

/** Returns the function that receives notices. */
export function noticeOf({ onNotice }: ReadRequestsOptions): (message: string) => void {
  return (message) => onNotice?.(message);
}
