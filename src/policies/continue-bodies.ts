import { onOutcome, sendAsync, type Policy } from '../call/send.ts';
import type { PartialBodies } from '../http/body-writer.ts';
import { continuationOf, rangeHeaders, type PartialBody } from '../http/range.ts';
import { plainRequest, type FetchRequest } from '../http/request.ts';

/**
 * Innermost but two: asks for the rest of a body whose start an earlier attempt left (RFC 9110 section 14), on the hop that sent
 * it, and only if it has not changed since. A response that does not continue it costs one more request, and no retry.
 */
export const continueBodies =
  (bodies: PartialBodies): Policy =>
  (send) => {
    const continuing = onOutcome((outcome, request, call) => {
      if (outcome.kind !== 'response') return outcome;
      const continuation = continuationOf(request.part!, outcome.status, outcome.headers);
      switch (continuation.kind) {
        case 'append':
          return { ...outcome, status: 200, length: continuation.at + outcome.length, resumedFrom: continuation.at };
        case 'complete':
          return { ...outcome, status: 200, length: request.part!.length, resumedFrom: request.part!.length };
        case 'discard':
          bodies.dropPart(request);
          return sendAsync(send, withoutRange(request), call);
        default:
          return outcome;
      }
    })(send);
    return (request, call, done) => {
      const part = canContinue(request) ? bodies.partOf(request) : undefined;
      if (part === undefined) send(request, call, done);
      else continuing(withRange(request, part), call, done);
    };
  };

/** The caller's own range is none of ours. */
function canContinue({ method, body, headers }: FetchRequest): boolean {
  return (
    method === 'GET' && body === undefined && !headers.some((name, at) => at % 2 === 0 && /^(?:range|if-)/i.test(name))
  );
}

function withRange(request: FetchRequest, part: PartialBody): FetchRequest {
  const own = rangeHeaders(part);
  const headers = pairsOf(request.headers).filter(([name]) => !own.some(([taken]) => taken === name.toLowerCase()));
  return { ...plainRequest(request), headers: [...headers, ...own].flat(), part };
}

function withoutRange(request: FetchRequest): FetchRequest {
  const own = new Set(['range', 'if-range']);
  const headers = pairsOf(request.headers).filter(([name]) => !own.has(name));
  return { ...plainRequest(request), headers: headers.flat(), part: undefined };
}

function pairsOf(flat: readonly string[]): (readonly [name: string, value: string])[] {
  return flat.flatMap((name, at) => (at % 2 === 0 ? [[name, flat[at + 1]!] as const] : []));
}
