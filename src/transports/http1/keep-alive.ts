import type { ResponseHeaders } from '../../http/result.ts';
import type { ParsedHead } from './response-parser.ts';

/** How long an idle connection is kept, in milliseconds, if its server does not say. */
const defaultIdleMs = 4000;
const maxIdleMs = 600_000;
/** A server's own limit is shortened by this, in milliseconds: the next request takes some time to arrive. */
const marginMs = 2000;

/** Returns how long a connection may be idle after a response with these headers, in milliseconds. */
export function keepIdleMsOf(headers: ResponseHeaders): number {
  const hint = headers['keep-alive'] as string | undefined;
  if (hint === undefined) return defaultIdleMs;
  const [, seconds] = /timeout=(\d+)/.exec(hint) ?? [];
  return seconds === undefined ? defaultIdleMs : Math.min(Number(seconds) * 1000 - marginMs, maxIdleMs);
}

/** Tells whether the connection stays open after a response (RFC 9112 section 9.3). */
export function staysOpen(method: string, headers: ResponseHeaders, head: ParsedHead): boolean {
  // llhttp does not know of the HEAD, and takes a response without a length for one that ends with its connection.
  if (method === 'HEAD') return isPersistent(headers, head.minorVersion);
  if (head.status === 204 || head.status === 304) return head.isKeptAlive && !tellsOfBody(headers);
  return head.isKeptAlive;
}

function isPersistent({ connection }: ResponseHeaders, minorVersion: number): boolean {
  const options = typeof connection === 'string' ? connection.toLowerCase().split(',') : [];
  const has = (wanted: string): boolean => options.some((option) => option.trim() === wanted);
  return !has('close') && (minorVersion > 0 || has('keep-alive'));
}

/** Such a response has no body, but some servers send it all the same. */
function tellsOfBody(headers: ResponseHeaders): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
