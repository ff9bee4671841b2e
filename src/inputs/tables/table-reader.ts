import { FetchError } from '../../http/error.ts';
import { printable } from '../../text/printable.ts';
import { ColumnError } from '../column-error.ts';
import { InputError } from '../input-error.ts';
import type { Draft, RequestBuilder } from '../request-builder.ts';
import { maxEntryBytes, type FormatReader, type RequestItem } from '../request-item.ts';
import { columnNames, numberedColumns } from './column-names.ts';
import { RowSplitter, type Row } from './row-splitter.ts';
import { unusedColumns } from './unused-columns.ts';

/** Options of tables. */
export interface TableOptions {
  /** Column with the URL. Found by its name or its first cell by default. */
  readonly urlColumn?: string;
  /** Column with the request's `id`. @default 'id' */
  readonly idColumn?: string;
  /** True if the first row names the columns. By default it does, unless it contains an http or https URL. */
  readonly hasHeader?: boolean;
  /** One ASCII character. By default the most frequent of comma, tab, semicolon and `|` in the first row. */
  readonly delimiter?: string;
}

/** Reads a CSV or TSV table: one request for each row. */
export class TableReader implements FormatReader {
  readonly #name: string;
  readonly #options: TableOptions;
  readonly #builder: RequestBuilder;
  readonly #notice: (message: string) => void;
  readonly #rows: RowSplitter;
  #columns: readonly string[] | undefined;
  #urlAt: number | undefined;
  #idAt = -1;
  #hasLongRow = false;

  constructor(name: string, options: TableOptions, builder: RequestBuilder, notice: (message: string) => void) {
    this.#name = name;
    this.#options = options;
    this.#builder = builder;
    this.#notice = notice;
    this.#rows = new RowSplitter(name, options.delimiter);
  }

  /** Names of the columns, in order; `undefined` until the first row is read. */
  get columns(): readonly string[] | undefined {
    return this.#columns;
  }

  get delimiter(): string | undefined {
    return this.#rows.delimiter;
  }

  *read(chunk: Buffer): Generator<RequestItem, void, undefined> {
    for (const row of this.#rows.read(chunk)) {
      const item = this.#next(row);
      if (item !== undefined) yield item;
    }
  }

  *end(): Generator<RequestItem, void, undefined> {
    for (const row of this.#rows.end()) {
      const item = this.#next(row);
      if (item !== undefined) yield item;
    }
  }

  #next(row: Row): RequestItem | undefined {
    if (row === undefined) return this.#tooLong();
    if (this.#columns === undefined && this.#begin(row)) return undefined;
    return this.#toRequest(row, this.#columns!);
  }

  /** Takes the first row. Returns true if it is a header. */
  #begin(row: readonly string[]): boolean {
    if (row.length > maxColumns) throw new InputError(this.#name, `it has more than ${maxColumns} columns`);
    const hasHeader = this.#options.hasHeader ?? (this.#builder.hasUrlTemplate || !row.some(isUrl));
    this.#columns = hasHeader ? columnNames(row, (message) => this.#say(message)) : numberedColumns(row.length);
    this.#idAt = this.#findId(this.#columns);
    this.#urlAt = this.#findUrl(this.#columns, hasHeader);
    this.#builder.setColumns(this.#columns);
    for (const advice of unusedColumns(this.#columns, this.#builder)) this.#say(advice);
    return hasHeader;
  }

  #toRequest(row: readonly string[], columns: readonly string[]): RequestItem {
    const fields = fieldsOf(row, columns);
    const input = this.#builder.kept(fields);
    if (row.length > columns.length) this.#sayLong(row.length);
    this.#urlAt ??= this.#builder.hasUrlTemplate ? -1 : this.#urlByCell(row, columns);
    const draft: Draft = { url: row[this.#urlAt] ?? '' };
    const id = row[this.#idAt];
    if (id !== undefined && id !== '') draft.id = id;
    if (input !== undefined) draft.input = input;
    this.#builder.addChecksums(draft, fields);
    return this.#builder.build(draft, fields, this.#rows.line, () => row.join(','));
  }

  #findUrl(columns: readonly string[], hasHeader: boolean): number | undefined {
    const { urlColumn } = this.#options;
    if (urlColumn !== undefined) return this.#require(urlColumn, columns);
    if (!hasHeader) return undefined;
    const names = columns.map((column) => column.trim().toLowerCase());
    const name = usualUrlColumns.find((usual) => names.includes(usual));
    return name === undefined ? undefined : names.indexOf(name);
  }

  #urlByCell(row: readonly string[], columns: readonly string[]): number {
    const at = row.findIndex(isUrl);
    if (at >= 0) return at;
    const reason = `Cannot find the URL in ${printable(this.#name)}; name its column with urlColumn or --url-column, or make it with urlTemplate or --url-template`;
    throw new ColumnError(reason, columns);
  }

  #findId(columns: readonly string[]): number {
    const { idColumn } = this.#options;
    if (idColumn !== undefined) return this.#require(idColumn, columns);
    return columns.findIndex((column) => column.trim().toLowerCase() === 'id');
  }

  #require(name: string, columns: readonly string[]): number {
    const at = columns.indexOf(name);
    const found = at >= 0 ? at : columns.findIndex((column) => column.trim().toLowerCase() === name.toLowerCase());
    if (found >= 0) return found;
    throw new ColumnError(`There is no column '${printable(name)}' in ${printable(this.#name)}`, columns);
  }

  #tooLong(): RequestItem {
    if (this.#columns === undefined) {
      throw new InputError(this.#name, `its first row is longer than ${maxEntryBytes} bytes`);
    }
    const error = new FetchError('REQUEST_INVALID', `Row is longer than ${maxEntryBytes} bytes`);
    return this.#builder.reject(error, this.#rows.line, '');
  }

  #sayLong(length: number): void {
    if (this.#hasLongRow) return;
    this.#hasLongRow = true;
    const { line } = this.#rows;
    this.#say(
      `line ${line} has ${length} cells but the table has ${this.#columns!.length} columns; extra cells are ignored`,
    );
  }

  #say(message: string): void {
    this.#notice(`${printable(this.#name)}: ${message}`);
  }
}

const maxColumns = 10_000;
const usualUrlColumns = ['url', 'uri', 'link', 'href', 'loc', 'address', 'website', 'domain', 'host', 'hostname'];

function isUrl(cell: string): boolean {
  return /^\s*https?:\/\//i.test(cell);
}

/** Names the cells of a row. Fills up a short row with empty cells. */
function fieldsOf(row: readonly string[], columns: readonly string[]): Record<string, string> {
  const fields: Record<string, string> = {};
  for (let at = 0; at < columns.length; at += 1) {
    const column = columns[at]!;
    if (column === '__proto__') define(fields, column, row[at] ?? '');
    else fields[column] = row[at] ?? '';
  }
  return fields;
}

/** Sets a field called `__proto__`. An assignment would change the prototype instead. */
function define(fields: Record<string, string>, name: string, value: string): void {
  Object.defineProperty(fields, name, { value, enumerable: true, writable: true, configurable: true });
}
