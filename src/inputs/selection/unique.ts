import { hash } from 'node:crypto';
import { visibleRequest, type RequestInput } from '../../http/request.ts';

/**
 * Drops every request that equals an earlier one: the same method, URL, body and header fields. Remembers some 70 bytes
 * for each request.
 */
export async function* unique<T extends RequestInput>(
  requests: AsyncIterable<T> | Iterable<T>,
): AsyncGenerator<T, void, undefined> {
  const seen = new Set<string>();
  for await (const request of requests) {
    // Every entry that cannot be sent gets its own record.
    if (isRejected(request)) {
      yield request;
      continue;
    }
    const key = keyOf(request);
    if (seen.has(key)) continue;
    seen.add(key);
    yield request;
  }
}

function isRejected(request: RequestInput): boolean {
  return typeof request === 'object' && request !== null && 'error' in request;
}

/** Returns some 128 bits of a SHA-256, which no two different requests share. */
function keyOf(request: RequestInput): string {
  const { url, method, bodyHash = '' } = visibleRequest(request);
  const { url: given = url, headers } = (typeof request === 'object' && !(request instanceof URL) ? request : {}) as {
    readonly url?: string | URL;
    readonly headers?: Iterable<unknown> | object;
  };
  const pairs = headers === undefined ? [] : Symbol.iterator in headers ? [...headers] : Object.entries(headers);
  const address = typeof request === 'string' ? request : String(given);
  return hash('sha256', JSON.stringify([method, address, bodyHash, pairs]), 'base64').slice(0, 22);
}
