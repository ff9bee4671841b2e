import type { FetchError } from './error.ts';
import type { Flight } from './flight.ts';
import type { FetchRequest } from './request.ts';
import type { ResponseHeaders, Timings } from './result.ts';

/** A response as one attempt brought it. */
export interface ResponseOutcome {
  readonly kind: 'response';
  readonly status: number;
  readonly headers: ResponseHeaders;
  /** Every `Location` that came, as it came. */
  readonly locations: readonly string[];
  /** Decoded; undefined if it was not kept. */
  readonly body: Uint8Array | undefined;
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

/** What one sending of a request came to. A 404 is a response; a refused connection is a failure. */
export type Outcome = ResponseOutcome | FailureOutcome;

/** Sends one request. Never rejects for what the network did, only with the reason its flight was cancelled with. */
export type Send = (request: FetchRequest, flight: Flight) => Promise<Outcome>;

/** Something around a sending: takes a {@link Send} and gives one back. */
export type Policy = (send: Send) => Send;

/** What carries requests: undici over real sockets, or a mock. */
export interface Transport {
  /** One request, one answer: no redirect is followed here, nothing is tried again. */
  readonly send: Send;
  /** Ends what is under way and lets go of every socket and timer. */
  close(): Promise<void>;
}

/** Puts policies around a sending, the first one outermost. */
export function compose(send: Send, policies: readonly Policy[]): Send {
  return policies.reduceRight((inner, policy) => policy(inner), send);
}

/** The outcome of an attempt that failed before anything came. */
export function failed(error: FetchError, finalUrl?: string): FailureOutcome {
  return { kind: 'failure', error, length: 0, wireLength: 0, finalUrl, redirects: 0, timings: {} };
}
