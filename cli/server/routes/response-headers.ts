import { validateHeaderName, validateHeaderValue } from 'node:http';
import { type Exchange, queryOf } from '../exchange.ts';
import { Refusal } from '../refusal.ts';
import { send } from '../respond.ts';

const framing = new Set(['connection', 'content-length', 'keep-alive', 'trailer', 'transfer-encoding', 'upgrade']);

/** Sets the headers in the query (repeated names are allowed) and answers with them as JSON. */
export function responseHeaders(exchange: Exchange): void {
  const grouped = Map.groupBy(queryOf(exchange), ([name]) => name);
  const headers = Object.fromEntries([...grouped].map(([name, pairs]) => [name, checked(name, pairs)]));
  const typed = Object.keys(headers).some((name) => name.toLowerCase() === 'content-type');
  const type = typed ? {} : { 'Content-Type': 'application/json' };
  send(exchange, `${JSON.stringify(headers)}\n`, { headers: { ...type, ...headers } });
}

function checked(name: string, pairs: readonly (readonly [string, string])[]): string | string[] {
  const values = pairs.map(([, value]) => value);
  try {
    validateHeaderName(name);
    for (const value of values) validateHeaderValue(name, value);
  } catch {
    throw new Refusal(400, `Bad header: ${JSON.stringify(name.slice(0, 40))}`);
  }
  if (framing.has(name.toLowerCase())) throw new Refusal(400, `Bad header: only the server may set ${name}`);
  return values.length === 1 ? (values[0] ?? '') : values;
}
