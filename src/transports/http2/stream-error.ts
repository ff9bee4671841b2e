import type { FetchError, FetchErrorCode } from '../../http/error.ts';
import { exchangeError, toExchangeError } from '../response/exchange-error.ts';
import { maxHeadBytes } from '../response/limits.ts';
import { http2Errors } from './node-http2.ts';
import type { Session } from './session.ts';

/** The end of a stream that its sender did not end (END_STREAM). */
export interface Cut {
  readonly hasHead: boolean;
  /** The code of the RST_STREAM that ended it, from the server or from us. */
  readonly code: number;
  /** The error that Node reported. */
  readonly error: NodeJS.ErrnoException | undefined;
  readonly session: Session;
  /** Bytes received over the connection since the stream began. */
  readonly bytes: number;
}

/** The error of nghttp2 for a head in more than nine frames. */
const tooManyContinuations = -905;
/** The errors of nghttp2 for endless frames that carry nothing: empty ones, PING, SETTINGS, CONTINUATION. */
const floods: ReadonlySet<number | undefined> = new Set([-902, -904, tooManyContinuations]);

/** Makes the error of a stream that was cut off. */
export function streamError(cut: Cut, url: string): FetchError {
  const { code, error, session } = cut;
  const cause =
    error ?? new Error(session.isDead ? 'The connection was closed' : `The stream was reset with error code ${code}`);
  const isForeign = error !== undefined && !error.code?.startsWith('ERR_HTTP2');
  return isForeign ? toExchangeError(error, cut, url) : exchangeError(codeOf(cut), cause, url);
}

function codeOf({ hasHead, code, error, session, bytes }: Cut): FetchErrorCode {
  const isProtocol = error?.code === 'ERR_HTTP2_ERROR' || error?.code === 'ERR_HTTP2_TOO_MANY_INVALID_FRAMES';
  // Such an error ends all streams of the connection, but only one of them caused it.
  const isAlone = isProtocol && session.inFlightAtEnd === 1;
  if (hasHead) return isAlone && floods.has(error?.errno) ? 'HTTP_PROTOCOL' : 'BODY_TRUNCATED';
  if (isProtocol && !isAlone) return 'CONN_RESET';
  if (isAlone)
    return error?.errno === tooManyContinuations && bytes > maxHeadBytes ? 'HEADERS_TOO_LARGE' : 'HTTP_PROTOCOL';
  if (code === http2Errors.protocolError) return 'HTTP_PROTOCOL';
  return session.isDead && !error ? 'NO_RESPONSE' : 'CONN_RESET';
}
