import { isUtf8 } from 'node:buffer';
import { FetchError } from './error.ts';
import type { FlatHeaders } from './headers.ts';
import { basicCredentials, controlCharacter, pathOf, userAlone, type FetchRequest } from './request.ts';

const redirectStatuses = new Set([301, 302, 303, 307, 308]);

/**
 * Tells whether a response is a redirect. Without a `Location`, or with an empty one, a 3xx is an ordinary response.
 */
export function isRedirect(status: number, locations: readonly string[]): boolean {
  return redirectStatuses.has(status) && locations.some((location) => location.trim() !== '');
}

/**
 * Makes the request for the target of a redirect (Fetch standard, HTTP-redirect fetch), or the error if it cannot be
 * followed. Headers and bodies for one origin are not sent to another.
 */
export function follow(request: FetchRequest, status: number, locations: readonly string[]): FetchRequest | FetchError {
  const url = targetOf(request, locations);
  if (url instanceof FetchError) return url;
  const turnsToGet = (status === 303 && request.method !== 'HEAD') || (status < 303 && request.method === 'POST');
  const body = turnsToGet ? undefined : request.body;
  const isElsewhere = url.origin !== request.origin;
  if (isElsewhere && body !== undefined) {
    return new FetchError(
      'REDIRECT_INVALID',
      `Redirect ${status} would carry the body to another origin, ${url.origin}`,
    );
  }
  return {
    url: request.url,
    id: request.id,
    method: turnsToGet ? 'GET' : request.method,
    origin: url.origin,
    path: pathOf(url),
    headers: headersFor(request.headers, { isElsewhere, keepsBody: body !== undefined, url }),
    body,
    bodyHash: request.bodyHash,
    user: basicCredentials(url) !== undefined ? userAlone(url) : isElsewhere ? undefined : request.user,
    receiver: request.receiver,
    limits: request.limits,
  };
}

function targetOf(request: FetchRequest, locations: readonly string[]): URL | FetchError {
  if (new Set(locations).size > 1) return invalid('Redirect has two different Location headers');
  const location = asUnicode(locations[0]!.trim());
  if (controlCharacter.test(location)) return invalid('Redirect has a control character in its Location');
  const base = request.origin + request.path;
  // Node 22 drops the empty query of the base here.
  const url = URL.parse(location.startsWith('#') ? base + location : location, base);
  if (!url) return invalid('Redirect has a Location that cannot be parsed');
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    return new FetchError(
      'REDIRECT_SCHEME',
      `Redirect goes to the scheme ${url.protocol}, which is not http: or https:`,
    );
  }
  return url.port === '0' ? invalid('Redirect goes to port 0, which no server can have') : url;
}

function invalid(message: string): FetchError {
  return new FetchError('REDIRECT_INVALID', message);
}

/** Decodes a `Location`: header bytes arrive as latin-1, but servers write raw UTF-8. */
function asUnicode(location: string): string {
  const bytes = Buffer.from(location, 'latin1');
  return bytes.toString('latin1') === location && isUtf8(bytes) ? bytes.toString() : location;
}

const aboutTheBody = new Set(['content-type', 'content-encoding', 'content-language', 'content-location']);

function headersFor(
  headers: FlatHeaders,
  hop: { readonly isElsewhere: boolean; readonly keepsBody: boolean; readonly url: URL },
): FlatHeaders {
  const kept: string[] = [];
  const credentials = basicCredentials(hop.url);
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at]!.toLowerCase();
    const isHarmless = name.startsWith('accept') || name === 'user-agent';
    if (hop.isElsewhere && !isHarmless) continue;
    if (!hop.keepsBody && aboutTheBody.has(name)) continue;
    if (credentials !== undefined && name === 'authorization') continue;
    kept.push(headers[at]!, headers[at + 1]!);
  }
  if (credentials !== undefined) kept.push('authorization', credentials);
  return kept;
}
