import { type Exchange, type Handler, queryOf } from '../exchange.ts';
import { wholeNumber } from '../number.ts';
import { pause } from '../pause.ts';
import { Refusal } from '../refusal.ts';
import { sendText } from '../respond.ts';
import { reset } from './broken.ts';

/** A quota after one more request. */
interface Quota {
  readonly isAllowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  readonly resetMs: number;
}

type Headers = Record<string, string>;

/** Header families that tell a quota, as `?tell=` chooses them. */
const tellers: Readonly<Record<string, (quota: Quota) => Headers>> = {
  nothing: () => ({}),
  ratelimit: ({ remaining, resetMs }) => ({ RateLimit: `"default";r=${remaining};t=${seconds(resetMs)}` }),
  'ratelimit-07': ({ limit, remaining, resetMs }) => ({
    RateLimit: `limit=${limit}, remaining=${remaining}, reset=${seconds(resetMs)}`,
  }),
  'ratelimit-06': (quota) => pair('RateLimit', quota, String(seconds(quota.resetMs))),
  'x-ratelimit': (quota) => pair('X-RateLimit', quota, String(seconds(quota.resetMs))),
  github: (quota) => pair('X-RateLimit', quota, String(epochSeconds(quota.resetMs))),
  x: (quota) => pair('X-Rate-Limit', quota, String(epochSeconds(quota.resetMs))),
  discord: ({ remaining, resetMs }) => ({
    'X-RateLimit-Remaining': String(remaining),
    'X-RateLimit-Reset-After': (resetMs / 1000).toFixed(3),
  }),
  openai: ({ remaining, resetMs }) => ({
    'X-RateLimit-Remaining-Requests': String(remaining),
    'X-RateLimit-Reset-Requests': `${Math.floor(resetMs / 60_000)}m${seconds(resetMs % 60_000)}s`,
  }),
  'retry-after': ({ isAllowed, resetMs }) =>
    isAllowed ? {} : { 'Retry-After': String(Math.max(1, seconds(resetMs))) },
};

function pair(prefix: string, { remaining }: Quota, resetAt: string): Headers {
  return { [`${prefix}-Remaining`]: String(remaining), [`${prefix}-Reset`]: resetAt };
}

function epochSeconds(resetMs: number): number {
  return Math.ceil((Date.now() + resetMs) / 1000);
}

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
    answer(exchange, { isAllowed, limit, remaining: limit - window.used, resetMs: window.startedAt + windowMs - now });
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
    const resetMs = Math.max(0, (1 - left) / perMs);
    answer(exchange, { isAllowed, limit: burst, remaining: Math.floor(left), resetMs });
  };
}

/** Answers for `up` seconds, then 503 (or `?how=reset`) for `down` seconds, and so on, from the first request on. */
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
    if (queryOf(exchange).get('how') === 'reset') return reset(exchange);
    return sendText(exchange, 'Down for now\n', { status: 503 });
  };
}

/** The workers of one {@link limitKnee}. */
interface Knee {
  /** Milliseconds at which each worker is free. */
  readonly freeAt: number[];
  /** Requests that are served or wait. */
  inside: number;
}

/**
 * Serves so many requests at once, each for so many milliseconds, for each `key`; further ones queue. With `?collapse=N` a
 * request takes longer when more than N are inside, in proportion; with `?most=N`, more than N are answered 503.
 */
export function limitKnee(): Handler {
  const knees = new Map<string, Knee>();
  return async (exchange) => {
    const workers = wholeNumber('workers', exchange.parameters.workers, { min: 1, max: maxWorkers });
    const ms = wholeNumber('ms', exchange.parameters.ms);
    const query = queryOf(exchange);
    const collapse = wholeNumber('collapse', query.get('collapse') ?? String(Number.MAX_SAFE_INTEGER), { min: 1 });
    const most = wholeNumber('most', query.get('most') ?? String(Number.MAX_SAFE_INTEGER));
    const key = keyOf(exchange);
    const knee = knees.get(key) ?? { freeAt: Array.from({ length: workers }, () => 0), inside: 0 };
    knees.set(key, knee);
    if (knee.inside >= most) return sendText(exchange, 'Too busy\n', { status: 503 });
    knee.inside += 1;
    try {
      await pause(exchange, workFor(knee, ms * Math.max(1, knee.inside / collapse)));
    } finally {
      knee.inside -= 1;
    }
    sendText(exchange, 'Served\n');
  };
}

/** Gives the first free worker so many milliseconds of work, and returns the milliseconds until that is done. */
function workFor({ freeAt }: Knee, ms: number): number {
  const now = performance.now();
  const worker = freeAt.indexOf(Math.min(...freeAt));
  freeAt[worker] = Math.max(now, freeAt[worker]!) + ms;
  return freeAt[worker] - now;
}

const maxWorkers = 1000;

/** All paths of one limit share it, unless a `key` tells them apart. */
function keyOf(exchange: Exchange): string {
  return `${Object.values(exchange.parameters).join('/')} ${queryOf(exchange).get('key') ?? ''}`;
}

function answer(exchange: Exchange, quota: Quota): void {
  const family = queryOf(exchange).get('tell') ?? 'nothing';
  if (!Object.hasOwn(tellers, family))
    throw new Refusal(400, `Bad parameter 'tell': must be one of ${Object.keys(tellers).join(', ')}`);
  const headers = tellers[family]!(quota);
  if (quota.isAllowed) sendText(exchange, 'Served\n', { headers });
  else sendText(exchange, 'Too many requests\n', { status: 429, headers });
}

function seconds(ms: number): number {
  return Math.ceil(ms / 1000);
}
