import type { FetchRequest } from '../../http/request.ts';

/** Methods whose requests have a body by their meaning, so that even an empty one has its length (RFC 9110 section 8.6). */
const bodyMethods: ReadonlySet<string> = new Set(['PUT', 'POST', 'PATCH', 'QUERY', 'PROPFIND', 'PROPPATCH']);

/** Header lines by the list they were made of. Most requests of a fetcher share one. */
const linesOf = new WeakMap<readonly string[], string>();

/** Returns the head of a request as it is written, in Latin-1. `host` is the value of its `Host` field. */
export function requestHead({ method, path, headers, body }: FetchRequest, host: string): string {
  const length = bodyLength(method, body);
  const start = `${method} ${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: keep-alive\r\n${headerLines(headers)}`;
  return length === undefined ? `${start}\r\n` : `${start}content-length: ${length}\r\n\r\n`;
}

function headerLines(headers: readonly string[]): string {
  const known = linesOf.get(headers);
  if (known !== undefined) return known;
  let lines = '';
  for (let at = 0; at < headers.length; at += 2) lines += `${headers[at]}: ${headers[at + 1]}\r\n`;
  linesOf.set(headers, lines);
  return lines;
}

/** Tells whether a method gives the body of its request a meaning. */
export function expectsBody(method: string): boolean {
  return bodyMethods.has(method);
}

function bodyLength(method: string, body: Uint8Array | undefined): number | undefined {
  if (body && body.length > 0) return body.length;
  return expectsBody(method) ? 0 : undefined;
}
