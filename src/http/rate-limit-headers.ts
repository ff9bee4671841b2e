import { httpDate } from './http-date.ts';
import type { ResponseHeaders } from './result.ts';
import type { Clocks } from './retry-after.ts';

/** The quota a response tells. */
export interface RateLimit {
  /** Requests that are left. */
  readonly remaining: number;
  /** Milliseconds until the quota is full again. */
  readonly resetMs: number;
}

const plainPrefixes = ['ratelimit-', 'x-ratelimit-', 'x-rate-limit-'];
/** Characters of a header; a longer one is no quota. */
const maxLength = 4096;
/** OpenAI counts requests and tokens apart. */
const requestsSuffix = '-requests';

/**
 * Reads the quota from the headers of a response: `RateLimit` as in draft-ietf-httpapi-ratelimit-headers and its
 * relatives. Returns undefined if there is none, if it is malformed, or if the response comes from a cache. Of several
 * quotas the tightest counts.
 */
export function readRateLimit(headers: ResponseHeaders, now: number): RateLimit | undefined {
  if (!mayTell(headers) || isFromCache(headers)) return undefined;
  const clocks: Clocks = { now, date: textOf(headers, 'date') };
  const structured = textOf(headers, 'ratelimit');
  const told = structured === undefined ? [] : readStructured(structured, textOf(headers, 'ratelimit-policy'), clocks);
  if (told.length > 0) return tightest(told);
  for (const prefix of plainPrefixes) {
    const plain = readPlain(headers, prefix, clocks);
    if (plain !== undefined) return plain;
  }
  return undefined;
}

/** Looks for the names that one of the families always sends. Nearly every response has none of them. */
function mayTell(headers: ResponseHeaders): boolean {
  return (
    headers['ratelimit'] !== undefined ||
    headers['ratelimit-remaining'] !== undefined ||
    headers['x-ratelimit-remaining'] !== undefined ||
    headers['x-rate-limit-remaining'] !== undefined ||
    headers['x-ratelimit-remaining-requests'] !== undefined
  );
}

function isFromCache(headers: ResponseHeaders): boolean {
  return Number(textOf(headers, 'age') ?? 0) > 0;
}

function textOf(headers: ResponseHeaders, name: string): string | undefined {
  const value = headers[name];
  const text = typeof value === 'string' ? value : value?.join(', ');
  return text !== undefined && text.length <= maxLength ? text : undefined;
}

function tightest(limits: readonly RateLimit[]): RateLimit {
  return limits.reduce((a, b) => (perMs(b) < perMs(a) ? b : a));
}

function perMs({ remaining, resetMs }: RateLimit): number {
  return remaining / Math.max(1, resetMs);
}

/** Reads `"name";r=50;t=30, ...` of draft 08 and later, or `limit=100, remaining=50, reset=30` of draft 07. */
function readStructured(text: string, policy: string | undefined, clocks: Clocks): RateLimit[] {
  if (/^\s*(?:limit|remaining|reset)\s*=/i.test(text)) {
    const fields = fieldsOf(text, ',');
    const limit = rateLimit(fields.get('remaining'), fields.get('reset'), clocks);
    return limit === undefined ? [] : [limit];
  }
  const others = otherPolicies(policy);
  const ours = text.split(',').filter((item) => !others.has(nameOf(item)));
  return ours.map((item) => draft08(item)).filter((limit) => limit !== undefined);
}

/** Returns the names of the policies that count bytes or concurrent requests (`qu`). Without a unit it is requests. */
function otherPolicies(policy = ''): Set<string> {
  return new Set(policy.split(',').filter(countsOther).map(nameOf));
}

function countsOther(policy: string): boolean {
  const unit = fieldsOf(policy, ';').get('qu');
  return unit !== undefined && unit !== '"requests"';
}

function nameOf(item: string): string {
  return item.split(';', 1)[0]!.trim();
}

function draft08(item: string): RateLimit | undefined {
  if (!/^\s*(?:"[^"]*"|[A-Za-z*][\w.*:/-]*)\s*;/.test(item)) return undefined;
  const fields = fieldsOf(item, ';');
  const [remaining, seconds] = [fields.get('r'), fields.get('t')];
  if (!isInteger(remaining) || !isInteger(seconds)) return undefined;
  return { remaining: Number(remaining), resetMs: Number(seconds) * 1000 };
}

function fieldsOf(text: string, separator: string): Map<string, string> {
  const pairs = text.split(separator).map((part): [string, string] => {
    const at = part.indexOf('=');
    return at < 0 ? [part.trim(), ''] : [part.slice(0, at).trim().toLowerCase(), part.slice(at + 1).trim()];
  });
  return new Map(pairs);
}

function isInteger(text: string | undefined): text is string {
  return text !== undefined && /^\d{1,15}$/.test(text);
}

/** Reads one header for each figure, in the spelling of `prefix`. */
function readPlain(headers: ResponseHeaders, prefix: string, clocks: Clocks): RateLimit | undefined {
  const figure = (name: string): string | undefined => textOf(headers, `${prefix}${name}`);
  const remaining = figure('remaining') ?? figure(`remaining${requestsSuffix}`);
  // A span cannot be mistaken for a time.
  const span = figure('reset-after');
  return rateLimit(remaining, span ?? figure('reset') ?? figure(`reset${requestsSuffix}`), clocks);
}

function rateLimit(remaining: string | undefined, reset: string | undefined, clocks: Clocks): RateLimit | undefined {
  if (remaining === undefined || !/^\d{1,15}(?:\.\d{1,9})?$/.test(remaining.trim())) return undefined;
  const resetMs = resetMsOf(reset?.trim(), clocks);
  return resetMs === undefined ? undefined : { remaining: Math.floor(Number(remaining)), resetMs };
}

const secondMs = 1000;
/** Numbers below it are seconds from now, above it a time. */
const minEpochSeconds = 1e9;
const minEpochMs = 1e11;
const maxEpochMs = 1e13;

/** Returns the milliseconds until a reset, however it is written; 0 if it has passed, undefined if it is not believed. */
function resetMsOf(text: string | undefined, clocks: Clocks): number | undefined {
  if (text === undefined || text.length > 64) return undefined;
  if (/^\d+(?:\.\d+)?$/.test(text)) return resetMsOfNumber(Number(text), clocks);
  const spanMs = spanMsOf(text);
  if (spanMs !== undefined) return spanMs;
  const date = httpDate(text, clocks.now) ?? isoDate(text);
  return date === undefined ? undefined : untilMs(date, clocks);
}

function resetMsOfNumber(value: number, clocks: Clocks): number | undefined {
  if (value < minEpochSeconds) return value * secondMs;
  if (value < minEpochMs) return untilMs(value * secondMs, clocks);
  return value < maxEpochMs ? untilMs(value, clocks) : undefined;
}

/** Reads a span such as `6m0s`, `1h2m3.5s` or `250ms`. */
function spanMsOf(text: string): number | undefined {
  const match = /^(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?$/.exec(text);
  if (match === null || text === '') return undefined;
  const [days = 0, hours = 0, minutes = 0, seconds = 0, ms = 0] = match
    .slice(1)
    .map((part: string | undefined) => Number(part ?? 0));
  return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * secondMs + ms;
}

function isoDate(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)$/.test(text)) return undefined;
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}

/** A time is compared with the `Date` of the same response, so that a wrong clock on either side does not matter. */
function untilMs(time: number, { now, date }: Clocks): number {
  return Math.max(0, time - (httpDate(date?.trim() ?? '', now) ?? now));
}
