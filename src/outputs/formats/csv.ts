import { stringify } from 'csv-stringify/sync';
import { toRecord } from '../../http/record.ts';
import { printable } from '../../text/printable.ts';
import type { Format } from './format.ts';

/** Options of {@link csv}. */
export interface CsvOptions {
  /** Escapes control characters, which could move the cursor of a terminal. @default false */
  readonly forTerminal?: boolean;
}

/** Creates the CSV format (RFC 4180) with a header row. Cells from outside never start a formula in a spreadsheet. */
export function csv({ forTerminal = false }: CsvOptions = {}): Format {
  const cell = forTerminal ? (value: unknown) => printable(safeCell(value)) : safeCell;
  return {
    head: () => `${columns.join(',')}\n`,
    row(result) {
      const record = toRecord(result);
      const cells: Partial<Record<string, unknown>> = record;
      const code = record.kind === 'response' ? '' : record.error.code;
      return stringify([columns.map((column) => cell(column === 'code' ? code : cells[column]))]);
    },
  };
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
