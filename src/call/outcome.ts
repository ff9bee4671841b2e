import type { FetchError } from '../http/error.ts';
import type { ResponseHeaders, Timings } from '../http/result.ts';

/** The response of one attempt. */
export interface ResponseOutcome {
  readonly kind: 'response';
  readonly status: number;
  readonly headers: ResponseHeaders;
  /** Every `Location` header, as received. */
  readonly locations: readonly string[];
  /** The decoded body; undefined if it was not kept. */
  readonly body: Uint8Array | undefined;
  /** Body bytes after decoding. */
  readonly length: number;
  /** Body bytes as received. */
  readonly wireLength: number;
  readonly complete: 'framed' | 'unverified';
  /** URL that answered, without user info and fragment. */
  readonly finalUrl: string;
  /** Redirects that were followed. */
  redirects: number;
  readonly timings: Timings;
}

/** The failure of one attempt. */
export interface FailureOutcome {
  readonly kind: 'failure';
  readonly error: FetchError;
  /** Body bytes after decoding, as far as received. */
  readonly length: number;
  readonly wireLength: number;
  /** URL that failed to answer; undefined if nothing was sent. */
  readonly finalUrl: string | undefined;
  redirects: number;
  readonly timings: Timings;
}

/** The end of an attempt whose call was cancelled. */
export interface CancelledOutcome {
  readonly kind: 'cancelled';
}

/** The outcome of one attempt. A 404 is a response; a refused connection is a failure. */
export type Outcome = ResponseOutcome | FailureOutcome | CancelledOutcome;

/** Called once with the outcome of an attempt. */
export type Done = (outcome: Outcome) => void;

/** Makes the outcome of an attempt that failed before anything was received. */
export function failed(error: FetchError, finalUrl?: string): FailureOutcome {
  return { kind: 'failure', error, length: 0, wireLength: 0, finalUrl, redirects: 0, timings: {} };
}

/** The outcome of every cancelled attempt. */
export const cancelled: CancelledOutcome = { kind: 'cancelled' };
