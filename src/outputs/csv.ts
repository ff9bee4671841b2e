import { stringify } from 'csv-stringify/sync';
import { toRecord } from '../codec.ts';
import type { Format } from './format.ts';

/** CSV after RFC 4180 with a head line, for spreadsheets: no cell from outside can start a formula. */
export function csv(): Format {
  return {
    head: () => `${columns.join(',')}\n`,
    row(result) {
      const record = toRecord(result);
      const cells: Partial<Record<string, unknown>> = record;
      const code = record.kind === 'response' ? '' : record.error.code;
      return stringify([columns.map((column) => safeCell(column === 'code' ? code : cells[column]))]);
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
