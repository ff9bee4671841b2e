import type { FetchError } from '../http/error.ts';
import type { RejectedInput, RequestObject } from '../http/request.ts';

/** One entry of a list: a request, or the reason why it cannot be sent. */
export type RequestItem = RequestObject | RejectedInput;

/** Parses one format, chunk by chunk. Both methods throw an `InputError` where the rest of the list cannot be read. */
export interface FormatReader {
  /** Columns of a table, once they are known. */
  readonly columns?: readonly string[] | undefined;
  /** The delimiter of a table, once it is known. */
  readonly delimiter?: string | undefined;
  /** Parses one more chunk of UTF-8 text. The chunk may be reused once the iterable has ended. */
  read(chunk: Buffer): Iterable<RequestItem>;
  /** Parses what is left at the end of the list. */
  end(): Iterable<RequestItem>;
}

/** Makes an item of an entry that cannot be sent. `text` is shortened: an entry may be megabytes long. */
export function rejected(text: string, error: FetchError, line: number | undefined): RejectedInput {
  return { url: shortened(text), error, ...(line !== undefined && { line }) };
}

function shortened(text: string): string {
  return text.length <= maxShownLength ? text : `${text.slice(0, maxShownLength)}…`;
}

const maxShownLength = 1000;

/** Longest row, line or element in bytes. Only one of them is held in memory at a time. */
export const maxEntryBytes: number = 16 * 1024 * 1024;
