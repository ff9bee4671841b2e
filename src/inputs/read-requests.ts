import { complaint } from '../check.ts';
import { unpack } from './gunzip.ts';
import { formatOfFront, formatOfName, inputFormats, type InputFormat } from './input-format.ts';
import { openSource, type ListSource, type OpenSource } from './open-source.ts';
import { plainText } from './plain-text.ts';
import { RequestBuilder, type BuildOptions } from './request-builder.ts';
import type { FormatReader, RequestItem } from './request-item.ts';
import type { FetchBytes, SitemapReader } from './sitemaps/sitemap-reader.ts';
import type { TableOptions } from './tables/table-reader.ts';

/** Options of {@link readRequests}. */
export interface ReadRequestsOptions extends BuildOptions, TableOptions {
  /** Found by the extension of the path or the first characters by default. */
  readonly format?: InputFormat;
  /** Encoding of a list without a byte order mark, by its WHATWG name, such as `shift_jis`. @default 'utf-8' */
  readonly charset?: string;
  /** Name of the list in messages. The path by default. */
  readonly name?: string;
  /** Fetches sitemaps by URL. Without it, only a single sitemap in a file or stream can be read. */
  readonly fetchBytes?: FetchBytes;
  /** Receives a message about what was skipped or renamed. */
  readonly onNotice?: (message: string) => void;
}

/** The requests of a list, to be read once. */
export interface RequestList extends AsyncIterable<RequestItem> {
  /** Number of requests to expect, by the size of the file and what has been read; `undefined` if that is not known. */
  readonly expected: number | undefined;
  /** Columns of a table in their order; `undefined` before the first row, and for other formats. */
  readonly columns: readonly string[] | undefined;
}

/**
 * Reads a list of requests as it arrives: lines, CSV, TSV, JSON Lines, JSON, sitemaps, HAR and curl commands, also
 * compressed with gzip. An entry that cannot be sent becomes an item whose result says why, with its line. Memory does
 * not grow with the list, except for curl commands. An http or https URL is a sitemap, or a site with sitemaps.
 *
 * ```ts
 * for await (const result of fetcher.asCompleted(readRequests('people.csv', { urlColumn: 'homepage' }))) {
 *   console.log(result.line, result.input, result.ok);
 * }
 * ```
 *
 * @throws a `TypeError` or a `RangeError` for a wrong option, and an `InputError` for a file that cannot be opened, at
 * once. The iteration throws an `InputError` where the rest of the list cannot be read, and a `RangeError` for an option
 * that names an unknown column.
 */
export function readRequests(source: ListSource, options: ReadRequestsOptions = {}): RequestList {
  checkOptions(options);
  const isSitemapUrl = source instanceof URL && source.protocol !== 'file:';
  return isSitemapUrl ? new SitemapList(source, options) : new StreamedList(openSource(source, options.name), options);
}

/** A list that is read from one stream. */
class StreamedList implements RequestList {
  readonly #source: OpenSource;
  readonly #options: ReadRequestsOptions;
  #reader: FormatReader | undefined;
  #isRead = false;

  constructor(source: OpenSource, options: ReadRequestsOptions) {
    this.#source = source;
    this.#options = options;
  }

  get expected(): number | undefined {
    return this.#source.forecast.lines;
  }

  get columns(): readonly string[] | undefined {
    return this.#reader?.columns;
  }

  [Symbol.asyncIterator](): AsyncIterator<RequestItem, void, undefined> {
    if (this.#isRead) throw new TypeError(`Cannot read ${this.#source.name} a second time`);
    this.#isRead = true;
    const items = this.#items();
    return {
      next: () => items.next(),
      // A generator's own return() waits for its pending next(), which may wait for a silent input.
      return: async () => {
        this.#source.close();
        return items.return();
      },
    };
  }

  async *#items(): AsyncGenerator<RequestItem, void, undefined> {
    const { name, bytes, forecast, close } = this.#source;
    const chunks = plainText(unpack(bytes(), name), name, this.#options.charset);
    try {
      const known = this.#options.format ?? formatOfName(name);
      const front = known === undefined ? await readFront(chunks) : Buffer.alloc(0);
      const format = known ?? formatOfFront(front.toString());
      if (format === 'sitemap') {
        yield* (await openSitemaps(this.#options)).read(name, joined(front, chunks));
        return;
      }
      this.#reader = await this.#open(format);
      for await (const chunk of joined(front, chunks)) {
        for (const item of this.#reader.read(chunk)) {
          forecast.line();
          yield item;
        }
      }
      yield* this.#reader.end();
    } finally {
      close();
      await chunks.return();
    }
  }

  async #open(format: Exclude<InputFormat, 'sitemap'>): Promise<FormatReader> {
    // Loaded on demand: many programs read no list.
    const { formatReader } = await import('./format-reader.ts');
    const builder = new RequestBuilder(this.#options);
    return formatReader(format, {
      name: this.#source.name,
      builder,
      table: this.#options,
      notice: noticeOf(this.#options),
    });
  }
}

/** A sitemap that is fetched by its URL. */
class SitemapList implements RequestList {
  readonly expected = undefined;
  readonly columns = undefined;
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

async function openSitemaps(options: ReadRequestsOptions): Promise<SitemapReader> {
  const { SitemapReader } = await import('./sitemaps/sitemap-reader.ts');
  // URLs in a sitemap are absolute. With a default scheme, the first segment of a relative one would become a host.
  const builder = new RequestBuilder({ ...options, defaultScheme: 'none' });
  return new SitemapReader({ builder, fetchBytes: options.fetchBytes, notice: noticeOf(options) });
}

function noticeOf({ onNotice }: ReadRequestsOptions): (message: string) => void {
  return (message) => onNotice?.(message);
}

/** Reads as much as {@link formatOfFront} needs. */
async function readFront(chunks: AsyncIterator<Buffer>): Promise<Buffer> {
  let front: Buffer = Buffer.alloc(0);
  while (front.length < frontBytes) {
    const { done, value } = await chunks.next();
    if (done) break;
    front = Buffer.concat([front, value]);
    // Do not wait for more of a list that is still growing.
    if (front.includes('\n') && front.toString().trim() !== '') break;
  }
  return front;
}

const frontBytes = 4096;

async function* joined(front: Buffer, chunks: AsyncIterator<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  if (front.length > 0) yield front;
  for (let step = await chunks.next(); !step.done; step = await chunks.next()) yield step.value;
}

const task = 'read requests';

function checkOptions({ format, charset = 'utf-8', delimiter, defaultScheme, keep }: ReadRequestsOptions): void {
  if (format !== undefined && !inputFormats.includes(format)) {
    throw new TypeError(complaint(task, 'format', `one of ${inputFormats.join(', ')}`, format));
  }
  if (delimiter !== undefined && !/^[^"\r\n]$/.test(delimiter)) {
    throw new TypeError(complaint(task, 'delimiter', 'one character', delimiter));
  }
  if (delimiter !== undefined && delimiter > '\u007f') {
    throw new RangeError(complaint(task, 'delimiter', 'an ASCII character', delimiter));
  }
  if (defaultScheme !== undefined && !['http', 'https', 'none'].includes(defaultScheme)) {
    throw new TypeError(complaint(task, 'defaultScheme', `'http', 'https' or 'none'`, defaultScheme));
  }
  if (keep !== undefined && !Array.isArray(keep)) {
    throw new TypeError(complaint(task, 'keep', 'an array of column names', keep));
  }
  requireCharset(charset);
}

function requireCharset(charset: string): void {
  try {
    void new TextDecoder(charset).encoding;
  } catch (cause) {
    const message = complaint(task, 'charset', 'an encoding that TextDecoder knows, such as utf-16le', charset);
    throw new RangeError(message, { cause });
  }
}
