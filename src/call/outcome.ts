import type { BodyFields, BodyWriter, Validators } from '../http/body-writer.ts';
import type { FetchError } from '../http/error.ts';
import type { ArchivePlace } from '../http/exchange-archive.ts';
import type { ResponseHeaders, Timings } from '../http/result.ts';

/** The response of one attempt. */
export interface ResponseOutcome {
  readonly kind: 'response';
  readonly status: number;
  readonly headers: ResponseHeaders;
  /** Every `Location` field as received, not joined. */
  readonly locations: readonly string[];
  /** The decoded body; undefined if it was not kept. */
  readonly body: Uint8Array | undefined;
  /** The body went to a writer, which waits to hear whether this response is the result. */
  readonly writer?: BodyWriter | undefined;
  /** Bytes of the body that an earlier attempt had brought. */
  readonly resumedFrom?: number;
  /** Whether the body is the expected one, if it went to a writer. */
  readonly bodyMatches?: boolean | undefined;
  /** Fields that the writer adds to the result. */
  readonly fields?: BodyFields & Validators;
  /** Where the exchange is archived. */
  readonly warc?: ArchivePlace | undefined;
  /** Body bytes after decoding. */
  readonly length: number;
  /** Body bytes as received. */
  readonly wireLength: number;
  readonly complete: 'framed' | 'unverified';
  /** The URL that answered: origin and path. */
  readonly finalUrl: string;
  /** Redirects followed before it. */
  redirects: number;
  readonly timings: Timings;
  /** The proxy's name, if there was one. */
  readonly proxy?: string | undefined;
}

/** The failure of one attempt. */
export interface FailureOutcome {
  readonly kind: 'failure';
  readonly error: FetchError;
  /** Decoded body bytes received before the failure. */
  readonly length: number;
  readonly wireLength: number;
  /** The URL that failed; undefined if nothing was sent. */
  readonly finalUrl: string | undefined;
  redirects: number;
  readonly timings: Timings;
  /** The proxy's name, if there was one. */
  readonly proxy?: string | undefined;
}

/** The outcome of a call that was cancelled. */
export interface CancelledOutcome {
  readonly kind: 'cancelled';
}

/** The outcome of sending a request once. A 404 is a response; a refused connection is a failure. */
export type Outcome = ResponseOutcome | FailureOutcome | CancelledOutcome;

/** Receives the outcome of a send. */
export type Done = (outcome: Outcome) => void;

/** Makes the outcome of an attempt that failed before anything arrived. */
export function failed(error: FetchError, finalUrl?: string): FailureOutcome {
  return { kind: 'failure', error, length: 0, wireLength: 0, finalUrl, redirects: 0, timings: {} };
}

export const cancelled: CancelledOutcome = { kind: 'cancelled' };
