import type { ResponseHeaders } from '../../http/result.ts';

/** Header fields as received: names in lower case, repeated ones as an array. */
export type RawHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** Joins repeated values as RFC 9110 section 5.3 allows, except `Set-Cookie`, which is always a list. */
export function plainHeaders(raw: RawHeaders): ResponseHeaders {
  const headers = new Fields();
  for (const name of Object.keys(raw)) {
    const value = raw[name];
    if (value === undefined) continue;
    if (name === 'set-cookie') headers[name] = typeof value === 'string' ? [value] : value;
    else headers[name] = typeof value === 'string' ? value : value.join(', ');
  }
  return headers;
}

/** The header fields of a response. */
export interface ResponseFields {
  readonly headers: ResponseHeaders;
  /** Every `Location` on its own: two that differ must not be taken for one. */
  readonly locations: readonly string[];
}

/**
 * Reads header fields from a flat list: name, value, name, value, ... Values are joined as in {@link plainHeaders}.
 *
 * @param from where the fields begin in the list
 */
export function responseFields(flat: readonly string[], from = 0): ResponseFields {
  const headers = new Fields();
  let locations = none;
  for (let at = from; at < flat.length; at += 2) {
    const name = flat[at]!.toLowerCase();
    const value = flat[at + 1] ?? '';
    const known = headers[name];
    if (name === 'set-cookie') {
      if (known === undefined) headers[name] = [value];
      else (known as string[]).push(value);
      continue;
    }
    headers[name] = known === undefined ? value : `${known as string}, ${value}`;
    if (name === 'location') locations = [...locations, value];
  }
  return { headers, locations };
}

/**
 * An object without a prototype's properties: a server may name a header `__proto__` or `constructor`.
 * `Object.create(null)` would make hash tables, which are several times as large and slow to create.
 */
const Fields = function () {} as unknown as new () => Record<string, string | string[]>;
Fields.prototype = Object.create(null);

const none: readonly string[] = [];

/** Returns every `Location` field, not joined: two that differ must not be taken for one. */
export function locationsOf({ location }: RawHeaders): readonly string[] {
  if (location === undefined) return none;
  return typeof location === 'string' ? [location] : location;
}
