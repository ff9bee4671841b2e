import type { FetchErrorCode } from '../../src/http/error.ts';
import type { FetcherOptions } from '../../src/fetcher/options.ts';
import type { RequestObject } from '../../src/http/request.ts';
import type { RawHandler } from '../helpers/servers/raw-server.ts';

/** One fault, and what must come of it. */
export interface FaultCase {
  /** Its number in the catalogue of issue 4. */
  readonly id: string;
  readonly fault: string;
  /** What the server does; without it there is none. */
  readonly answer?: RawHandler;
  readonly over?: 'tls';
  readonly request?: Pick<RequestObject, 'method' | 'headers' | 'body'>;
  /** Retries are 0 unless given. */
  readonly options?: FetcherOptions;
  readonly expected: Expected;
  /** Why this is not what curl does, or not what one would like best. */
  readonly why?: string;
  /** Why it is not run in pieces of 20 bytes too. */
  readonly wholeOnly?: string;
}

interface ExpectedCounts {
  readonly attempts: number;
  readonly redirects: number;
  /** Requests that the server saw. */
  readonly requests: number;
}

export type Expected = ExpectedCounts &
  (
    | {
        readonly kind: 'response';
        readonly status: number;
        readonly complete: 'framed' | 'unverified';
        /** What the server meant, decoded. */
        readonly body: string | Uint8Array;
      }
    | {
        readonly kind: 'failure';
        readonly code: FetchErrorCode;
        readonly retryable: boolean;
        /** Body bytes that had arrived, if that is certain. */
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

/** What another try may mend, as the catalogue has it: on purpose not taken from the program. */
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
