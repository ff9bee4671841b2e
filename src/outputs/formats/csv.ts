import { stringify } from 'csv-stringify/sync';
import { toRecord } from '../../http/record.ts';
import { printable } from '../../text/printable.ts';
import type { Format } from './format.ts';

/** Where CSV is read. */
export interface CsvOptions {
  /** A person reads it: what could move the cursor is written out. @default false */
  readonly forTerminal?: boolean;
}

/** CSV after RFC 4180 with a head line, for spreadsheets: no cell from outside can start a formula. */
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

// What spreadsheets take for the start of a formula, also in its full-width forms. csv-stringify knows these too
// (`escape_formulas`), but for the line feed.
const formula = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;

function safeCell(value: unknown): string {
  if (typeof value === 'string') return formula.test(value) ? `'${value}` : value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}
