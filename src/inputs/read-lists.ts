import { checkOptions, type ReadRequestsOptions } from './read-requests.ts';
import { Forecast } from './forecast.ts';
import { InputError } from './input-error.ts';
import { inputSize } from './open-input.ts';
import type { RequestItem } from './request-item.ts';
import { SitemapList } from './sitemap-list.ts';
import { StreamedList } from './streamed-list.ts';

/** Names of the lists of a run. */
export interface ListNames {
  /** Paths; `-` is standard input. */
  readonly files: readonly string[];
  /** URLs of sitemaps, or of sites with sitemaps. They come after the files. */
  readonly sitemaps?: readonly URL[];
}

/**
 * Opens several lists of requests, to be read once, one after the other. Opens all files at once, so that a wrong name
 * stops the run before its first request. Throws an {@link InputError}, here or while reading, and what
 * `readRequests()` throws.
 */
export function readLists({ files, sitemaps = [] }: ListNames, options: ReadRequestsOptions = {}): Lists {
  checkOptions(options);
  const isOne = files.length + sitemaps.length === 1;
  const forecast = new Forecast(sitemaps.length > 0 ? undefined : sizeOf(files));
  const opened: StreamedList[] = [];
  try {
    for (const [at, name] of files.entries()) {
      if (name === '-' && files.indexOf('-') < at) {
        throw new InputError(name, 'it is given twice, but can be read only once');
      }
      opened.push(new StreamedList(name, { ...options, givesText: true, forecast, ...(!isOne && { source: name }) }));
    }
  } catch (error) {
    for (const list of opened) list.close();
    throw error;
  }
  const remote = sitemaps.map((url) => new SitemapList(url, isOne ? options : { ...options, source: url.href }));
  return new Lists([...opened, ...remote], forecast);
}

/**
 * The requests of several lists. A URL of a plain list comes as its text, with its line in {@link line} and the name of
 * its list in {@link source} until the next one is asked for.
 */
export class Lists implements AsyncIterable<string | RequestItem> {
  readonly #lists: readonly (StreamedList | SitemapList)[];
  readonly #forecast: Forecast;
  #current = 0;
  #columns: readonly string[] | undefined;
  #delimiter: string | undefined;
  #iterator: AsyncIterator<string | RequestItem, void, undefined> | undefined;
  #hasLeft = false;

  constructor(lists: readonly (StreamedList | SitemapList)[], forecast: Forecast) {
    this.#lists = lists;
    this.#forecast = forecast;
  }

  /** Number of requests to expect, by the sizes of the lists; `undefined` while that is not known, as for a pipe. */
  get expected(): number | undefined {
    return this.#forecast.lines;
  }

  /** Columns of the first table, once they are known. */
  get columns(): readonly string[] | undefined {
    return (this.#columns ??= this.#lists[this.#current]?.columns);
  }

  /** The delimiter of the first table, once it is known. */
  get delimiter(): string | undefined {
    return (this.#delimiter ??= this.#lists[this.#current]?.delimiter);
  }

  /** Line of the last text, from 1. */
  get line(): number | undefined {
    const list = this.#lists[this.#current];
    return list instanceof StreamedList ? list.line : undefined;
  }

  /** Name of the list of the last text, if there are several lists. */
  get source(): string | undefined {
    const list = this.#lists[this.#current];
    return list instanceof StreamedList ? list.source : undefined;
  }

  /** Closes all lists, also while one of them is being read. */
  close(): void {
    this.#hasLeft = true;
    for (const list of this.#lists) if (list instanceof StreamedList) list.close();
  }

  /** Written by hand: a generator would cost more than reading a line, and its return() waits for a silent input. */
  [Symbol.asyncIterator](): AsyncIterator<string | RequestItem, void, undefined> {
    return {
      next: () => this.#next(),
      return: async () => {
        this.close();
        await this.#iterator?.return?.();
        return { done: true, value: undefined };
      },
    };
  }

  async #next(): Promise<IteratorResult<string | RequestItem, undefined>> {
    for (
      let list = this.#lists[this.#current];
      list !== undefined && !this.#hasLeft;
      list = this.#lists[this.#current]
    ) {
      this.#iterator ??= list[Symbol.asyncIterator]();
      const step = await this.#iterator.next();
      if (this.#hasLeft) break;
      if (!step.done) return step;
      this.#columns ??= list.columns;
      this.#delimiter ??= list.delimiter;
      this.#iterator = undefined;
      this.#current += 1;
    }
    return { done: true, value: undefined };
  }
}

/** Adds up the bytes of several lists; `undefined` if one of them is not a regular file. */
function sizeOf(names: readonly string[]): number | undefined {
  let sum = 0;
  for (const name of names) {
    const size = inputSize(name);
    if (size === undefined) return undefined;
    sum += size;
  }
  return sum;
}
