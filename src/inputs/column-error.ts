import { printable } from '../text/printable.ts';

/** An option names a column or field that the list does not have. */
export class ColumnError extends RangeError {
  constructor(reason: string, columns: readonly string[]) {
    super(`${reason}: the columns are ${columns.map((column) => printable(column)).join(', ')}`);
  }
}
