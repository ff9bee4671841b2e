import { CurlReader } from './curl/curl-reader.ts';
import { HarReader } from './har-reader.ts';
import type { InputFormat } from './input-format.ts';
import { JsonLinesReader, JsonReader } from './json/json-reader.ts';
import { LinesReader } from './lines-reader.ts';
import type { RequestBuilder } from './request-builder.ts';
import type { FormatReader } from './request-item.ts';
import { TableReader, type TableOptions } from './tables/table-reader.ts';

/** Name and options of a list, for its reader. */
export interface ListContext {
  readonly name: string;
  readonly builder: RequestBuilder;
  readonly table: TableOptions;
  readonly notice: (message: string) => void;
}

/** Creates the reader of a format. Sitemaps have their own, which reads several documents. */
export function formatReader(format: Exclude<InputFormat, 'sitemap'>, context: ListContext): FormatReader {
  const { name, builder, table, notice } = context;
  switch (format) {
    case 'lines':
      return new LinesReader(builder);
    case 'csv':
      return new TableReader(name, table, builder, notice);
    case 'tsv':
      return new TableReader(name, { ...table, delimiter: table.delimiter ?? '\t' }, builder, notice);
    case 'jsonl':
      return new JsonLinesReader(name, builder, notice);
    case 'json':
      return new JsonReader(name, builder, notice);
    case 'har':
      return new HarReader(name, builder, notice);
    case 'curl':
      return new CurlReader(name, builder);
    default:
      return format satisfies never;
  }
}
