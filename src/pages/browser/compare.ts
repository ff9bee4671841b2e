/** Which way a column is sorted. */
export type Direction = 'ascending' | 'descending';

/** Numbers by their size, other texts by their letters. */
export function compare(one: string | number, other: string | number): number {
  const difference = Number(one) - Number(other);
  return Number.isNaN(difference) ? String(one).localeCompare(String(other), 'en') : difference;
}
