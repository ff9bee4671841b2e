import { complaint } from '../check.ts';
import { inputFormats, type InputFormat } from './input-format.ts';
import type { ListSource } from './open-source.ts';
import type { BuildOptions } from './request-builder.ts';
import type { RequestItem } from './request-item.ts';
import { SitemapList } from './sitemap-list.ts';
import type { FetchBytes } from './sitemaps/sitemap-reader.ts';
import { StreamedList } from './streamed-list.ts';
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
  /** Receives a message about what was skipped or renamed, or looks like a mistake. */
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
  // A list without `givesText` gives items only.
  return isSitemapUrl ? new SitemapList(source, options) : (new StreamedList(source, options) as RequestList);
}

const task = 'read requests';

/** Checks the options. Throws a `TypeError` or a `RangeError` that names the wrong one. */
export function checkOptions({ format, charset = 'utf-8', delimiter, defaultScheme, keep }: ReadRequestsOptions): void {
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
