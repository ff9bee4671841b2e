import type { FetchRequest } from '../../http/request.ts';
import type { TransportRequest } from './transport.ts';

/** Shows a request to a transport. */
export function transportRequest({ origin, path, method, headers, body }: FetchRequest): TransportRequest {
  return { url: origin + path, origin, method, headers: byName(headers), body };
}

function byName(flat: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (let at = 0; at < flat.length; at += 2) {
    const name = flat[at]!.toLowerCase();
    const value = flat[at + 1]!;
    const separator = name === 'cookie' ? '; ' : ', ';
    headers[name] = Object.hasOwn(headers, name) ? headers[name] + separator + value : value;
  }
  return headers;
}
