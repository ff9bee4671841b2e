import { httpDate } from './http-date.ts';

/** The clocks that a date can be held against. */
export interface Clocks {
  /** Ours, in milliseconds since 1970. */
  readonly now: number;
  /** The server's: the `Date` header of the same response. */
  readonly date?: string | undefined;
}

/**
 * How long a `Retry-After` header (RFC 9110, 10.2.3) asks us to wait, in milliseconds; 0 if it says nothing, nothing
 * valid, or a time that has passed. A date is held against the response's own `Date` if that is valid, so that a wrong
 * clock on either side does not matter. There is no upper bound: absurd numbers of seconds become huge, or `Infinity`,
 * and the caller has to cap them before they reach a timer.
 */
export function retryAfterMs(value: string | undefined, { now, date }: Clocks): number {
  const text = trimBlanks(value);
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const until = httpDate(text, now) ?? -Infinity;
  return Math.max(0, until - (httpDate(trimBlanks(date), now) ?? now));
}

/** `String.trim` would also take off what is no blank in HTTP, such as a no-break space. */
function trimBlanks(value = ''): string {
  return /^[ \t]*(.*[^ \t])/s.exec(value)?.[1] ?? '';
}
