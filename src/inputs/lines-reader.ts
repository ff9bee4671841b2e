import type { RequestBuilder } from './request-builder.ts';
import type { FormatReader, RequestItem } from './request-item.ts';
import { UrlLines } from './url-lines.ts';

/** Reads a plain list: one URL per line. In templates the line is `{value}`. */
export class LinesReader implements FormatReader {
  readonly #lines = new UrlLines();
  readonly #builder: RequestBuilder;

  constructor(builder: RequestBuilder) {
    this.#builder = builder;
    builder.setColumns(['value']);
  }

  *read(chunk: Buffer): Generator<RequestItem, void, undefined> {
    for (const url of this.#lines.read(chunk)) yield this.#toItem(url);
  }

  *end(): Generator<RequestItem, void, undefined> {
    for (const url of this.#lines.end()) yield this.#toItem(url);
  }

  #toItem(url: string): RequestItem {
    return this.#builder.build({ url }, { value: url }, this.#lines.line, () => url);
  }
}
