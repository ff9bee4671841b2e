import type { ResultRecord } from '../../http/record.ts';
import type { Timings } from '../../http/result.ts';
import { labelOf, verdictOf, type Verdict } from './outcome.ts';

/** One request as the page shows it. Long texts are cut, so that the page stays as large as it should be. */
export interface Row {
  readonly index: number;
  readonly url: string;
  readonly method: string;
  readonly host: string;
  readonly outcome: Verdict;
  /** The status, or the code of the error. */
  readonly label: string;
  readonly elapsedMs: number;
  readonly attempts: number;
  /** Body bytes after decoding; 0 where nothing came. */
  readonly length: number;
  /** When it was sent first, in milliseconds since 1970; absent if it never was. */
  readonly startMs?: number;
  readonly timings: Timings;
  /** What the error says. */
  readonly message?: string;
}

/** What a row is made of, beside the record. */
export interface RowParts {
  readonly host: string;
  readonly startMs: number | undefined;
  /** How many characters of its URL are kept. */
  readonly mostOfUrl: number;
}

/** Makes the row of a record. */
export function toRow(record: ResultRecord, { host, startMs, mostOfUrl }: RowParts): Row {
  const { index, url, method, elapsedMs, attempts, timingsMs = {} } = record;
  return {
    index,
    url: shortened(url, mostOfUrl),
    method: shortened(method, maxMethodLength),
    host,
    outcome: verdictOf(record),
    label: labelOf(record),
    elapsedMs,
    attempts,
    length: record.kind === 'cancelled' ? 0 : record.length,
    timings: timingsMs,
    ...(startMs === undefined ? {} : { startMs }),
    ...(record.kind === 'response' ? {} : { message: shortened(record.error.message, maxMessageLength) }),
  };
}

const maxMethodLength = 20;
const maxMessageLength = 500;

/** Cuts a text in the middle: its two ends tell most. */
function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  const front = Math.ceil((most - 1) / 2);
  return `${text.slice(0, front)}…${text.slice(text.length - (most - 1 - front))}`;
}
