import { printable } from '../../text/printable.ts';
import { unpack } from '../gunzip.ts';
import { InputError } from '../input-error.ts';
import { plainText } from '../plain-text.ts';
import type { RequestBuilder } from '../request-builder.ts';
import type { RequestItem } from '../request-item.ts';
import { SitemapDocument, type Location } from './sitemap-document.ts';

/**
 * Fetches a sitemap, a part of one or a robots.txt. Resolves with the bytes of its body, in one chunk or several; rejects
 * if there is no such file. A file that is gzip itself is decompressed here.
 */
export type FetchBytes = (url: string) => Promise<AsyncIterable<Uint8Array> | Iterable<Uint8Array>>;

/** Dependencies of a {@link SitemapReader}. */
export interface SitemapTools {
  readonly builder: RequestBuilder;
  readonly fetchBytes: FetchBytes | undefined;
  readonly notice: (message: string) => void;
}

/**
 * Reads a sitemap, or all sitemaps of an index. Does not follow an index within an index, and reads each sitemap once.
 * Skips a sitemap that cannot be read, and throws its {@link InputError} at the end.
 */
export class SitemapReader {
  readonly #tools: SitemapTools;
  readonly #visited = new Set<string>();
  #failures = 0;
  #firstFailure: InputError | undefined;

  constructor(tools: SitemapTools) {
    this.#tools = tools;
    tools.builder.setColumns(['loc', 'lastmod'], ['lastmod']);
  }

  /** Reads a document that is open already, and the sitemaps it names. It must be UTF-8. */
  async *read(name: string, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<RequestItem, void, undefined> {
    this.#visited.add(name);
    const parts: string[] = [];
    yield* this.#document(name, chunks, undefined, parts);
    yield* this.#parts(name, parts);
    this.#throwFirst();
  }

  /** Reads a sitemap by its URL. For a URL without a path, reads the sitemaps in its robots.txt, or /sitemap.xml. */
  async *readUrl(url: URL): AsyncGenerator<RequestItem, void, undefined> {
    const isSite = url.pathname === '/' && url.search === '';
    const roots = isSite ? await this.#sitemapsOfSite(url) : [url.href];
    for (const root of roots) {
      if (!this.#isNew(root)) continue;
      const parts: string[] = [];
      yield* this.#remote(root, parts);
      yield* this.#parts(root, parts);
    }
    this.#throwFirst();
  }

  async *#parts(index: string, parts: readonly string[]): AsyncGenerator<RequestItem, void, undefined> {
    for (const part of parts) {
      if (!this.#isNew(part)) continue;
      const inner: string[] = [];
      yield* this.#remote(part, inner);
      if (inner.length > 0)
        this.#say(`${part} in ${index} is itself an index; its ${inner.length} sitemaps were skipped`);
    }
  }

  async *#remote(url: string, parts: string[]): AsyncGenerator<RequestItem, void, undefined> {
    try {
      yield* this.#document(url, await this.#fetch(url), url, parts);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      this.#failures += 1;
      this.#firstFailure ??= error;
    }
  }

  async *#document(
    name: string,
    chunks: AsyncIterable<Uint8Array>,
    source: string | undefined,
    parts: string[],
  ): AsyncGenerator<RequestItem, void, undefined> {
    const document = new SitemapDocument(name);
    for await (const chunk of plainText(unpack(chunks, name, false), name)) {
      yield* this.#items(document, document.write(chunk), source, parts);
    }
    yield* this.#items(document, document.end(), source, parts);
    document.requireWhole();
  }

  *#items(
    document: SitemapDocument,
    locations: readonly Location[],
    source: string | undefined,
    parts: string[],
  ): Generator<RequestItem, void, undefined> {
    for (const location of locations) {
      if (document.kind === 'pages') yield this.#toItem(location, source);
      else if (parts.length < maxParts) parts.push(location.loc);
    }
  }

  #toItem({ loc, lastmod = '' }: Location, source: string | undefined): RequestItem {
    const { builder } = this.#tools;
    const fields = { loc, lastmod };
    const input = lastmod === '' ? undefined : builder.kept({ lastmod });
    return builder.build(
      { url: loc, ...(input && { input }), ...(source !== undefined && { source }) },
      fields,
      undefined,
      () => loc,
    );
  }

  async #fetch(url: string): Promise<AsyncIterable<Uint8Array>> {
    const { fetchBytes } = this.#tools;
    if (!/^https?:\/\//i.test(url)) throw new InputError(url, 'a sitemap must have an http or https URL');
    if (fetchBytes === undefined)
      throw new InputError(url, `it is part of a sitemap index; pass 'fetchBytes' to read it`);
    try {
      return eachOf(await fetchBytes(url));
    } catch (cause) {
      if (cause instanceof InputError) throw cause;
      throw new InputError(url, cause instanceof Error ? cause.message : String(cause), { cause });
    }
  }

  async #sitemapsOfSite({ origin }: URL): Promise<readonly string[]> {
    const byDefault = [`${origin}/sitemap.xml`];
    try {
      const named = await sitemapsIn(await this.#fetch(`${origin}/robots.txt`));
      return named.length > 0 ? named : byDefault;
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      return byDefault;
    }
  }

  #isNew(url: string): boolean {
    if (this.#visited.has(url)) return false;
    this.#visited.add(url);
    return true;
  }

  #throwFirst(): void {
    if (this.#firstFailure === undefined) return;
    if (this.#failures > 1) this.#say(`${this.#failures} sitemaps cannot be read completely`);
    throw this.#firstFailure;
  }

  #say(message: string): void {
    this.#tools.notice(printable(message));
  }
}

async function* eachOf(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  yield* chunks;
}

/** Reads the `Sitemap:` lines of a robots.txt (RFC 9309 section 2.2.4). */
async function sitemapsIn(robots: AsyncIterable<Uint8Array>): Promise<readonly string[]> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of robots) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= maxRobotsBytes) break;
  }
  const text = Buffer.concat(chunks).toString('utf8', 0, maxRobotsBytes);
  return [...text.matchAll(/^[ \t]*sitemap[ \t]*:[ \t]*(\S+)/gim)].map(([, url = '']) => url);
}

/** Most sitemaps that are read from one index. The protocol allows 50,000. */
const maxParts = 50_000;
const maxRobotsBytes = 512_000;
