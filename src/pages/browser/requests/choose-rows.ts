import type { Row } from '../../model/row.ts';
import { compare, type Direction } from '../compare.ts';

/** What the table is to show, and in which order. */
export interface RowChoice {
  /** Words that all must be found in a row. */
  readonly text: string;
  /** An outcome; empty is every one. */
  readonly outcome: string;
  readonly key: keyof Row;
  readonly direction: Direction;
}

/** Filters and sorts rows; what has no value comes last either way. */
export function chooseRows(rows: readonly Row[], { text, outcome, key, direction }: RowChoice): Row[] {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const sign = direction === 'ascending' ? 1 : -1;
  return rows
    .filter((row) => (outcome === '' || row.outcome === outcome) && words.every((word) => holds(row, word)))
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
