import { printable } from '../text/printable.ts';
import type { BodyFields, Validators } from './body-writer.ts';
import type { FetchError } from './error.ts';
import type { ArchivePlace } from './exchange-archive.ts';
import type { ListEntry } from './list-entry.ts';

/** The phases of a request's last attempt, in milliseconds; unknown phases are absent. */
export interface Timings {
  /** Time in our own queue, over all attempts. */
  queue?: number;
  /** Looking up the name; absent on a reused connection. */
  dns?: number;
  /** Opening the TCP connection; absent on a reused connection. */
  connect?: number;
  /** The proxy's part: TLS with it, and its answer; absent on a reused connection and without a proxy. */
  proxy?: number;
  /** The TLS handshake; absent on a reused connection. */
  tls?: number;
  /** From the start of sending to the first byte of the response head. */
  firstByte?: number;
  /** From the response head to the end of the body. */
  download?: number;
}

/** Response headers: names in lower case, repeated values joined by `, `, `set-cookie` an array. No prototype. */
export type ResponseHeaders = Readonly<Record<string, string | string[]>>;

/** The fields of every result. */
export interface ResultBase extends ListEntry {
  /** Position in the input, from 0. */
  readonly index: number;
  /** The URL as given; a password is shown as `***`. */
  readonly url: string;
  readonly method: string;
  /** Milliseconds from the first dispatch to the end of the last attempt, back-off included, our own queue excluded. */
  readonly elapsedMs: number;
  /** Number of attempts; 0 if never sent. */
  readonly attempts: number;
  readonly timingsMs: Timings;
  /** ISO 8601 time of the first dispatch; absent if never sent. */
  readonly at?: string;
  /** The `id` of the request, if it had one. */
  readonly id?: string;
  /** The proxy of the last attempt, without user info; absent if the connection was direct. */
  readonly proxy?: string;
  /** The first 32 hexadecimal digits of the SHA-256 of the request body, if it had one. */
  readonly bodyHash?: string;
  /** The first 32 hexadecimal digits of the SHA-256 of the request's own header fields, if it had any. */
  readonly headersHash?: string;
  /** With `follow`: index of the result that led to this request. */
  readonly from?: number;
  /** With `follow`: URLs of the requests that this result added to the run. */
  readonly followed?: readonly string[];
}

/** The figures of a response, or of the part that arrived. */
interface Received {
  /** Size of the decoded body in bytes; of a failure, of the part that arrived. */
  readonly length: number;
  /** Size of the body as received, in bytes. */
  readonly wireLength: number;
  /** `framed`: the protocol proved the body complete. `unverified`: it ended when the connection closed. */
  readonly complete: 'framed' | 'unverified';
  /** The URL that answered, without user info and fragment. */
  readonly finalUrl: string;
  /** Number of redirects followed. */
  readonly redirects: number;
}

/** An expectation that a response may miss besides its status. */
export type Missed = 'type' | 'body' | 'time';

/** The server answered, with any status. */
export interface ResponseResult extends ResultBase, Received, BodyFields, Validators {
  /** Bytes of the body that an earlier attempt or run had brought; this response brought the rest. */
  readonly resumedFrom?: number;
  /** Position of the response in the WARC file of the run. */
  readonly warc?: ArchivePlace;
  readonly kind: 'response';
  /** The status is one of the expected ones, and nothing else that was expected is missing. */
  readonly ok: boolean;
  /** The expectations that the response misses, other than its status; absent if it meets them all. */
  readonly unexpected?: readonly Missed[];
  /** The HTTP status, 100 to 999. */
  readonly status: number;
  /** The response headers. */
  readonly headers: ResponseHeaders;
  /** The decoded body. Throws a `TypeError` if the body was not kept (`responseBody: 'discard'`). */
  bytes(): Uint8Array;
  /** The body as text, in the charset of its byte order mark or `Content-Type`, else UTF-8. */
  text(): string;
  /** The body parsed as JSON. Throws a `SyntaxError` if it is not JSON. */
  json(): unknown;
}

/** No complete, valid response arrived; `error` gives the reason. */
export interface FailureResult extends ResultBase, Partial<Received> {
  readonly kind: 'failure';
  readonly ok: false;
  readonly length: number;
  readonly error: FetchError;
}

/** The caller or the end of the run stopped the request; `error.code` is `ABORTED`. */
export interface CancelledResult extends ResultBase {
  readonly kind: 'cancelled';
  readonly ok: false;
  readonly error: FetchError;
}

/** The result of one request. Every input has exactly one. */
export type FetchResult = ResponseResult | FailureResult | CancelledResult;

/** Verdict on a result in one word. `unexpected` is a response whose status is not ok. */
export type Verdict = 'ok' | 'unexpected' | 'failed' | 'cancelled';

/** Returns the verdict on a result, or on the record of one. */
export function verdictOf({ kind, ok }: Pick<FetchResult, 'kind' | 'ok'>): Verdict {
  if (kind === 'response') return ok ? 'ok' : 'unexpected';
  return kind === 'failure' ? 'failed' : 'cancelled';
}

/** The part of a result or record that {@link label} reads. */
type Labelled =
  | Pick<ResponseResult, 'kind' | 'status'>
  | { readonly kind: 'failure'; readonly error: Pick<FetchError, 'code'> }
  | Pick<CancelledResult, 'kind'>;

/** Returns the text of the status column: the status, the error code or `cancelled`. */
export function label(result: Labelled): string {
  switch (result.kind) {
    case 'response':
      return String(result.status);
    case 'failure':
      // A record of a file, or a transport of the caller's own, may have any text as its code.
      return printable(result.error.code);
    case 'cancelled':
      return 'cancelled';
    default:
      return result satisfies never;
  }
}
