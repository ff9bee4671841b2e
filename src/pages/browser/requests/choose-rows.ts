import type { Row } from '../../model/row.ts';
import { compare, type Direction } from '../compare.ts';

/** Filter and order of the request table. */
export interface RowChoice {
  /** Words that a row must contain, all of them. */
  readonly text: string;
  /** Verdict to show; all if empty. */
  readonly verdict: string;
  readonly key: keyof Row;
  readonly direction: Direction;
}

/** Filters and sorts rows. Rows without a value come last in either direction. */
export function chooseRows(rows: readonly Row[], { text, verdict, key, direction }: RowChoice): Row[] {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const sign = direction === 'ascending' ? 1 : -1;
  return rows
    .filter((row) => (verdict === '' || row.verdict === verdict) && words.every((word) => holds(row, word)))
    .sort((one, other) => {
      const value = one[key];
      const otherValue = other[key];
      if (value === undefined || otherValue === undefined)
        return Number(value === undefined) - Number(otherValue === undefined);
      return sign * compare(value as string | number, otherValue as string | number) || one.index - other.index;
    });
}

function holds({ url, method, label, message = '' }: Row, word: string): boolean {
  return [url, method, label, message].some((text) => text.toLowerCase().includes(word));
}
