import type { FetchErrorCode } from '../../src/http/error.ts';
import type { FetcherOptions } from '../../src/fetcher/options.ts';
import type { RequestObject } from '../../src/http/request.ts';
import type { RawHandler } from '../helpers/servers/raw-server.ts';

/** One fault, and the outcome that it must have. */
export interface FaultCase {
  /** Its number in the catalogue of issue 4. */
  readonly id: string;
  readonly fault: string;
  /** The behaviour of the server; without it there is no server. */
  readonly answer?: RawHandler;
  readonly over?: 'tls';
  readonly request?: Pick<RequestObject, 'method' | 'headers' | 'body'>;
  /** Retries are 0 unless given. */
  readonly options?: FetcherOptions;
  readonly expected: Expected;
  /** The reason why the outcome differs from curl's, or is not the ideal one. */
  readonly why?: string;
  /** The reason why it is not also run in pieces of 20 bytes. */
  readonly wholeOnly?: string;
  /** The reason why it is not also run through the command line. */
  readonly libraryOnly?: string;
}

interface ExpectedCounts {
  readonly attempts: number;
  readonly redirects: number;
  /** Number of requests that reached the server. */
  readonly requests: number;
}

export type Expected = ExpectedCounts &
  (
    | {
        readonly kind: 'response';
        readonly status: number;
        readonly complete: 'framed' | 'unverified';
        /** The body that the server meant, decoded. */
        readonly body: string | Uint8Array;
      }
    | {
        readonly kind: 'failure';
        readonly code: FetchErrorCode;
        readonly retryable: boolean;
        /** Number of body bytes that had arrived, if that is certain. */
        readonly length?: number;
      }
  );

interface ResponseDetails extends Partial<ExpectedCounts> {
  readonly status?: number;
  readonly complete?: 'framed' | 'unverified';
}

/** A response with exactly this body. */
export function whole(body: string | Uint8Array = '', details: ResponseDetails = {}): Expected {
  return { kind: 'response', status: 200, complete: 'framed', body, ...counts(details), ...details };
}

/** Errors that a retry may cure, according to the catalogue. On purpose not taken from the program. */
const mendable: ReadonlySet<FetchErrorCode> = new Set([
  'CONNECT_REFUSED',
  'CONN_RESET',
  'NO_RESPONSE',
  'HEADERS_TIMEOUT',
  'BODY_TIMEOUT',
  'TIMEOUT',
  'BODY_TRUNCATED',
]);

/** A failure with this code. */
export function fails(
  code: FetchErrorCode,
  details: Partial<ExpectedCounts> & { readonly length?: number } = {},
): Expected {
  return { kind: 'failure', code, retryable: mendable.has(code), ...counts(details), ...details };
}

function counts({
  attempts = 1,
  redirects = 0,
  requests = attempts + redirects,
}: Partial<ExpectedCounts>): ExpectedCounts {
  return { attempts, redirects, requests };
}
