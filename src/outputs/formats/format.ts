import type { ResultRecord } from '../../http/record.ts';
import type { FetchResult } from '../../http/result.ts';

/**
 * Turns results, live or recorded, into text one at a time. A format does not write anywhere. Create one for each
 * output: a format may remember what it has already produced.
 */
export interface Format {
  /** Returns the text before the first row. */
  readonly head?: () => string;
  /** Returns the text of one result, with the line break or separator that it needs. */
  readonly row: (result: FetchResult | ResultRecord) => string;
  /** Returns the text after the last row. */
  readonly tail?: () => string;
}
