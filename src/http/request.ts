import { hash } from 'node:crypto';
import { shown } from '../check.ts';
import { percentDecoded } from '../text/percent-decoded.ts';
import { FetchError } from './error.ts';
import type { BodyReceiver } from './body-writer.ts';
import type { ExchangeKeeper } from './exchange-archive.ts';
import type { PartialBody } from './range.ts';
import { parseHeaders, type FlatHeaders, type HeadersInput } from './headers.ts';
import { canonicalGet, canonicalOrigin } from './canonical-get.ts';
import type { ListEntry } from './list-entry.ts';
import { parseRequestLimits, type RequestLimits } from './request-limits.ts';
import type { Trail } from './trail.ts';

/** A request with more than a URL. */
export interface RequestObject extends ListEntry {
  /** An absolute `http:` or `https:` URL. User info becomes an `Authorization` header. */
  readonly url: string | URL;
  /** The HTTP method, in any case. @default 'GET' */
  readonly method?: string;
  /** Header fields, added to the fetcher's own; these win over fields of the same name. */
  readonly headers?: HeadersInput;
  /** The request body; a string is sent as UTF-8. */
  readonly body?: string | Uint8Array;
  /** The caller's own name for the request; returned in the result. */
  readonly id?: string;
  /** Scheme for a `url` that has none, such as `example.com`. Without it, such a URL is invalid. */
  readonly defaultScheme?: 'http' | 'https';
  /** Milliseconds for one attempt, in place of the fetcher's `timeoutMs`. */
  readonly timeoutMs?: number;
  /** Extra attempts, in place of the fetcher's `retry.retries`. */
  readonly retries?: number;
  /** Statuses that count as success, such as `200-399,404`, in place of the fetcher's `expect`. */
  readonly expect?: string;
  /** Largest decoded body in bytes, in place of the fetcher's `maxBodyBytes`. */
  readonly maxBodyBytes?: number;
  /** A proxy, as in the fetcher's `proxy` and in place of it; `none` for a direct connection. It also counts for redirects. */
  readonly proxy?: string;
  /** Name of the file that the body is saved to, relative to the directory of saved bodies. */
  readonly file?: string;
  /** SHA-256 that the body must have, in hexadecimal. */
  readonly sha256?: string;
  /**
   * Further checksums that the body must have, separated by blanks: `sha512:HEX`, `sha1:HEX`, `md5:HEX`, or `sha512-BASE64` as
   * Subresource Integrity has it. Like `sha256` they are checked when the body is saved.
   */
  readonly checksum?: string;
}

/** An entry of a list that cannot be sent. Its result is a failure with this error. */
export interface RejectedInput extends ListEntry {
  /** The URL, or the text of the entry if no URL could be read. */
  readonly url: string;
  readonly method?: string;
  readonly id?: string;
  readonly error: FetchError;
}

/** The input of a fetch: a URL, an object with a URL, or an entry of a list that cannot be sent. */
export type RequestInput = string | URL | RequestObject | RejectedInput;

/**
 * A request that can be sent: its URL parsed, its headers checked and merged. `origin`, `path`, `method`, `headers` and
 * `body` are undici's dispatch options as they stand, so their names and meanings must not change.
 */
export interface FetchRequest {
  /** The URL as given; a password is shown as `***`. */
  readonly url: string;
  readonly method: string;
  /** The origin: scheme, name and port. */
  readonly origin: string;
  /** Path and query, without the fragment. */
  readonly path: string;
  readonly headers: FlatHeaders;
  readonly body: Uint8Array | undefined;
  readonly bodyHash?: string | undefined;
  readonly headersHash?: string | undefined;
  readonly id: string | undefined;
  readonly entry?: ListEntry | undefined;
  /** The user that the URL names without a password. */
  readonly user?: string | undefined;
  /** The request's own options, in place of the fetcher's. */
  readonly limits?: RequestLimits | undefined;
  /** Takes the response's body, in place of the fetcher's `responseBody`. */
  readonly receiver?: BodyReceiver | undefined;
  /** Start of the body that is at hand already: this request asks for the rest. */
  readonly part?: PartialBody | undefined;
  /** Sees the exchange as it is on the wire. */
  readonly keeper?: ExchangeKeeper | undefined;
  /** Where the request goes on, if another process has followed its first redirects. */
  readonly trail?: Trail | undefined;
}

/** Copies a request so that it can be spread: a canonical GET has getters, which a spread would miss. */
export function plainRequest(request: FetchRequest): FetchRequest {
  const { url, method, origin, path, headers, body, bodyHash, headersHash, id, receiver, entry, user, limits } =
    request;
  return { url, method, origin, path, headers, body, bodyHash, headersHash, id, receiver, entry, user, limits };
}

/** The part of a request that its record shows. A resumed run recognizes the request by it. */
export interface VisibleRequest {
  /** The URL as given; a password is shown as `***`. */
  readonly url: string;
  readonly method: string;
  /** The first 32 hexadecimal digits of the SHA-256 of the body, if there is one. */
  readonly bodyHash?: string | undefined;
  /** The first 32 hexadecimal digits of the SHA-256 of the request's own header fields, if it has any. */
  readonly headersHash?: string | undefined;
  readonly id: string | undefined;
  /** The entry of a list that the request comes from. */
  readonly entry?: ListEntry | undefined;
}

/** An input that cannot be sent, with the error and the fields of its record. */
export interface InvalidRequest extends VisibleRequest {
  readonly error: FetchError;
}

/** Characters that no URL may contain. */
// oxlint-disable-next-line no-control-regex -- control characters are what this looks for
export const controlCharacter: RegExp = /[\u0000-\u001f\u007f]/;

/** The longest URL we send, in characters. */
export const maxUrlLength = 65_536;

/** Idempotent methods (RFC 9110 section 9.2.2, and QUERY), which may be retried. */
export const idempotentMethods: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'OPTIONS',
  'TRACE',
  'PUT',
  'DELETE',
  'QUERY',
]);

/** Parses an input to a request, or to the error that explains why it cannot be sent. Never throws. */
export function parseRequest(input: RequestInput, defaultHeaders: FlatHeaders): FetchRequest | InvalidRequest {
  const host = typeof input === 'string' ? canonicalOrigin(input) : undefined;
  return host === undefined
    ? parseAnyRequest(input, defaultHeaders)
    : canonicalGet(input as string, host, defaultHeaders);
}

/** {@link parseRequest} for an input that is known not to be a canonical URL. Never throws. */
export function parseAnyRequest(input: RequestInput, defaultHeaders: FlatHeaders): FetchRequest | InvalidRequest {
  let visible = nothingVisible(input);
  try {
    const parts = partsOf(input);
    const { method = 'GET', headers, body } = parts;
    visible = visibleParts(parts);
    if ('error' in parts) return { ...visible, error: rejection(parts.error) };
    requireKnownFields(parts);
    const url = parseUrl(textOf(parts.url), parts.defaultScheme);
    requireId(parts.id);
    const limits = parseRequestLimits(parts);
    const user = userAlone(url);
    return {
      ...visible,
      method: parseMethod(method),
      origin: url.origin,
      path: pathOf(url),
      headers: mergeHeaders(defaultHeaders, headers, url),
      body: parseBody(body),
      ...(user !== undefined && { user }),
      ...(limits !== undefined && { limits }),
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

/** The type keeps the list complete. */
const requestFields = Object.keys({
  url: true,
  method: true,
  headers: true,
  body: true,
  id: true,
  defaultScheme: true,
  timeoutMs: true,
  retries: true,
  expect: true,
  maxBodyBytes: true,
  proxy: true,
  file: true,
  sha256: true,
  checksum: true,
  input: true,
  line: true,
  source: true,
} satisfies Record<keyof RequestObject, true>);

/** Returns the part of an input that its record will show. Never throws. */
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

/** Checks a method and returns it in upper case. Throws a `TypeError` if it is not a token, or is CONNECT. */
export function parseMethod(method: string): string {
  if (typeof method !== 'string' || !/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(method)) {
    throw new TypeError(`Cannot send a request as 'method' must be an HTTP method: current value is ${shown(method)}`);
  }
  const upper = method.toUpperCase();
  if (upper === 'CONNECT') throw new TypeError(`Cannot send a request as 'method' must not be CONNECT`);
  return upper;
}

/** Returns the `Authorization` value (Basic) for the user info of a URL, if it has any. */
export function basicCredentials(url: URL): string | undefined {
  if (url.username === '' && url.password === '') return undefined;
  return basicValue(percentDecoded(url.username), percentDecoded(url.password));
}

/** Returns the user that a URL names without a password, if it does. */
export function userAlone({ username, password }: URL): string | undefined {
  return username !== '' && password === '' ? percentDecoded(username) : undefined;
}

/** Returns the `Authorization` value (Basic) of a user. */
export function basicValue(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

/**
 * Hides the password of a URL: `user:***@`, and a user name that stands alone, often a token, as `***@`. In a text that
 * is not an HTTP URL, anything from the first colon to the last at sign may be a password without percent-encoding. The
 * time grows only with the length, because lists are not trusted.
 */
export function hidePassword(text: string): string {
  if (!atSign.test(text)) return text;
  const start = authorityStart(text);
  const authorityEnd = endOf(text, start);
  const end = isHttpUrl(text) ? authorityEnd : text.length;
  const at = lastAtSign(text, start, end);
  const colon = text.slice(start, Math.max(start, at)).indexOf(':');
  if (colon >= 0) return hidden(text, start + colon + 1, at);
  const onlyAt = lastAtSign(text, start, authorityEnd);
  return onlyAt < start ? text : hidden(text, start, onlyAt);
}

/** An at sign, also in the full-width forms and the percent-encoding that the host parser reads as one. */
const atSign = /@|\uff20|\ufe6b|%40/;
const atSigns: readonly string[] = ['@', '\uff20', '\ufe6b', '%40'];

function hidden(text: string, from: number, to: number): string {
  return `${text.slice(0, from)}***${text.slice(to)}`;
}

/** Finds the last at sign of a part of a text; -1 if there is none. */
function lastAtSign(text: string, start: number, end: number): number {
  const part = text.slice(start, end);
  const at = Math.max(...atSigns.map((sign) => part.lastIndexOf(sign)));
  return at < 0 ? -1 : start + at;
}

function isHttpUrl(text: string): boolean {
  const protocol = URL.parse(text)?.protocol;
  return protocol === 'http:' || protocol === 'https:';
}

/** Returns the offset after the scheme, if there is one, and its slashes, even with blanks or controls among them. */
function authorityStart(text: string): number {
  const schemeEnd = text.search(/[/?#\\:@]/);
  const isColon = text[schemeEnd] === ':';
  const behind = isColon ? skip(text, schemeEnd + 1, blankOrControl) : 0;
  const isScheme = isColon && (slash.test(text[behind] ?? '') || /^\s*https?$/i.test(text.slice(0, schemeEnd)));
  return skip(text, isScheme ? behind : 0, slashOrBlank);
}

/** Finds the end of an authority: the first slash, question mark or hash, or the end of the text. */
function endOf(text: string, start: number): number {
  const length = text.slice(start).search(/[/?#\\]/);
  return length < 0 ? text.length : start + length;
}

function skip(text: string, start: number, characters: RegExp): number {
  let at = start;
  while (at < text.length && characters.test(text[at]!)) at += 1;
  return at;
}

const slash = /[/\\]/;
const blankOrControl = /[\s\p{Cc}]/u;
const slashOrBlank = /[/\\\s\p{Cc}]/u;

function partsOf(input: RequestInput): Partial<RequestObject> {
  return typeof input === 'object' && input !== null && !(input instanceof URL) ? input : { url: input };
}

/** Reads the error of a {@link RejectedInput}, which JavaScript callers may have filled with anything. */
function rejection(error: unknown): FetchError {
  return error instanceof FetchError ? error : new FetchError('REQUEST_INVALID', `Request has an 'error' field`);
}

function nothingVisible(input: unknown): VisibleRequest {
  return { url: typeof input, method: 'GET', id: undefined };
}

function visibleParts(parts: Partial<RequestObject>): VisibleRequest {
  const { url, method = 'GET', headers, body, id } = parts;
  const headersHash = headers === undefined ? undefined : hashOfHeaders(headers);
  const visible = {
    url: shownUrl(textOf(url)),
    method: shownMethod(method),
    id: typeof id === 'string' ? id : undefined,
    entry: listEntry(parts),
    ...(headersHash !== undefined && { headersHash }),
  };
  const isBody = typeof body === 'string' || body instanceof Uint8Array;
  return isBody ? { ...visible, bodyHash: shortHash(body) } : visible;
}

/** Hashes header fields by their names in lower case and their values; undefined if there are none or they cannot be sent. */
function hashOfHeaders(headers: HeadersInput): string | undefined {
  // An iterator can be read once, and what is sent needs it. Anything else that is no object is refused later.
  if (typeof headers !== 'object' || headers === null || 'next' in headers) return undefined;
  try {
    const fields = parseHeaders(headers).map((text, at) => (at % 2 === 0 ? text.toLowerCase() : text));
    return fields.length === 0 ? undefined : shortHash(JSON.stringify(fields));
  } catch {
    return undefined;
  }
}

function shortHash(content: string | Uint8Array): string {
  return hash('sha256', content, 'hex').slice(0, hashLength);
}

/** Reads the fields that are copied to the result, and leaves out those of a wrong type. */
function listEntry({ input, line, source }: ListEntry): ListEntry | undefined {
  if (input === undefined && line === undefined && source === undefined) return undefined;
  return {
    ...(typeof input === 'object' && input !== null && { input }),
    ...(Number.isSafeInteger(line) && { line: line! }),
    ...(typeof source === 'string' && { source }),
  };
}

/** Hexadecimal digits of a hash: 128 bits, so that different contents have different hashes. */
const hashLength = 32;

function textOf(url: unknown): unknown {
  return url instanceof URL ? url.href : url;
}

function parseUrl(given: unknown, defaultScheme?: 'http' | 'https'): URL {
  if (typeof given !== 'string') {
    throw new FetchError('REQUEST_INVALID', 'Input is not a URL, nor an object that has one');
  }
  const text = given.trim();
  if (text.length > maxUrlLength) {
    throw new FetchError('URL_TOO_LONG', `URL is longer than ${maxUrlLength} characters`);
  }
  // The WHATWG parser silently drops tabs and line breaks, and the URL could then name another host.
  if (controlCharacter.test(text)) throw new FetchError('URL_INVALID', 'URL has a control character in it');
  const url = URL.parse(hasScheme(text) ? text : withScheme(text, defaultScheme));
  if (!url) throw new FetchError('URL_INVALID', 'URL cannot be parsed');
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new FetchError('URL_SCHEME', `URL scheme ${url.protocol} is not http: or https:`);
  }
  if (url.port === '0') throw new FetchError('URL_INVALID', 'URL has port 0, which no server can have');
  return url;
}

function hasScheme(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:/i.test(text) && !isHostAndPort(text);
}

function withScheme(text: string, scheme: unknown): string {
  if (scheme !== 'http' && scheme !== 'https') {
    throw new FetchError('URL_INVALID', 'URL has no scheme: write http:// or https:// before it');
  }
  const address = text.startsWith('//') ? text.slice(2) : text;
  if (!beginsWithHost.test(address)) {
    throw new FetchError('URL_INVALID', 'URL has no scheme, and does not begin with a host name');
  }
  const doubt = doubtAbout(address);
  if (doubt !== undefined) throw new FetchError('URL_INVALID', `URL has no scheme, and ${doubt}`);
  return `${scheme}://${address}`;
}

/** Says why a text is not taken for a host, although the WHATWG parser would take it: `1` is 0.0.0.1 there. */
function doubtAbout(address: string): string | undefined {
  if (/^[^/?#:@]+@[^/?#:@]+$/.test(address)) return 'is a mail address';
  const host = address.replace(/^[^/?#@]*@/, '');
  if (host.startsWith('.')) return 'is a path: write the whole URL, or -i to read a list from a file';
  if (/^[\p{N}.]+(?:[:/?#]|$)/u.test(host) && !/^\d+(?:\.\d+){3}\.?(?:[:/?#]|$)/.test(host)) {
    return 'is a number, not a host: --url-template (urlTemplate) makes a URL of it, such as https://example.com/{value}';
  }
  return undefined;
}

/** User info if any, a name or an address, a port if any. The WHATWG parser would take a host out of almost any text. */
const beginsWithHost = /^(?:[^/?#@\s]*@)?(?:[\p{L}\p{M}\p{N}_.-]+|\[[0-9a-f:.]+\])(?::\d*)?(?:[/?#]|$)/iu;

/** Tells `example.com:80/` and `localhost:80` from a URL whose scheme looks like a host. */
function isHostAndPort(text: string): boolean {
  const host = /^([^/:?#]*):\d*(?:[/?#]|$)/.exec(text)?.[1];
  return host !== undefined && (host.includes('.') || host.toLowerCase() === 'localhost');
}

function mergeHeaders(defaults: FlatHeaders, own: HeadersInput | undefined, url: URL): FlatHeaders {
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

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'Input cannot be read';
}
