import { hash } from 'node:crypto';
import { shown } from '../check.ts';
import { FetchError } from './error.ts';
import type { BodyReceiver } from './body-writer.ts';
import type { PartialBody } from './range.ts';
import { parseHeaders, type HeadersInput } from './headers.ts';
import { canonicalGet, canonicalOrigin } from './canonical-get.ts';

/** A request with more than a URL. `id` is the caller's own name for it and comes back in the result. */
export interface RequestObject {
  readonly url: string | URL;
  /** @default 'GET' */
  readonly method?: string;
  /** Added to the fetcher's own; of two of the same name this one counts. */
  readonly headers?: HeadersInput;
  readonly body?: string | Uint8Array;
  readonly id?: string;
}

/** What may be asked for. */
export type RequestInput = string | URL | RequestObject;

/**
 * A request that can be sent: its URL parsed, its headers checked and merged. `origin`, `path`, `method`, `headers` and `body` are
 * undici's dispatch options as they stand, so their names and meanings must not change.
 */
export interface FetchRequest {
  /** As given, but for a password. */
  readonly url: string;
  readonly method: string;
  /** The origin: scheme, name and port. */
  readonly origin: string;
  /** Path and query, without the fragment. */
  readonly path: string;
  /** Name, value, name, value, ... */
  readonly headers: readonly string[];
  readonly body: Uint8Array | undefined;
  readonly bodyHash?: string | undefined;
  readonly id: string | undefined;
  /** Takes the response's body, in place of the fetcher's `responseBody`. */
  readonly receiver?: BodyReceiver | undefined;
  /** Start of the body that is at hand already: this request asks for the rest. */
  readonly part?: PartialBody | undefined;
}

/** Copies a request so that it can be spread: a canonical GET has getters, which a spread would miss. */
export function plainRequest(request: FetchRequest): FetchRequest {
  const { url, method, origin, path, headers, body, bodyHash, id, receiver } = request;
  return { url, method, origin, path, headers, body, bodyHash, id, receiver };
}

/** What a record says of a request, whether it could be sent or not: by this it is known again. */
export interface VisibleRequest {
  /** As given, but for a password. */
  readonly url: string;
  readonly method: string;
  /** Of the body, if there is one: the front of its SHA-256. */
  readonly bodyHash?: string | undefined;
  readonly id: string | undefined;
}

/** An input that cannot be sent, with as much of it as its record needs. */
export interface InvalidRequest extends VisibleRequest {
  readonly error: FetchError;
}

/** What no URL may hold, wherever it comes from. */
// oxlint-disable-next-line no-control-regex -- control characters are what this looks for
export const controlCharacter: RegExp = /[\u0000-\u001f\u007f]/;

/** The longest URL we send, in characters. */
export const maxUrlLength = 65_536;

/** Methods whose second sending does no harm (RFC 9110 section 9.2.2, and QUERY): these may be retried. */
export const idempotentMethods: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'OPTIONS',
  'TRACE',
  'PUT',
  'DELETE',
  'QUERY',
]);

/** Makes a request of an input, or says why it cannot be one. Never throws. */
export function parseRequest(input: RequestInput, defaultHeaders: readonly string[]): FetchRequest | InvalidRequest {
  const host = typeof input === 'string' ? canonicalOrigin(input) : undefined;
  return host === undefined
    ? parseAnyRequest(input, defaultHeaders)
    : canonicalGet(input as string, host, defaultHeaders);
}

/** {@link parseRequest} for an input that is known not to be a canonical URL. Never throws. */
export function parseAnyRequest(input: RequestInput, defaultHeaders: readonly string[]): FetchRequest | InvalidRequest {
  let visible = nothingVisible(input);
  try {
    const parts = partsOf(input);
    const { method = 'GET', headers, body } = parts;
    visible = visibleParts(parts);
    requireKnownFields(parts);
    const url = parseUrl(textOf(parts.url));
    requireId(parts.id);
    return {
      ...visible,
      method: parseMethod(method),
      origin: url.origin,
      path: pathOf(url),
      headers: mergeHeaders(defaultHeaders, headers, url),
      body: parseBody(body),
    };
  } catch (error) {
    if (error instanceof FetchError) return { ...visible, error };
    return { ...visible, error: new FetchError('REQUEST_INVALID', messageOf(error), { cause: error }) };
  }
}

/** Refuses a field that a request does not have. Throws a `TypeError` that names it and lists those there are. */
export function requireKnownFields(request: object, known: readonly string[] = requestFields): void {
  for (const name of Object.keys(request)) {
    if (known.includes(name)) continue;
    throw new TypeError(`Cannot send a request as it has no field ${shown(name)}: there are ${known.join(', ')}`);
  }
}

const requestFields = ['url', 'method', 'headers', 'body', 'id'];

/** What the record of an input will say of it. Never throws. */
export function visibleRequest(input: RequestInput): VisibleRequest {
  try {
    return visibleParts(partsOf(input));
  } catch {
    return nothingVisible(input);
  }
}

/** Returns the path and query that go on the wire. An empty query (`/a?`) is one: servers may tell it from none. */
export function pathOf(url: URL): string {
  if (url.search !== '') return url.pathname + url.search;
  const [bare = ''] = url.href.split('#', 1);
  return bare.endsWith('?') ? `${url.pathname}?` : url.pathname;
}

/** Reads a method: a token, in upper case. Throws a `TypeError` for what no request can carry. */
export function parseMethod(method: string): string {
  if (typeof method !== 'string' || !/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(method)) {
    throw new TypeError(`Cannot send a request as 'method' must be an HTTP method: current value is ${shown(method)}`);
  }
  const upper = method.toUpperCase();
  if (upper === 'CONNECT') throw new TypeError(`Cannot send a request as 'method' must not be CONNECT`);
  return upper;
}

/** The `Authorization` value for the user info of a URL (Basic), if it has any. */
export function basicCredentials(url: URL): string | undefined {
  if (url.username === '' && url.password === '') return undefined;
  const pair = `${decodePercent(url.username)}:${decodePercent(url.password)}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

/** A URL as it may be shown: `user:***@`, and a user name that stands alone, often a token, as `***@`. */
export function hidePassword(text: string): string {
  if (!text.includes('@')) return text;
  return text.replace(beforeHost, (_, scheme: string, userInfo: string) => {
    const colon = userInfo.indexOf(':');
    return `${scheme}${colon < 0 ? '***' : `${userInfo.slice(0, colon)}:***`}@`;
  });
}

/** A scheme, if there is one, and user info; also where blanks and control characters make a URL invalid. */
const beforeHost = /^((?:[^/?#\\:@]*:(?=[\s\p{Cc}]*[/\\])|\s*https?:)?[/\\\s\p{Cc}]*)([^/?#\\]*)@/iu;

function partsOf(input: RequestInput): Partial<RequestObject> {
  return typeof input === 'object' && input !== null && !(input instanceof URL) ? input : { url: input };
}

function nothingVisible(input: unknown): VisibleRequest {
  return { url: typeof input, method: 'GET', id: undefined };
}

function visibleParts({ url, method = 'GET', body, id }: Partial<RequestObject>): VisibleRequest {
  const visible = {
    url: shownUrl(textOf(url)),
    method: shownMethod(method),
    id: typeof id === 'string' ? id : undefined,
  };
  const isBody = typeof body === 'string' || body instanceof Uint8Array;
  return isBody ? { ...visible, bodyHash: hash('sha256', body, 'hex').slice(0, bodyHashLength) } : visible;
}

/** 128 bits: two bodies that are different never have the same. */
const bodyHashLength = 32;

function textOf(url: unknown): unknown {
  return url instanceof URL ? url.href : url;
}

function parseUrl(given: unknown): URL {
  if (typeof given !== 'string') {
    throw new FetchError('REQUEST_INVALID', 'Input is not a URL, nor an object that has one');
  }
  const text = given.trim();
  if (text.length > maxUrlLength) {
    throw new FetchError('URL_TOO_LONG', `URL is longer than ${maxUrlLength} characters`);
  }
  // The WHATWG parser drops tabs and line breaks in silence, and would then fetch another host.
  if (controlCharacter.test(text)) throw new FetchError('URL_INVALID', 'URL has a control character in it');
  if (!/^[a-z][a-z0-9+.-]*:/i.test(text) || /^(localhost|[^/:?#]*\.[^/:?#]*):\d*([/?#]|$)/i.test(text)) {
    throw new FetchError('URL_INVALID', 'URL has no scheme: write http:// or https:// before it');
  }
  const url = URL.parse(text);
  if (!url) throw new FetchError('URL_INVALID', 'URL cannot be parsed');
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new FetchError('URL_SCHEME', `URL scheme ${url.protocol} is not http: or https:`);
  }
  if (url.port === '0') throw new FetchError('URL_INVALID', 'URL has port 0, which no server can have');
  return url;
}

function mergeHeaders(defaults: readonly string[], own: HeadersInput | undefined, url: URL): readonly string[] {
  const credentials = basicCredentials(url);
  if (own === undefined && credentials === undefined) return defaults;
  const headers = own === undefined ? [] : parseHeaders(own);
  const names = new Set(headers.filter((_, at) => at % 2 === 0).map((name) => name.toLowerCase()));
  for (let at = 0; at < defaults.length; at += 2) {
    if (!names.has(defaults[at]!.toLowerCase())) headers.push(defaults[at]!, defaults[at + 1]!);
  }
  const hasAuthorization = headers.some((name, at) => at % 2 === 0 && name.toLowerCase() === 'authorization');
  if (credentials !== undefined && !hasAuthorization) headers.push('authorization', credentials);
  return headers;
}

function requireId(id: unknown): void {
  if (id === undefined || typeof id === 'string') return;
  throw new TypeError(`Cannot send a request as 'id' must be a string: current value is ${shown(id)}`);
}

function parseBody(body: unknown): Uint8Array | undefined {
  if (body === undefined || body instanceof Uint8Array) return body;
  if (typeof body === 'string') return Buffer.from(body);
  throw new TypeError(`Cannot send a request as 'body' must be a string or a Uint8Array`);
}

function shownUrl(given: unknown): string {
  return typeof given === 'string' ? hidePassword(given) : shown(given);
}

function shownMethod(method: unknown): string {
  return typeof method === 'string' ? method.toUpperCase() : 'GET';
}

function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'Input cannot be read';
}
