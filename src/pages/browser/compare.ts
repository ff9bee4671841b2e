/** Sort order of a column. */
export type Direction = 'ascending' | 'descending';

/** Compares numbers by value and other texts alphabetically. */
export function compare(one: string | number, other: string | number): number {
  const difference = Number(one) - Number(other);
  return Number.isNaN(difference) ? String(one).localeCompare(String(other), 'en') : difference;
}
