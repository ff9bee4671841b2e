import { percentDecoded } from '../../../src/text/percent-decoded.ts';
import { type Exchange, queryOf } from '../exchange.ts';
import { Refusal } from '../refusal.ts';
import { sendJson } from '../respond.ts';
import { sendRedirect } from './redirect.ts';

/** Answers with the cookies of the request. */
export function cookies(exchange: Exchange): void {
  const pairs = (exchange.request.headers.cookie ?? '').split(';').map((pair) => pair.trim());
  const named = pairs.filter((pair) => pair.includes('='));
  sendJson(exchange, { cookies: Object.fromEntries(named.map((pair) => toEntry(pair))) });
}

/** Sets the cookies in the query and redirects to `/cookies`. */
export function setCookies(exchange: Exchange): void {
  sendRedirect(
    exchange,
    '/cookies',
    302,
    [...queryOf(exchange)].map(([name, value]) => toCookie(name, value)),
  );
}

/** Sets the cookie in the path and redirects to `/cookies`. */
export function setCookie(exchange: Exchange): void {
  const { name = '', value = '' } = exchange.parameters;
  sendRedirect(exchange, '/cookies', 302, [toCookie(name, value)]);
}

function toEntry(pair: string): [name: string, value: string] {
  const mark = pair.indexOf('=');
  return [pair.slice(0, mark), percentDecoded(pair.slice(mark + 1))];
}

function toCookie(name: string, value: string): string {
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) {
    throw new Refusal(400, `Bad cookie name: ${JSON.stringify(name.slice(0, 40))}`);
  }
  return `${name}=${encodeURIComponent(value)}; Path=/`;
}
