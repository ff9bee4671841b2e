import type { Forecast } from './forecast.ts';
import { unpack } from './gunzip.ts';
import { printable } from '../text/printable.ts';
import { formatOfFront, formatOfName, looksLikeTable, type InputFormat } from './input-format.ts';
import { openSource, type ListSource, type OpenSource } from './open-source.ts';
import { plainText } from './plain-text.ts';
import type { ReadRequestsOptions } from './read-requests.ts';
import { RequestBuilder } from './request-builder.ts';
import { rejected, type FormatReader, type RequestItem } from './request-item.ts';
import { notUtf8, requireUtf8 } from './require-utf8.ts';
import { openSitemaps, noticeOf } from './sitemap-list.ts';
import { UrlLines } from './url-lines.ts';

/** Options of a {@link StreamedList}. */
export interface StreamedListOptions extends ReadRequestsOptions {
  /**
   * Gives a URL of a plain list as its text, which costs much less than an item. Its line is {@link StreamedList.line}.
   * A line that does not begin with http:// or https:// is an item all the same. @default false
   */
  readonly givesText?: boolean;
  /** Counts the bytes of a file. Each list has its own by default. */
  readonly forecast?: Forecast | undefined;
}

/** A list that is read from one stream, once. Opens it at once. */
export class StreamedList implements AsyncIterable<string | RequestItem> {
  readonly #source: OpenSource;
  readonly #options: StreamedListOptions;
  #reader: FormatReader | undefined;
  #lines: UrlLines | undefined;
  #isRead = false;

  constructor(source: ListSource, options: StreamedListOptions) {
    this.#source = openSource(source, options.name, options.forecast);
    this.#options = options;
  }

  /** Number of requests to expect; see `RequestList`. */
  get expected(): number | undefined {
    return this.#source.forecast.lines;
  }

  /** Columns of a table, once they are known. */
  get columns(): readonly string[] | undefined {
    return this.#reader?.columns;
  }

  /** The delimiter of a table, once it is known. */
  get delimiter(): string | undefined {
    return this.#reader?.delimiter;
  }

  /** Name of the list, as its results have it. */
  get source(): string | undefined {
    return this.#options.source;
  }

  /** Line of the last text, from 1. */
  get line(): number | undefined {
    return this.#lines?.line;
  }

  /** Closes the list, also while it is being read. */
  close(): void {
    this.#source.close();
  }

  [Symbol.asyncIterator](): AsyncIterator<string | RequestItem, void, undefined> {
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

  async *#items(): AsyncGenerator<string | RequestItem, void, undefined> {
    const { name, bytes, forecast, close } = this.#source;
    const chunks = plainText(unpack(bytes(), name), name, this.#options.charset);
    try {
      const known = this.#options.format ?? formatOfName(name);
      const front = known === undefined ? await readFront(chunks) : Buffer.alloc(0);
      const format = known ?? formatOfFront(front.toString());
      this.#noteFormat(format, front.toString());
      const all = joined(front, chunks);
      if (format === 'lines' && this.#mayGiveText) {
        // Not by a reader: this is most of the time that a plain list takes.
        const lines = (this.#lines = new UrlLines());
        for await (const chunk of all) {
          lines.push(chunk);
          for (let url = lines.next(); url !== undefined; url = lines.next()) {
            forecast.line();
            yield this.#textOrItem(url, lines);
          }
        }
        const last = lines.last();
        if (last !== undefined) yield this.#textOrItem(last, lines);
        return;
      }
      if (format === 'sitemap') {
        yield* (await openSitemaps(this.#options)).read(name, all);
        return;
      }
      this.#reader = await this.#open(format);
      // Lines of these stand for themselves. In other formats, what is wrong in one place is likely so in others.
      const isByLine = format === 'lines' || format === 'jsonl';
      for await (const chunk of isByLine ? all : requireUtf8(all, name)) {
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

  get #mayGiveText(): boolean {
    const { givesText = false, urlTemplate, bodyTemplate, headerTemplates, onColumns } = this.#options;
    return givesText && [urlTemplate, bodyTemplate, headerTemplates, onColumns].every((option) => option === undefined);
  }

  #textOrItem(url: string, { line, isDamaged }: UrlLines): string | RequestItem {
    if (isDamaged) return this.#damaged(url, line);
    if (url.startsWith('https://') || url.startsWith('http://')) return url;
    const { defaultScheme = 'https', source } = this.#options;
    return {
      url,
      line,
      ...(defaultScheme !== 'none' && { defaultScheme }),
      ...(source !== undefined && { source }),
    };
  }

  /** Notes that a list may be a table, by its front or by an option for tables. */
  #noteFormat(format: InputFormat, front: string): void {
    if (format === 'csv' || format === 'tsv') return;
    const { urlColumn, idColumn } = this.#options;
    const option = urlColumn !== undefined ? '--url-column' : idColumn !== undefined ? '--id-column' : undefined;
    const name = this.#source.name === '-' ? 'standard input' : printable(this.#source.name);
    const remedy = '--input-format csv reads it as one';
    if (format === 'lines' && looksLikeTable(front)) {
      noticeOf(this.#options)(`${name} begins like a table; ${remedy}`);
    } else if (option !== undefined) {
      const advice = format === 'lines' ? `; ${remedy}` : '';
      noticeOf(this.#options)(`${option} has no effect on ${name}, which is not read as a table${advice}`);
    }
  }

  #damaged(url: string, line: number): RequestItem {
    const { source } = this.#options;
    return { ...rejected(url, notUtf8('URL_INVALID'), line), ...(source !== undefined && { source }) };
  }

  async #open(format: Exclude<InputFormat, 'sitemap'>): Promise<FormatReader> {
    // Loaded on demand: many programs read no list.
    const { formatReader } = await import('./format-reader.ts');
    return formatReader(format, {
      name: this.#source.name,
      builder: new RequestBuilder(this.#options),
      table: this.#options,
      notice: noticeOf(this.#options),
    });
  }
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
