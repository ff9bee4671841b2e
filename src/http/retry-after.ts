import { httpDate } from './http-date.ts';

/** The clocks that a date can be compared with. */
export interface Clocks {
  /** Our clock, in milliseconds since 1970. */
  readonly now: number;
  /** The server's clock: the `Date` header of the same response. */
  readonly date?: string | undefined;
}

/**
 * Returns the milliseconds that a `Retry-After` header (RFC 9110, 10.2.3) asks us to wait; 0 if it is missing, invalid
 * or in the past. A date is compared with the response's own `Date`, if valid, so that a wrong clock on either side
 * does not matter. There is no upper bound: the result may be `Infinity`, and the caller must cap it before setting a
 * timer.
 */
export function retryAfterMs(value: string | undefined, { now, date }: Clocks): number {
  const text = trimBlanks(value);
  // Decimals are not in the RFC, but widely sent.
  if (/^\d+(?:\.\d+)?$/.test(text)) return Math.ceil(Number(text)) * 1000;
  const until = httpDate(text, now) ?? -Infinity;
  return Math.max(0, until - (httpDate(trimBlanks(date), now) ?? now));
}

/**
 * Removes blanks at both ends. `String.trim` would also remove characters that are not blanks in HTTP, such as a
 * no-break space.
 */
function trimBlanks(value = ''): string {
  let start = 0;
  let end = value.length;
  while (start < end && isBlank(value[start])) start += 1;
  while (end > start && isBlank(value[end - 1])) end -= 1;
  return value.slice(start, end);
}

function isBlank(character: string | undefined): boolean {
  return character === ' ' || character === '\t';
}
