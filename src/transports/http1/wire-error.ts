import type { FetchError } from '../../http/error.ts';
import { exchangeError } from '../response/exchange-error.ts';
import type { ParseFault } from './response-parser.ts';

/** Names the error of a response that llhttp does not take for HTTP/1. */
export function parseError(fault: ParseFault, hasHead: boolean, url: string): FetchError {
  const cause = new Error(`Response does not match the HTTP/1.1 protocol (${fault.reason})`);
  return exchangeError(parseCode(fault, hasHead), cause, url);
}

function parseCode(
  { reason, isHeadTooLarge, hasContentLength }: ParseFault,
  hasHead: boolean,
): 'HEADERS_TOO_LARGE' | 'LENGTH_MISMATCH' | 'HTTP_PROTOCOL' {
  if (isHeadTooLarge) return 'HEADERS_TOO_LARGE';
  if (!hasHead && (hasContentLength || /content-length/i.test(reason))) return 'LENGTH_MISMATCH';
  return 'HTTP_PROTOCOL';
}

/** Makes the error of a request whose connection came to its end. A connection that has lost its peer was reset. */
export function closedError(hasHead: boolean, hasPeer: boolean, url: string): FetchError {
  const code = hasHead ? 'BODY_TRUNCATED' : hasPeer ? 'NO_RESPONSE' : 'CONN_RESET';
  return exchangeError(code, new Error(hasPeer ? 'other side closed' : 'the connection has lost its peer'), url);
}

/** Makes the error of a response that breaks the rules of HTTP. */
export function protocolError(cause: string, url: string): FetchError {
  return exchangeError('HTTP_PROTOCOL', new Error(cause), url);
}
