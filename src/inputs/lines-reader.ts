import type { RequestBuilder } from './request-builder.ts';
import { notUtf8 } from './require-utf8.ts';
import type { FormatReader, RequestItem } from './request-item.ts';
import { UrlLines } from './url-lines.ts';

/** Reads a plain list: one URL per line. In templates the line is `{value}`. */
export class LinesReader implements FormatReader {
  readonly #lines = new UrlLines();
  readonly #builder: RequestBuilder;

  constructor(builder: RequestBuilder) {
    this.#builder = builder;
    builder.setColumns(['value'], []);
  }

  *read(chunk: Buffer): Generator<RequestItem, void, undefined> {
    const lines = this.#lines;
    lines.push(chunk);
    for (let url = lines.next(); url !== undefined; url = lines.next()) yield this.#toItem(url);
  }

  *end(): Generator<RequestItem, void, undefined> {
    const url = this.#lines.last();
    if (url !== undefined) yield this.#toItem(url);
  }

  #toItem(url: string): RequestItem {
    if (this.#lines.isDamaged) return this.#builder.reject(notUtf8(), this.#lines.line, url);
    return this.#builder.build({ url }, { value: url }, this.#lines.line, () => url);
  }
}
