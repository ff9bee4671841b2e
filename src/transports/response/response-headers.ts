import type { ResponseHeaders } from '../../http/result.ts';

/** Header fields as they came: names in lower case, repeated ones as an array. */
export type RawHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** Repeated values joined as RFC 9110 section 5.3 allows, but for `Set-Cookie`, which is always a list. */
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

/**
 * Has nothing that it was not given: a server may name a header `__proto__` or `constructor`. Not `Object.create(null)`, whose
 * objects are hash tables: several times as large, and slow to make.
 */
const Fields = function () {} as unknown as new () => Record<string, string | string[]>;
Fields.prototype = Object.create(null);

const none: readonly string[] = [];

/** Every `Location` on its own: two that differ must not be taken for one. */
export function locationsOf({ location }: RawHeaders): readonly string[] {
  if (location === undefined) return none;
  return typeof location === 'string' ? [location] : location;
}
