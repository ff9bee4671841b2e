import { onOutcome, type Policy } from '../call/send.ts';
import type { KnownBodies, KnownBody } from '../http/body-writer.ts';
import { plainRequest, type FetchRequest } from '../http/request.ts';

/**
 * Innermost but one: asks for a body only if it has changed since an earlier run (RFC 9110 section 13), on the hop that sent
 * it. A 304 takes the fields of the earlier result.
 */
export const askIfChanged =
  (bodies: KnownBodies): Policy =>
  (send) =>
  (request, call, done) => {
    const known = canAsk(request) ? bodies.earlier(request) : undefined;
    const condition = known && conditionOf(known);
    if (known === undefined || condition === undefined) return send(request, call, done);
    const asking = onOutcome((outcome) => {
      if (outcome.kind !== 'response' || outcome.status !== 304) return outcome;
      return { ...outcome, length: known.length, fields: { ...known.fields, unchanged: true } };
    })(send);
    asking({ ...plainRequest(request), headers: [...request.headers, ...condition] }, call, done);
  };

/** A condition or a range of the caller's own means something else. */
function canAsk({ method, headers }: FetchRequest): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false;
  return !headers.some((name, at) => at % 2 === 0 && /^(?:range|if-)/i.test(name));
}

function conditionOf({ fields: { etag, lastModified } }: KnownBody): readonly string[] | undefined {
  if (etag !== undefined) return ['if-none-match', etag];
  return lastModified === undefined ? undefined : ['if-modified-since', lastModified];
}
