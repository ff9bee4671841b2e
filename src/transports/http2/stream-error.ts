import { constants } from 'node:http2';
import type { FetchError, FetchErrorCode } from '../../http/error.ts';
import { exchangeError, toExchangeError } from '../response/exchange-error.ts';
import { maxHeadBytes } from '../response/limits.ts';
import type { Session } from './session.ts';

/** How a stream ended that was not ended by its sender (END_STREAM). */
export interface Cut {
  readonly hasHead: boolean;
  /** The code of the RST_STREAM that ended it, be it the server's or our own answer to what it sent. */
  readonly code: number;
  /** What Node said. */
  readonly error: NodeJS.ErrnoException | undefined;
  readonly session: Session;
  /** Bytes that came over the connection since the stream began. */
  readonly bytes: number;
}

/** nghttp2 takes nine frames of 16 KB for one head. */
const tooManyContinuations = -905;
/** Frames without an end that bring nothing: empty ones, PING, SETTINGS, CONTINUATION. */
const floods: ReadonlySet<number | undefined> = new Set([-902, -904, tooManyContinuations]);

/** Names what cut a stream off. */
export function streamError(cut: Cut, url: string): FetchError {
  const { code, error, session } = cut;
  const cause =
    error ?? new Error(session.isDead ? 'The connection was closed' : `The stream was reset with error code ${code}`);
  const isForeign = error !== undefined && !error.code?.startsWith('ERR_HTTP2');
  return isForeign ? toExchangeError(error, cut, url) : exchangeError(codeOf(cut), cause, url);
}

function codeOf({ hasHead, code, error, session, bytes }: Cut): FetchErrorCode {
  const isProtocol = error?.code === 'ERR_HTTP2_ERROR' || error?.code === 'ERR_HTTP2_TOO_MANY_INVALID_FRAMES';
  // It ends all streams of the connection, and only one of them is at fault.
  const isAlone = isProtocol && session.inFlightAtEnd === 1;
  if (hasHead) return isAlone && floods.has(error?.errno) ? 'HTTP_PROTOCOL' : 'BODY_TRUNCATED';
  if (isProtocol && !isAlone) return 'CONN_RESET';
  if (isAlone)
    return error?.errno === tooManyContinuations && bytes > maxHeadBytes ? 'HEADERS_TOO_LARGE' : 'HTTP_PROTOCOL';
  if (code === constants.NGHTTP2_PROTOCOL_ERROR) return 'HTTP_PROTOCOL';
  return session.isDead && !error ? 'NO_RESPONSE' : 'CONN_RESET';
}
