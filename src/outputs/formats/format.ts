import type { ResultRecord } from '../../http/record.ts';
import type { FetchResult } from '../../http/result.ts';

/**
 * Turns results into text, one by one, be they live or the records of an earlier run; where the text goes is not its
 * business. One of its own for each output.
 */
export interface Format {
  /** What stands before the first row. */
  readonly head?: () => string;
  /** One result, with the line break that ends it or parts it from the row before. */
  readonly row: (result: FetchResult | ResultRecord) => string;
  /** What stands after the last row. */
  readonly tail?: () => string;
}
