import { FetchError, type FetchErrorCode } from '../../http/error.ts';
import { connectCodes, hint, nativeCode, shortage, tlsCode } from '../connect/connect-error.ts';

/** How far a response had come when it broke off. */
export interface Progress {
  readonly hasHead: boolean;
}

/** Names an error that came while a request was under way on a connection. */
export function toExchangeError(cause: Error, { hasHead }: Progress, url: string): FetchError {
  if (cause instanceof FetchError) return cause;
  return exchangeError(exchangeCode(cause, hasHead), cause, url);
}

/** The error of a request that was under way. */
export function exchangeError(code: FetchErrorCode, cause: Error, url: string): FetchError {
  const message = exchangeMessages[code] ?? `Cannot fetch ${url}: ${code}`;
  return new FetchError(code, message + hint(cause), { cause });
}

/**
 * Whether undici took the blanks after a `Content-Length` for digits, and so a whole body for one of another length. Its parser
 * did not, and found the end.
 */
export function isPaddedContentLength(cause: Error, declaredLength: string | undefined, length: number): boolean {
  return (
    nativeCode(cause) === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH' &&
    /^\d+ +$/.test(declaredLength ?? '') &&
    Number(declaredLength) === length
  );
}

/** Makes the error of a connection that brought too many bytes that are neither head nor body. */
export function overheadError(): FetchError {
  return new FetchError('HTTP_PROTOCOL', 'The server sent more than 1 MB that is neither head nor body');
}

/** Tells whether a connection broke over bytes that were no response to a request: a second response, or garbage. */
export function isUnaskedResponse(error: Error): boolean {
  return error.message === 'bad response' || error.name === 'HTTPParserError';
}

/** Tells whether a connection was closed by its server, or broke, and no response had said that it would be closed. */
export function isSilentClose(error: Error): boolean {
  // undici's own closes, after a `Connection: close` and of idle connections, are UND_ERR_INFO.
  return nativeCode(error) !== 'UND_ERR_INFO';
}

const exchangeMessages: Partial<Record<FetchErrorCode, string>> = {
  NO_RESPONSE: 'The server closed the connection without a whole response head',
  CONN_RESET: 'The server reset the connection before its response',
  TLS_PROTOCOL: 'The server broke off the TLS connection before its response',
  BODY_TRUNCATED: 'The body was cut off before its end',
  HTTP_PROTOCOL: 'The server did not speak HTTP as it must be spoken',
  HEADERS_TOO_LARGE: 'The response head is larger than 64 KB',
  LENGTH_MISMATCH: 'The response head contradicts itself in its Content-Length, or is malformed after it',
};

function exchangeCode(cause: Error, hasHead: boolean): FetchErrorCode {
  const ours = shortage(cause);
  if (ours) return ours;
  const native = nativeCode(cause);
  if (native === 'UND_ERR_HEADERS_OVERFLOW') return 'HEADERS_TOO_LARGE';
  if (native === 'UND_ERR_SOCKET') return socketCode(cause, hasHead);
  if (native === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH') return hasHead ? 'BODY_TRUNCATED' : 'LENGTH_MISMATCH';
  if (cause.name === 'HTTPParserError') return parserCode(cause, hasHead);
  if (native === 'ERR_ASSERTION') return 'HTTP_PROTOCOL';
  if (native === 'UND_ERR_INVALID_ARG' || native === 'UND_ERR_NOT_SUPPORTED') return 'REQUEST_INVALID';
  if (connectCodes.has(native) || native === 'UND_ERR_INFO') return hasHead ? 'BODY_TRUNCATED' : 'CONN_RESET';
  if (tlsCode(cause)) return hasHead ? 'BODY_TRUNCATED' : 'TLS_PROTOCOL';
  return 'INTERNAL';
}

function socketCode(cause: Error, hasHead: boolean): FetchErrorCode {
  // undici's words for a 100 or 101 that nobody asked for.
  if (/^bad (response|upgrade)$/.test(cause.message)) return 'HTTP_PROTOCOL';
  if (hasHead) return 'BODY_TRUNCATED';
  const { socket } = cause as { socket?: { remoteAddress?: string } };
  return cause.message === 'other side closed' && socket && !hasPeer(socket) ? 'CONN_RESET' : 'NO_RESPONSE';
}

/**
 * Whether a connection that has just come to its end still has a peer: one that was reset has none. When the last data and
 * the reset come together, the event loop of Node 22 on Linux reports a plain end, and only this tells them apart. Nothing
 * may have asked for the peer's address before, since Node keeps an answer it once had.
 */
export function hasPeer(socket: { readonly remoteAddress?: string | undefined }): boolean {
  return socket.remoteAddress !== undefined;
}

/** The parser's errors have no code that can be relied on, only the reason in their message. */
function parserCode({ message }: Error, hasHead: boolean): FetchErrorCode {
  if (/invalid EOF state/i.test(message)) return hasHead ? 'BODY_TRUNCATED' : 'NO_RESPONSE';
  if (/content-length/i.test(message)) return 'LENGTH_MISMATCH';
  return 'HTTP_PROTOCOL';
}
