import { FetchError } from '../../http/error.ts';
import { LineSplitter } from '../line-splitter.ts';
import type { RequestBuilder } from '../request-builder.ts';
import { maxEntryBytes, type FormatReader, type RequestItem } from '../request-item.ts';
import { JsonElements } from './json-elements.ts';
import { parseJson } from './parse-json.ts';
import { printable } from '../../text/printable.ts';
import { EntryReader } from './entry-reader.ts';

/** Receives a message about a list. */
type Notice = (message: string) => void;

/** Reads JSON Lines: one URL or request object on each line. Blank lines are skipped. */
export class JsonLinesReader implements FormatReader {
  readonly #lines = new LineSplitter();
  readonly #entries: JsonEntries;

  constructor(name: string, builder: RequestBuilder, notice: Notice) {
    this.#entries = new JsonEntries(name, builder, notice);
  }

  *read(chunk: Buffer): Generator<RequestItem, void, undefined> {
    yield* this.#items(this.#lines.read(chunk));
  }

  *end(): Generator<RequestItem, void, undefined> {
    yield* this.#items(this.#lines.end());
  }

  *#items(lines: Iterable<string | undefined>): Generator<RequestItem, void, undefined> {
    for (const text of lines) {
      if (text === undefined || !isBlank(text)) yield this.#entries.toItem(text, this.#lines.line);
    }
  }
}

/** Reads a JSON array of URLs and request objects, or a single object. */
export class JsonReader implements FormatReader {
  readonly #elements: JsonElements;
  readonly #entries: JsonEntries;

  constructor(name: string, builder: RequestBuilder, notice: Notice) {
    this.#elements = new JsonElements(name, []);
    this.#entries = new JsonEntries(name, builder, notice);
  }

  *read(chunk: Buffer): Generator<RequestItem, void, undefined> {
    for (const text of this.#elements.read(chunk)) yield this.#entries.toItem(text, this.#elements.line);
  }

  end(): readonly RequestItem[] {
    this.#elements.requireEnd();
    return [];
  }
}

/** Turns JSON texts into items. */
class JsonEntries {
  readonly #builder: RequestBuilder;
  readonly #reader: EntryReader;

  constructor(name: string, builder: RequestBuilder, notice: Notice) {
    this.#builder = builder;
    this.#reader = new EntryReader(builder, (message) => notice(`${printable(name)}: ${message}`));
  }

  /** @param text `undefined` for an entry that is too long */
  toItem(text: string | undefined, line: number): RequestItem {
    if (text === undefined) {
      return this.#reject(`Entry is longer than ${maxEntryBytes} bytes`, '', line);
    }
    let value: unknown;
    try {
      value = parseJson(text);
    } catch (cause) {
      return this.#reject(`Entry is not JSON: ${(cause as Error).message}`, text.trim(), line, cause);
    }
    return this.#reader.toItem(value, text, line);
  }

  #reject(message: string, text: string, line: number, cause?: unknown): RequestItem {
    return this.#builder.reject(new FetchError('REQUEST_INVALID', message, { cause }), line, text);
  }
}

function isBlank(text: string): boolean {
  return text === '' || (text.charCodeAt(0) <= 0x20 && text.trim() === '');
}
