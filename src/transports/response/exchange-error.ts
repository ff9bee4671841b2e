import { FetchError, type FetchErrorCode } from '../../http/error.ts';
import { connectCodes, hint, nativeCode, shortage, tlsCode } from '../connect/connect-error.ts';

/** The extent to which a response had arrived when its connection broke. */
export interface Progress {
  readonly hasHead: boolean;
}

/** Wraps an error of a connection that carried a request. A `FetchError` stays as it is. */
export function toExchangeError(cause: Error, { hasHead }: Progress, url: string): FetchError {
  if (cause instanceof FetchError) return cause;
  return exchangeError(exchangeCode(cause, hasHead), cause, url);
}

/** Makes the error of a request that was sent. */
export function exchangeError(code: FetchErrorCode, cause: Error, url: string): FetchError {
  const message = exchangeMessages[code] ?? `Cannot fetch ${url}: ${code}`;
  return new FetchError(code, message + hint(cause), { cause });
}

/**
 * Tells whether undici read the blanks after a `Content-Length` as digits and so refused a whole body. Its parser did
 * not, and found the end.
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
  return new FetchError('HTTP_PROTOCOL', 'The server sent more than 1 MB besides response headers and body');
}

/** Tells whether a connection broke because of bytes that answered no request: a second response, or garbage. */
export function isUnaskedResponse(error: Error): boolean {
  return error.message === 'bad response' || (error.name === 'HTTPParserError' && !isCutOff(error.message));
}

/**
 * Tells whether the server closed or reset a connection without having announced it. Our own closes have other errors.
 */
export function isSilentClose(error: Error): boolean {
  return error.message === 'other side closed' || connectCodes.get(nativeCode(error)) === 'CONNECT_RESET';
}

/** What a server can do wrong, or a proxy that answers for it. */
const peerCodes: ReadonlySet<FetchErrorCode> = new Set([
  'NO_RESPONSE',
  'CONN_RESET',
  'HEADERS_TIMEOUT',
  'BODY_TIMEOUT',
  'TIMEOUT',
  'HTTP_PROTOCOL',
  'HEADERS_TOO_LARGE',
  'LENGTH_MISMATCH',
  'BODY_TRUNCATED',
  'TLS_PROTOCOL',
]);

/** Names the proxy that forwards in an error of its connection: it or the server is at fault, and nobody can tell which. */
export function forwardedError(error: FetchError, proxy: string): FetchError {
  const { code, message, cause, retryable } = error;
  if (!peerCodes.has(code)) return error;
  const named = message.startsWith('The server ')
    ? message.replace('The server', `The proxy ${proxy}`)
    : `${message} (through the proxy ${proxy})`;
  return new FetchError(code, named, { cause, retryable });
}

const exchangeMessages: Partial<Record<FetchErrorCode, string>> = {
  NO_RESPONSE: 'The server closed the connection before sending complete response headers',
  CONN_RESET: 'The server reset the connection before responding',
  TLS_PROTOCOL: 'The server ended the TLS connection before responding',
  BODY_TRUNCATED: 'The body was cut off before its end',
  HTTP_PROTOCOL: 'The response violates the HTTP protocol',
  HEADERS_TOO_LARGE: 'The response headers are larger than 64 KB',
  LENGTH_MISMATCH: 'The response has a contradictory Content-Length, or is malformed after it',
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
  // The messages of undici for an unsolicited 100 or 101.
  if (/^bad (response|upgrade)$/.test(cause.message)) return 'HTTP_PROTOCOL';
  if (hasHead) return 'BODY_TRUNCATED';
  const { socket } = cause as { socket?: { remoteAddress?: string } };
  return cause.message === 'other side closed' && socket && !hasPeer(socket) ? 'CONN_RESET' : 'NO_RESPONSE';
}

/**
 * Tells whether a connection that has just ended still has a peer; one that was reset has none. When the last data and
 * the reset arrive together, Node 22 on Linux reports a plain end, and only this tells them apart. Nothing may have
 * read the peer's address before, because Node caches it.
 */
export function hasPeer(socket: { readonly remoteAddress?: string | undefined }): boolean {
  return socket.remoteAddress !== undefined;
}

function isCutOff(message: string): boolean {
  return /invalid EOF state/i.test(message);
}

/** Reads the reason from the message: the codes of the parser's errors cannot be relied on. */
function parserCode({ message }: Error, hasHead: boolean): FetchErrorCode {
  if (isCutOff(message)) return hasHead ? 'BODY_TRUNCATED' : 'NO_RESPONSE';
  if (/content-length/i.test(message)) return 'LENGTH_MISMATCH';
  return 'HTTP_PROTOCOL';
}
