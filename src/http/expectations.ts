import { decodeText } from './body-text.ts';
import type { Missed, ResponseHeaders } from './result.ts';

/** What is expected of a response besides its status. */
export interface Expectations {
  readonly isType: ((mediaType: string) => boolean) | undefined;
  /** Searched in the body. */
  readonly body: RegExp | undefined;
  /** Milliseconds for the whole request. */
  readonly withinMs: number;
}

/** A response as far as expectations go. */
export interface Judged {
  readonly headers: ResponseHeaders;
  readonly elapsedMs: number;
  /** The decoded body, if it is in memory. */
  readonly body: Uint8Array | undefined;
  /** The verdict on a body that went elsewhere. */
  readonly bodyMatches: boolean | undefined;
  /** The body is that of an earlier run, which was checked then. */
  readonly isUnchanged: boolean;
}

/** Lists the expectations that a response misses; undefined if it meets all. */
export function missedBy(response: Judged, { isType, body, withinMs }: Expectations): readonly Missed[] | undefined {
  const missed: Missed[] = [];
  const contentType = response.headers['content-type'] as string | undefined;
  if (!response.isUnchanged) {
    if (isType && !isType(mediaTypeOf(contentType))) missed.push('type');
    if (body && !(response.bodyMatches ?? matches(body, response.body, contentType))) missed.push('body');
  }
  if (response.elapsedMs > withinMs) missed.push('time');
  return missed.length === 0 ? undefined : missed;
}

/** Tells whether a body, as text in its charset, has a match. */
export function matches(pattern: RegExp, body: Uint8Array | undefined, contentType: string | undefined): boolean {
  return pattern.test(decodeText(body ?? new Uint8Array(0), contentType));
}

/** Returns the media type in lower case; an empty text if there is none. */
function mediaTypeOf(contentType: string | undefined): string {
  return contentType?.split(';', 1)[0]!.trim().toLowerCase() ?? '';
}

/** Parses media types such as `text/html,image/*` into a predicate; undefined for anything else. */
export function parseTypeList(list: string): ((mediaType: string) => boolean) | undefined {
  const types = list.split(',').map((part) => part.trim().toLowerCase());
  if (!types.every((type) => /^[\w!#$&^.+-]+\/(?:[\w!#$&^.+-]+|\*)$/.test(type))) return undefined;
  return (mediaType) =>
    types.some((type) => (type.endsWith('/*') ? mediaType.startsWith(type.slice(0, -1)) : mediaType === type));
}
