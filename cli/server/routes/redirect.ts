import { type Exchange, originOf, queryOf } from '../exchange.ts';
import { wholeNumber } from '../number.ts';
import { Refusal } from '../refusal.ts';
import { sendEmpty } from '../respond.ts';

const maxHops = 10_000;

/** Redirects the number of times in the path, finally to `/get`. Uses whole URLs with `?absolute=true`, else paths. */
export function redirect(exchange: Exchange): void {
  if (queryOf(exchange).get('absolute') === 'true') absoluteRedirect(exchange);
  else relativeRedirect(exchange);
}

/** {@link redirect}, with a path as `Location`. */
export function relativeRedirect(exchange: Exchange): void {
  sendRedirect(exchange, nextHop('/relative-redirect', exchange));
}

/** {@link redirect}, with a whole URL as `Location`. */
export function absoluteRedirect(exchange: Exchange): void {
  sendRedirect(exchange, `${originOf(exchange)}${nextHop('/absolute-redirect', exchange)}`);
}

/** Redirects to `url`, with status `status_code`. */
export function redirectTo(exchange: Exchange): void {
  const query = queryOf(exchange);
  const url = query.get('url');
  if (url === null) throw new Refusal(400, `Bad parameter 'url': must be given`);
  const status = wholeNumber('status_code', query.get('status_code') ?? '302');
  // httpbin also uses 302 in place of a status that would not redirect.
  sendRedirect(exchange, url, status >= 300 && status < 400 ? status : 302);
}

/** Answers with a redirect without a body. */
export function sendRedirect(exchange: Exchange, location: string, status = 302, cookies: string[] = []): void {
  const Location = location.replaceAll(/[^\x21-\x7e]/gu, encodeURIComponent);
  sendEmpty(exchange, { status, headers: { Location, 'Set-Cookie': cookies } });
}

function nextHop(path: string, { parameters: { hops } }: Exchange): string {
  const left = wholeNumber('hops', hops, { min: 1, max: maxHops }) - 1;
  return left === 0 ? '/get' : `${path}/${left}`;
}
