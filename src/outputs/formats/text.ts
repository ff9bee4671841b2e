import type { ResultRecord } from '../../http/record.ts';
import { printable } from '../../text/printable.ts';
import { label, type FetchResult } from '../../http/result.ts';
import type { Format } from './format.ts';
import { paintVerdict } from './paint-verdict.ts';

/** Options of {@link text}. */
export interface TextOptions {
  /** Colours the status by verdict. The text itself stays the same. @default false */
  readonly color?: boolean;
}

/** Creates the text format: status or error code, length, elapsed time and URL, in columns of fixed width. */
export function text({ color = false }: TextOptions = {}): Format {
  const paint = color ? paintVerdict : (_: Result, status: string) => status;
  return {
    row(result) {
      const status = paint(result, label(result).padEnd(statusWidth));
      const length = lengthOf(result).padStart(lengthWidth);
      const elapsed = seconds(result.elapsedMs).padStart(elapsedWidth);
      return `${status}  ${length}  ${elapsed}  ${printable(result.url)}\n`;
    },
  };
}

type Result = FetchResult | ResultRecord;

/** Fits the longest code, `ENCODING_UNSUPPORTED`. */
const statusWidth = 20;
/** Fits 9,999,999,999 bytes. */
const lengthWidth = 10;
/** Fits 9999.999s. */
const elapsedWidth = 9;

function lengthOf(result: Result): string {
  return result.kind === 'cancelled' ? '-' : String(result.length);
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(3)}s`;
}
