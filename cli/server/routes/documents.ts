import { randomUUID } from 'node:crypto';
import { type Exchange, type Handler } from '../exchange.ts';
import { wholeNumber } from '../number.ts';
import { send, sendJson } from '../respond.ts';
import { sendRedirect } from './redirect.ts';

const maxLinks = 200;

/** Returns a handler that always answers with this body and media type. */
export function document(type: string, body: string | Buffer): Handler {
  const headers = { 'Content-Type': type };
  return (exchange) => send(exchange, body, { headers });
}

/** Answers with a new UUID. */
export function uuid(exchange: Exchange): void {
  sendJson(exchange, { uuid: randomUUID() });
}

/** Redirects to the first of `count` pages that link to each other. */
export function firstLinks(exchange: Exchange): void {
  sendRedirect(exchange, `/links/${linkCount(exchange)}/0`);
}

/** Answers with one of those pages, which links to the others. */
export function links(exchange: Exchange): void {
  const count = linkCount(exchange);
  const own = wholeNumber('page', exchange.parameters.page);
  const anchors = Array.from({ length: count }, (_, page) =>
    page === own ? `${page}` : `<a href="/links/${count}/${page}">${page}</a>`,
  );
  const body = `<html><head><title>Links</title></head><body>${anchors.join(' ')}</body></html>\n`;
  send(exchange, body, { headers: { 'Content-Type': 'text/html; charset=utf-8' } });
}

function linkCount({ parameters: { count } }: Exchange): number {
  return wholeNumber('count', count, { min: 1, max: maxLinks });
}
