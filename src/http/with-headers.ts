import type { FlatHeaders } from './headers.ts';
import { plainRequest, type FetchRequest } from './request.ts';

/** Tells whether there is a field of this name, given in lower case. */
export function hasHeader(headers: FlatHeaders, name: string): boolean {
  return headers.some((text, at) => at % 2 === 0 && text.toLowerCase() === name);
}

/** Adds a field to a request. Cookies join those that are there: a request has one `Cookie` field. */
export function withHeader(request: FetchRequest, name: string, value: string): FetchRequest {
  const at = request.headers.findIndex((text, place) => place % 2 === 0 && text.toLowerCase() === name);
  if (at < 0) return { ...plainRequest(request), headers: [...request.headers, name, value] };
  return { ...plainRequest(request), headers: request.headers.with(at + 1, `${request.headers[at + 1]}; ${value}`) };
}
