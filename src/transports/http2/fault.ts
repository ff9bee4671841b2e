import { constants } from 'node:http2';
import type { FetchError, FetchErrorCode } from '../../error.ts';
import { exchangeError, exchangeFault } from '../undici/fault.ts';

/** How a stream ended that was not ended by its sender (END_STREAM). */
export interface Cut {
  readonly hasHead: boolean;
  /** The code of the RST_STREAM that ended it, be it the server's or our own answer to what it sent. */
  readonly code: number;
  /** What Node said. */
  readonly error: NodeJS.ErrnoException | undefined;
  /** Whether the connection has ended. */
  readonly isDead: boolean;
  /** Whether nothing else was under way on the connection. */
  readonly isAlone: boolean;
  /** Bytes that came over the connection since the stream began. */
  readonly bytes: number;
}

/** nghttp2 takes nine frames of 16 KB for one head. */
const tooManyContinuations = -905;
const largeHeadBytes = 64 * 1024;
/** Frames without an end that bring nothing: empty ones, PING, SETTINGS, CONTINUATION. */
const floods: ReadonlySet<number | undefined> = new Set([-902, -904, tooManyContinuations]);

/** Names what cut a stream off. */
export function cutFault(cut: Cut, url: string): FetchError {
  const { code, error, isDead } = cut;
  const cause = error ?? new Error(isDead ? 'The connection was closed' : `The stream was reset with error code ${code}`);
  const isForeign = error !== undefined && !error.code?.startsWith('ERR_HTTP2');
  return isForeign ? exchangeFault(error, cut, url) : exchangeError(codeOf(cut), cause, url);
}

function codeOf({ hasHead, code, error, isDead, isAlone, bytes }: Cut): FetchErrorCode {
  // What nghttp2 cannot bear ends every stream of the connection, and only one of them can be at fault.
  const isProtocol = error?.code === 'ERR_HTTP2_ERROR' || error?.code === 'ERR_HTTP2_TOO_MANY_INVALID_FRAMES';
  if (hasHead) return isProtocol && isAlone && floods.has(error.errno) ? 'HTTP_PROTOCOL' : 'BODY_TRUNCATED';
  if (isProtocol && !isAlone) return 'CONN_RESET';
  if (isProtocol) return error.errno === tooManyContinuations && bytes > largeHeadBytes ? 'HEADERS_TOO_LARGE' : 'HTTP_PROTOCOL';
  if (code === constants.NGHTTP2_PROTOCOL_ERROR) return 'HTTP_PROTOCOL';
  return isDead && !error ? 'NO_RESPONSE' : 'CONN_RESET';
}
