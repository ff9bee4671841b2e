import { FetchError } from '../../http/error.ts';
import type { ResponseHeaders } from '../../http/result.ts';

/** The way in which the end of a body is known: by the protocol, or only by the close. An error if neither. */
export type Framing = 'framed' | 'unverified' | FetchError;

/** Reads from a response's head how its body ends (RFC 9112 section 6.3). */
export function framingOf(method: string, status: number, headers: ResponseHeaders): Framing {
  if (isBodyless(method, status)) return 'framed';
  const transferEncoding = headers['transfer-encoding'] as string | undefined;
  if (transferEncoding !== undefined) return chunkedOnly(transferEncoding.toLowerCase());
  if (headers['content-length'] !== undefined) return 'framed';
  return 'unverified';
}

/** Accepts `chunked` alone: undici removes the chunks but leaves any other coding, or takes the chunks for the body. */
function chunkedOnly(transferEncoding: string): Framing {
  // Not trimmed: followed by a tab, undici's parser does not recognize it.
  if (/^chunked *$/.test(transferEncoding)) return 'framed';
  const codings = transferEncoding.split(',').map((coding) => coding.trim());
  if (codings.includes('chunked') && (codings.length === 1 || codings.at(-1) !== 'chunked')) {
    return new FetchError('HTTP_PROTOCOL', 'The response has a Transfer-Encoding in which chunked is not the last');
  }
  return new FetchError('ENCODING_UNSUPPORTED', 'The response has a Transfer-Encoding other than chunked');
}

/** Tells whether a response has no body, whatever length its head declares (RFC 9110 section 6.4.1). */
export function isBodyless(method: string, status: number): boolean {
  return method === 'HEAD' || status === 204 || status === 304;
}
