import { FetchError } from '../http/error.ts';
import { printable } from '../text/printable.ts';
import { JsonElements } from './json/json-elements.ts';
import type { Draft, RequestBuilder } from './request-builder.ts';
import type { FormatReader, RequestItem } from './request-item.ts';
import { withoutFraming } from './without-framing.ts';

/**
 * Reads a HAR file, the network log of a browser: one request for each http or https entry. Entries of other schemes are
 * skipped and counted. Most browsers leave cookies and `Authorization` out of the file unless told otherwise.
 */
export class HarReader implements FormatReader {
  readonly #name: string;
  readonly #builder: RequestBuilder;
  readonly #notice: (message: string) => void;
  readonly #entries: JsonElements;
  #skipped = 0;

  constructor(name: string, builder: RequestBuilder, notice: (message: string) => void) {
    this.#name = name;
    this.#builder = builder;
    this.#notice = notice;
    this.#entries = new JsonElements(name, ['log', 'entries'], maxEntryBytes);
    builder.setColumns([], [], true);
  }

  *read(chunk: Buffer): Generator<RequestItem, void, undefined> {
    for (const text of this.#entries.read(chunk)) {
      const item = this.#toItem(text);
      if (item !== undefined) yield item;
    }
  }

  end(): readonly RequestItem[] {
    if (this.#skipped > 0) {
      this.#notice(`${printable(this.#name)}: skipped ${this.#skipped} entries that are not http or https requests`);
    }
    this.#entries.requireEnd();
    return [];
  }

  #toItem(text: string | undefined): RequestItem | undefined {
    const { line } = this.#entries;
    if (text === undefined) {
      return this.#builder.reject(invalid(`HAR entry is longer than ${maxEntryBytes} bytes`), line, '');
    }
    let url = '';
    try {
      const request = requestOf(text);
      url = request.url;
      if (!/^https?:/i.test(url)) {
        this.#skipped += 1;
        return undefined;
      }
      return this.#builder.build(toDraft(request), {}, line, () => url);
    } catch (error) {
      if (!(error instanceof FetchError)) throw error;
      return this.#builder.reject(error, line, url);
    }
  }
}

interface HarPair {
  readonly name: string;
  readonly value: string;
}

interface HarRequest {
  readonly url: string;
  readonly method?: string;
  readonly headers?: readonly HarPair[];
  readonly postData?: { readonly text?: string; readonly params?: readonly HarPair[]; readonly mimeType?: string };
}

function requestOf(text: string): HarRequest {
  let entry: { readonly request?: HarRequest } | null;
  try {
    entry = JSON.parse(text) as typeof entry;
  } catch (cause) {
    throw new FetchError('REQUEST_INVALID', `HAR entry is not JSON: ${(cause as Error).message}`, { cause });
  }
  const request = entry?.request;
  if (typeof request?.url === 'string') return request;
  throw invalid('HAR entry has no request with a URL');
}

function toDraft({ url, method, headers = [], postData }: HarRequest): Draft {
  const body = postData && bodyOf(postData);
  const pairs = Array.isArray(headers) ? headers.filter(isPair) : [];
  return {
    url,
    method: method ?? 'GET',
    headers: withoutFraming(pairs.map(({ name, value }) => [name, value])),
    ...(body !== undefined && { body }),
  };
}

function bodyOf({ text, params = [], mimeType = '' }: NonNullable<HarRequest['postData']>): string | undefined {
  if (typeof text === 'string' && text !== '') return text;
  if (!Array.isArray(params) || params.length === 0) return text;
  if (/multipart/i.test(mimeType)) throw invalid('HAR entry uploads files, and their content is not in the HAR file');
  return new URLSearchParams(
    params.filter(isPair).map(({ name, value }): [string, string] => [name, value]),
  ).toString();
}

function isPair(pair: unknown): pair is HarPair {
  const { name, value } = (pair ?? {}) as Partial<HarPair>;
  return typeof name === 'string' && typeof value === 'string';
}

function invalid(message: string): FetchError {
  return new FetchError('REQUEST_INVALID', message);
}

/** Longest HAR entry in bytes. It may contain the body of a response. */
const maxEntryBytes = 256 * 1024 * 1024;
