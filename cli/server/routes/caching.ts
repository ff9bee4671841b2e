import type { Exchange } from '../exchange.ts';
import { wholeNumber } from '../number.ts';
import { sendEmpty, sendJson } from '../respond.ts';
import { factsOf } from './echo.ts';

const lastModified = new Date('2024-01-01T00:00:00Z').toUTCString();

/** Has the entity tag in the path, and honours `If-None-Match` (304) and `If-Match` (412). */
export function etag(exchange: Exchange): void {
  const { tag = '' } = exchange.parameters;
  const headers = { ETag: `"${tag.replaceAll(/[^\x21\x23-\x7e]/gu, encodeURIComponent)}"` };
  const { 'if-none-match': unwanted, 'if-match': wanted } = exchange.request.headers;
  if (unwanted !== undefined && lists(unwanted, tag)) sendEmpty(exchange, { status: 304, headers });
  else if (wanted !== undefined && !lists(wanted, tag)) sendEmpty(exchange, { status: 412, headers });
  else sendJson(exchange, factsOf(exchange), { headers });
}

/** Answers 304 to every conditional request. */
export function cache(exchange: Exchange): void {
  const headers = { 'Last-Modified': lastModified, ETag: '"cache"' };
  const { 'if-none-match': tags, 'if-modified-since': date } = exchange.request.headers;
  if (tags !== undefined || date !== undefined) sendEmpty(exchange, { status: 304, headers });
  else sendJson(exchange, factsOf(exchange), { headers });
}

/** Allows caching for the number of seconds in the path. */
export function cacheFor(exchange: Exchange): void {
  const seconds = wholeNumber('seconds', exchange.parameters.seconds);
  sendJson(exchange, factsOf(exchange), { headers: { 'Cache-Control': `public, max-age=${seconds}` } });
}

function lists(tags: string, tag: string): boolean {
  return tags.split(',').some((listed) => {
    const name = listed.trim().replace(/^W\//, '').replaceAll('"', '');
    return name === '*' || name === tag;
  });
}
