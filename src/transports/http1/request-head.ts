import type { Proxy } from '../../http/proxy.ts';
import type { FetchRequest } from '../../http/request.ts';
import { proxyAuthorization } from '../connect/proxy/proxy-credentials.ts';

/** Methods whose requests have a body by their meaning, so that even an empty one has its length (RFC 9110 section 8.6). */
const bodyMethods: ReadonlySet<string> = new Set(['PUT', 'POST', 'PATCH', 'QUERY', 'PROPFIND', 'PROPPATCH']);

/** The header fields of a request as they are written. */
interface HeaderLines {
  /** Every field but `Host`. */
  readonly lines: string;
  /** The value of `Host`, if the caller gave one. */
  readonly host: string | undefined;
}

/** Header lines by the list they were made of. Most requests of a fetcher share one. */
const linesOf = new WeakMap<readonly string[], HeaderLines>();

/** Returns the head of a request as it is written, in Latin-1. `host` is its `Host` field, unless the caller gave one. */
export function requestHead(request: FetchRequest, host: string): string {
  return headOf(request, request.path, host);
}

/** Returns the head of a request to a proxy that is to forward it (RFC 9112 section 3.2.2). */
export function forwardedHead(request: FetchRequest, proxy: Proxy): string {
  const authorization = proxyAuthorization(proxy);
  const credentials = authorization === undefined ? '' : `proxy-authorization: ${authorization}\r\n`;
  return headOf(request, request.origin + request.path, hostField(request.origin), credentials);
}

/** Returns the value of `Host` for an origin. */
export function hostField(origin: string): string {
  return origin.slice(origin.indexOf('//') + 2);
}

function headOf({ method, headers, body }: FetchRequest, target: string, host: string, more = ''): string {
  const length = bodyLength(method, body);
  const { lines, host: own = host } = headerLines(headers);
  const start = `${method} ${target} HTTP/1.1\r\nhost: ${own}\r\nconnection: keep-alive\r\n${more}${lines}`;
  return length === undefined ? `${start}\r\n` : `${start}content-length: ${length}\r\n\r\n`;
}

function headerLines(headers: readonly string[]): HeaderLines {
  const known = linesOf.get(headers);
  if (known !== undefined) return known;
  let lines = '';
  let host: string | undefined;
  for (let at = 0; at < headers.length; at += 2) {
    if (headers[at]!.toLowerCase() === 'host') host = headers[at + 1];
    else lines += `${headers[at]}: ${headers[at + 1]}\r\n`;
  }
  const written = { lines, host };
  linesOf.set(headers, written);
  return written;
}

/** Tells whether a method gives the body of its request a meaning. */
export function expectsBody(method: string): boolean {
  return bodyMethods.has(method);
}

function bodyLength(method: string, body: Uint8Array | undefined): number | undefined {
  if (body && body.length > 0) return body.length;
  return expectsBody(method) ? 0 : undefined;
}
