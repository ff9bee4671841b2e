import type { BodyFields, BodyWriter } from '../http/body-writer.ts';
import type { FetchError } from '../http/error.ts';
import type { ResponseHeaders, Timings } from '../http/result.ts';

/** A response as one attempt brought it. */
export interface ResponseOutcome {
  readonly kind: 'response';
  readonly status: number;
  readonly headers: ResponseHeaders;
  /** Every `Location` that came, as it came. */
  readonly locations: readonly string[];
  /** Decoded; undefined if it was not kept. */
  readonly body: Uint8Array | undefined;
  /** The body went to a writer, which waits to hear whether this response is the result. */
  readonly writer?: BodyWriter | undefined;
  /** Bytes of the body that an earlier attempt had brought. */
  readonly resumedFrom?: number;
  /** What the writer adds to the result. */
  readonly fields?: BodyFields;
  /** Body bytes after decoding. */
  readonly length: number;
  /** Body bytes as received. */
  readonly wireLength: number;
  readonly complete: 'framed' | 'unverified';
  /** Origin and path of the one who answered. */
  readonly finalUrl: string;
  /** Redirects followed before it. */
  redirects: number;
  readonly timings: Timings;
}

/** Why one attempt brought none. */
export interface FailureOutcome {
  readonly kind: 'failure';
  readonly error: FetchError;
  /** Decoded body bytes that had arrived. */
  readonly length: number;
  readonly wireLength: number;
  /** Who failed to answer; undefined if nothing was sent. */
  readonly finalUrl: string | undefined;
  redirects: number;
  readonly timings: Timings;
}

/** Its flight was cancelled: nobody wants to know what came of it. */
export interface CancelledOutcome {
  readonly kind: 'cancelled';
}

/** What one sending of a request came to. A 404 is a response; a refused connection is a failure. */
export type Outcome = ResponseOutcome | FailureOutcome | CancelledOutcome;

/** Is told what a sending came to. */
export type Done = (outcome: Outcome) => void;

/** The outcome of an attempt that failed before anything came. */
export function failed(error: FetchError, finalUrl?: string): FailureOutcome {
  return { kind: 'failure', error, length: 0, wireLength: 0, finalUrl, redirects: 0, timings: {} };
}

export const cancelled: CancelledOutcome = { kind: 'cancelled' };
