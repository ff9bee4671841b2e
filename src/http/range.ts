import type { ResponseHeaders } from './result.ts';

/** Part of a body, and what a request for the rest of it has to prove. */
export interface PartialBody {
  /** Bytes at hand, from the start of the body. */
  readonly length: number;
  /** Length of the whole body in bytes, where it is known. */
  readonly total: number | undefined;
  /** A strong ETag, or a Last-Modified date that is as good as one. */
  readonly validator: string;
}

/** How a response continues a partial body. */
export type Continuation =
  /** Cut the part to `at` bytes and append this body, whose end is the end of the whole. */
  | { readonly kind: 'append'; readonly at: number }
  /** The part is the whole body already. */
  | { readonly kind: 'complete' }
  /** This body is the whole: start over with it. */
  | { readonly kind: 'restart' }
  /** The part is of no use, nor is this response: ask again without a range. */
  | { readonly kind: 'discard' }
  /** An ordinary response of another status: the part stays as it is. */
  | { readonly kind: 'other' };

/**
 * The validator under which a response's body can be continued later (RFC 9110 section 13.1.5): its ETag if that is strong,
 * else its Last-Modified if that is at least a minute older than its Date. Undefined where it has neither, where it is not a
 * 200, and where a content coding is in effect, since ranges count coded bytes.
 */
export function validatorOf(status: number, headers: ResponseHeaders): string | undefined {
  if (status !== 200 || isCoded(headers)) return undefined;
  const etag = textOf(headers, 'etag');
  if (etag !== undefined) return strongEtag.test(etag) ? etag : undefined;
  const modified = textOf(headers, 'last-modified');
  const isOld = Date.parse(modified ?? '') <= Date.parse(textOf(headers, 'date') ?? '') - 60_000;
  return isOld ? modified : undefined;
}

/** The headers that ask for the rest of a body, and only if it has not changed. */
export function rangeHeaders({ length, validator }: PartialBody): readonly (readonly [name: string, value: string])[] {
  return [
    ['range', `bytes=${length}-`],
    ['if-range', validator],
    // A coded body would be other bytes, and some caches answer with the whole when they may code it.
    ['accept-encoding', 'identity'],
  ];
}

/** Decides how a response to a request with {@link rangeHeaders} continues the part (RFC 9110 sections 14 and 15.5.17). */
export function continuationOf(part: PartialBody, status: number, headers: ResponseHeaders): Continuation {
  if (status === 206) return partialContent(part, headers);
  if (status === 200) return { kind: 'restart' };
  if (status === 416) return unsatisfiable(part, headers);
  return { kind: 'other' };
}

const strongEtag = /^"[\x21\x23-\x7e\x80-\xff]*"$/;

function partialContent(part: PartialBody, headers: ResponseHeaders): Continuation {
  const range = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/i.exec(textOf(headers, 'content-range') ?? '');
  const [start, end, total] = (range?.slice(1).map(Number) ?? [-1, -1, -1]) as [number, number, number];
  const fits =
    range !== null &&
    start <= part.length &&
    end === total - 1 &&
    start <= end &&
    total >= part.length &&
    (part.total === undefined || part.total === total) &&
    !isCoded(headers) &&
    hasSameEtag(part, headers);
  return fits ? { kind: 'append', at: start } : { kind: 'discard' };
}

function unsatisfiable(part: PartialBody, headers: ResponseHeaders): Continuation {
  const total = /^bytes \*\/(\d{1,15})$/i.exec(textOf(headers, 'content-range') ?? '')?.[1];
  const isWhole =
    Number(total) === part.length && strongEtag.test(part.validator) && part.validator === textOf(headers, 'etag');
  return isWhole ? { kind: 'complete' } : { kind: 'discard' };
}

function hasSameEtag({ validator }: PartialBody, headers: ResponseHeaders): boolean {
  const etag = textOf(headers, 'etag');
  return etag === undefined || !strongEtag.test(validator) || etag === validator;
}

function isCoded(headers: ResponseHeaders): boolean {
  const coding = textOf(headers, 'content-encoding');
  return coding !== undefined && coding.trim() !== '' && coding.trim().toLowerCase() !== 'identity';
}

function textOf(headers: ResponseHeaders, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
}
