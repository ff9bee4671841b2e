import type { ResultRecord } from '../../http/record.ts';
import { verdictOf, type Timings, type Verdict } from '../../http/result.ts';
import { labelOf } from './verdicts.ts';

/** One request as a page shows it. Long texts are shortened to limit the size of the page. */
export interface Row {
  readonly index: number;
  readonly url: string;
  readonly method: string;
  readonly host: string;
  readonly verdict: Verdict;
  /** Status or error code. */
  readonly label: string;
  readonly elapsedMs: number;
  readonly attempts: number;
  /** Body bytes after decoding; 0 if nothing was received. */
  readonly length: number;
  /** Time of the first dispatch in milliseconds since 1970; absent if never sent. */
  readonly startMs?: number;
  readonly timings: Timings;
  /** Relative link from the page to the saved body. */
  readonly href?: string;
  /** Message of the error. */
  readonly message?: string;
}

/** Parts of a row that its record does not have. */
export interface RowParts {
  readonly host: string;
  readonly startMs: number | undefined;
  /** Length at which the URL is shortened, in UTF-16 units. */
  readonly maxUrlLength: number;
  /** Relative link to the saved body. */
  readonly href?: string | undefined;
}

/** Creates the row of a record. */
export function toRow(record: ResultRecord, { host, startMs, maxUrlLength, href }: RowParts): Row {
  const { index, url, method, elapsedMs, attempts, timingsMs = {} } = record;
  return {
    index,
    url: shortened(url, maxUrlLength),
    method: shortened(method, maxMethodLength),
    host,
    verdict: verdictOf(record),
    label: labelOf(record),
    elapsedMs,
    attempts,
    length: record.kind === 'cancelled' ? 0 : record.length,
    timings: timingsMs,
    ...(startMs === undefined ? {} : { startMs }),
    ...(href === undefined ? {} : { href }),
    ...(record.kind === 'response' ? {} : { message: shortened(record.error.message, maxMessageLength) }),
  };
}

const maxMethodLength = 20;
const maxMessageLength = 500;

/** Shortens a text in the middle: its ends tell most. */
function shortened(text: string, max: number): string {
  if (text.length <= max) return text;
  const front = Math.ceil((max - 1) / 2);
  return `${text.slice(0, front)}…${text.slice(text.length - (max - 1 - front))}`;
}
