import { type Exchange, type Handler, queryOf } from '../exchange.ts';
import { wholeNumber } from '../number.ts';
import { sendText } from '../respond.ts';

/** A quota after one more request. */
interface Quota {
  readonly isAllowed: boolean;
  readonly remaining: number;
  readonly resetMs: number;
}

/** Names of the headers that tell a quota, as `?tell=` chooses them. */
const tellers: Readonly<Record<string, (quota: Quota) => Record<string, string>>> = {
  nothing: () => ({}),
  ratelimit: ({ remaining, resetMs }) => ({ RateLimit: `"default";r=${remaining};t=${seconds(resetMs)}` }),
  'x-ratelimit': ({ remaining, resetMs }) => ({
    'X-RateLimit-Remaining': String(remaining),
    'X-RateLimit-Reset': String(seconds(resetMs)),
  }),
  'retry-after': ({ isAllowed, resetMs }) =>
    isAllowed ? {} : { 'Retry-After': String(Math.max(1, seconds(resetMs))) },
};

/** Allows so many requests in each window of so many seconds, for each `key`. */
export function limitWindow(): Handler {
  const windows = new Map<string, { startedAt: number; used: number }>();
  return (exchange) => {
    const limit = wholeNumber('limit', exchange.parameters.limit);
    const windowMs = 1000 * wholeNumber('seconds', exchange.parameters.seconds);
    const now = performance.now();
    const key = keyOf(exchange);
    let window = windows.get(key);
    if (window === undefined || now >= window.startedAt + windowMs) window = { startedAt: now, used: 0 };
    windows.set(key, window);
    const isAllowed = window.used < limit;
    if (isAllowed) window.used += 1;
    answer(exchange, { isAllowed, remaining: limit - window.used, resetMs: window.startedAt + windowMs - now });
  };
}

/** Allows so many requests per second in the long run, and `burst` at once, for each `key`. */
export function limitBucket(): Handler {
  const buckets = new Map<string, { tokens: number; at: number }>();
  return (exchange) => {
    const perMs = wholeNumber('rate', exchange.parameters.rate) / 1000;
    const burst = wholeNumber('burst', exchange.parameters.burst);
    const now = performance.now();
    const key = keyOf(exchange);
    const { tokens, at } = buckets.get(key) ?? { tokens: burst, at: now };
    const filled = Math.min(burst, tokens + (now - at) * perMs);
    const isAllowed = filled >= 1;
    const left = isAllowed ? filled - 1 : filled;
    buckets.set(key, { tokens: left, at: now });
    answer(exchange, { isAllowed, remaining: Math.floor(left), resetMs: Math.max(0, (1 - left) / perMs) });
  };
}

/** Answers for `up` seconds, then 503 for `down` seconds, and so on, counted from the first request. */
export function limitOutage(): Handler {
  const starts = new Map<string, number>();
  return (exchange) => {
    const upMs = 1000 * wholeNumber('up', exchange.parameters.up);
    const downMs = 1000 * wholeNumber('down', exchange.parameters.down);
    const now = performance.now();
    const key = keyOf(exchange);
    const startedAt = starts.get(key) ?? now;
    starts.set(key, startedAt);
    if ((now - startedAt) % (upMs + downMs) < upMs) return sendText(exchange, 'Served\n');
    return sendText(exchange, 'Down for now\n', { status: 503 });
  };
}

/** All paths of one limit share it, unless a `key` tells them apart. */
function keyOf(exchange: Exchange): string {
  return `${Object.values(exchange.parameters).join('/')} ${queryOf(exchange).get('key') ?? ''}`;
}

function answer(exchange: Exchange, quota: Quota): void {
  const headers = (tellers[queryOf(exchange).get('tell') ?? 'nothing'] ?? tellers['nothing']!)(quota);
  if (quota.isAllowed) sendText(exchange, 'Served\n', { headers });
  else sendText(exchange, 'Too many requests\n', { status: 429, headers });
}

function seconds(ms: number): number {
  return Math.ceil(ms / 1000);
}
