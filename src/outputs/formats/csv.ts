import { stringify } from 'csv-stringify/sync';
import { toRecord } from '../../http/record.ts';
import { fieldText } from '../../text/field-text.ts';
import { printable } from '../../text/printable.ts';
import type { Format } from './format.ts';

/** Options of {@link csv}. */
export interface CsvOptions {
  /** Escapes control characters, which could move the cursor of a terminal. @default false */
  readonly forTerminal?: boolean;
  /** One character between two cells, or a function that returns it, asked at the first row. @default ',' */
  readonly delimiter?: string | (() => string);
  /**
   * Returns the columns of the input, which come first, as they were; asked at the first row. Where it returns undefined,
   * they are those of the first row's `input`. Without this function, the columns of the input are left out.
   */
  readonly inputColumns?: () => readonly string[] | undefined;
}

/**
 * Creates the CSV format (RFC 4180) with a header row. The columns of the input come first, unchanged; a column of ours
 * whose name they have taken gets the prefix `fetch_`. After columns of the input, the last two of ours say on which line
 * a row was, and why it failed. Other cells never start a formula in a spreadsheet.
 */
export function csv({ forTerminal = false, delimiter = ',', inputColumns }: CsvOptions = {}): Format {
  const escaped = forTerminal ? printable : (text: string) => text;
  /** Columns of the input; undefined until the header row is written. */
  let carried: readonly string[] | undefined = inputColumns === undefined ? [] : undefined;
  let own: readonly string[] = columns;

  let between: string | undefined;

  function line(cells: readonly string[]): string {
    between ??= typeof delimiter === 'string' ? delimiter : delimiter();
    return stringify([cells.map(escaped)], { delimiter: between });
  }

  /** Returns the header row, once the columns of the input are known. */
  function head(input: Fields | undefined): string {
    if (carried !== undefined) return '';
    carried = inputColumns?.() ?? Object.keys(input ?? {});
    const taken = new Set(carried);
    own = carried.length === 0 ? columns : [...columns, 'line', 'message'];
    return line([...carried, ...own.map((column) => freeName(column, taken))]);
  }

  function row(result: Parameters<Format['row']>[0]): string {
    const record = toRecord(result);
    const error = record.kind === 'response' ? undefined : record.error;
    const cells: Fields = { ...record, code: error?.code, message: error?.message };
    const { input = {} } = record;
    const begin = head(input);
    const ownCells = own.map((column) => safeCell(cells[column]));
    return begin + line([...carried!.map((column) => inputCell(input, column)), ...ownCells]);
  }

  // Columns that are not known yet are written with the first row.
  return inputColumns === undefined ? { head: () => line(columns), row } : { row, tail: () => head(undefined) };
}

type Fields = Readonly<Record<string, unknown>>;

function freeName(column: string, taken: Set<string>): string {
  let name = column;
  while (taken.has(name)) name = `fetch_${name}`;
  taken.add(name);
  return name;
}

function inputCell(input: Fields, column: string): string {
  return Object.hasOwn(input, column) ? fieldText(input[column]) : '';
}

const columns = [
  'index',
  'url',
  'method',
  'kind',
  'ok',
  'status',
  'code',
  'length',
  'wireLength',
  'elapsedMs',
  'attempts',
  'complete',
  'finalUrl',
  'redirects',
  'at',
  'id',
];

// Characters that start a formula in spreadsheets, full-width forms included. csv-stringify's `escape_formulas` covers
// all of them but the line feed.
const formula = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;

function safeCell(value: unknown): string {
  if (typeof value === 'string') return formula.test(value) ? `'${value}` : value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}
