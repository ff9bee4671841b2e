import type { BodyFields, Validators } from './body-writer.ts';
import type { FetchError } from './error.ts';

/** Where the time of a request went, in milliseconds; of the last attempt, and only as far as known. */
export interface Timings {
  /** Waiting in our own queue, over all attempts. */
  queue?: number;
  /** Looking up the name; absent on a connection that stood already. */
  dns?: number;
  connect?: number;
  tls?: number;
  /** From the request's start on the connection to the first byte of the response's head. */
  firstByte?: number;
  /** From the head to the end of the body. */
  download?: number;
}

/** Header names in lower case; repeated values joined by `, `; `set-cookie` an array. No prototype. */
export type ResponseHeaders = Readonly<Record<string, string | string[]>>;

/** What every result has, whatever became of the request. */
export interface ResultBase {
  /** Position in the input, from 0. */
  readonly index: number;
  /** As given, but for a password, which is shown as `***`. */
  readonly url: string;
  readonly method: string;
  /** From the first dispatch to the end of the last attempt, back-off included, our own queue excluded. */
  readonly elapsedMs: number;
  /** How many times it was tried; 0 if never. */
  readonly attempts: number;
  readonly timingsMs: Timings;
  /** ISO 8601 time of the first dispatch; absent if never sent. */
  readonly at?: string;
  /** The caller's own, if the request carried one. */
  readonly id?: string;
  /** Of the request's body, if it had one: the front of its SHA-256 in hexadecimal. A record shows no body. */
  readonly bodyHash?: string;
}

/** What is known of a response, or of as much as came of one. */
interface Received {
  /** Body bytes after decoding; of a failure: what had arrived. */
  readonly length: number;
  /** Body bytes as received. */
  readonly wireLength: number;
  /** Whether the protocol proved the body whole, or it just ended by close. */
  readonly complete: 'framed' | 'unverified';
  /** The URL that answered, without user info and fragment. */
  readonly finalUrl: string;
  /** How many redirects were followed. */
  readonly redirects: number;
}

/** The server answered, with whatever status; `ok` says whether the status is one that was expected. */
export interface ResponseResult extends ResultBase, Received, BodyFields, Validators {
  /** Bytes of the body that an earlier attempt or run had brought; this response brought the rest. */
  readonly resumedFrom?: number;
  readonly kind: 'response';
  readonly ok: boolean;
  readonly status: number;
  readonly headers: ResponseHeaders;
  /** The decoded body. Throws a `TypeError` if the body was not kept (`responseBody: 'discard'`). */
  bytes(): Uint8Array;
  /** The body as text, in the charset that the response names (UTF-8 unless it names one we know). */
  text(): string;
  /** The body parsed as JSON; throws a `SyntaxError` if it is not. */
  json(): unknown;
}

/** No whole, valid response came; `error` says why. */
export interface FailureResult extends ResultBase, Partial<Received> {
  readonly kind: 'failure';
  readonly ok: false;
  readonly length: number;
  readonly error: FetchError;
}

/** The caller, or the end of the run, stopped it; `error.code` is `ABORTED`. */
export interface CancelledResult extends ResultBase {
  readonly kind: 'cancelled';
  readonly ok: false;
  readonly error: FetchError;
}

/** What became of one request. There is exactly one for each input. */
export type FetchResult = ResponseResult | FailureResult | CancelledResult;

/** Verdict on a result in one word. `unexpected` is a response whose status is not ok. */
export type Verdict = 'ok' | 'unexpected' | 'failed' | 'cancelled';

/** Returns the verdict on a result, or on the record of one. */
export function verdictOf({ kind, ok }: Pick<FetchResult, 'kind' | 'ok'>): Verdict {
  if (kind === 'response') return ok ? 'ok' : 'unexpected';
  return kind === 'failure' ? 'failed' : 'cancelled';
}

/** What decides the {@link label} of a result, or of the record of one. */
type Labelled =
  | Pick<ResponseResult, 'kind' | 'status'>
  | { readonly kind: 'failure'; readonly error: Pick<FetchError, 'code'> }
  | Pick<CancelledResult, 'kind'>;

/** The word a person reads in the status column. */
export function label(result: Labelled): string {
  switch (result.kind) {
    case 'response':
      return String(result.status);
    case 'failure':
      return result.error.code;
    case 'cancelled':
      return 'cancelled';
    default:
      return result satisfies never;
  }
}
