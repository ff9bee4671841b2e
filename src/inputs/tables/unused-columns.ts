import { printable } from '../../text/printable.ts';
import type { RequestBuilder } from '../request-builder.ts';

/**
 * Returns a sentence for each column that is named like a part of a request, but is not sent, and says how to send it.
 * The columns of records of an earlier run are none of these.
 */
export function unusedColumns(
  columns: readonly string[],
  builder: Pick<RequestBuilder, 'uses' | 'sets'>,
): readonly string[] {
  if (['kind', 'attempts', 'elapsedMs'].every((column) => columns.includes(column))) return [];
  return columns.flatMap((column) => {
    const part = parts.get(column.trim().toLowerCase());
    if (part === undefined || builder.sets(part) || builder.uses(column)) return [];
    return [`the column ${printable(column)} is not sent; ${remedy(part, printable(column))}`];
  });
}

function remedy(part: RequestPart, column: string): string {
  switch (part) {
    case 'body':
      return `--body-template '{+${column}}' sends it as the body`;
    case 'headers':
      return `-H 'NAME: {COLUMN}' sends a column as a header`;
    case 'method':
      return '-X sets one method for all, and entries of JSON Lines may each have their own';
    default:
      return part satisfies never;
  }
}

type RequestPart = 'body' | 'headers' | 'method';

const parts: ReadonlyMap<string, RequestPart> = new Map([
  ['body', 'body'],
  ['data', 'body'],
  ['payload', 'body'],
  ['json', 'body'],
  ['method', 'method'],
  ['verb', 'method'],
  ['headers', 'headers'],
  ['header', 'headers'],
]);
