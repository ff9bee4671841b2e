import { printable } from '../text/printable.ts';

/** A column or field that an option names and the list does not have. */
export class ColumnError extends RangeError {
  constructor(reason: string, columns: readonly string[]) {
    super(`${reason}: the columns are ${columns.map((column) => printable(column)).join(', ')}`);
  }
}
