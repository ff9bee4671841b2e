import { createSecureContext } from 'node:tls';
import { complaint, requireInteger, requireMilliseconds } from '../check.ts';
import { parseTypeList, type Expectations } from '../http/expectations.ts';
import { defaultStatuses, parseStatusList } from '../http/status-list.ts';
import { parseHeaders, type HeadersInput } from '../http/headers.ts';
import type { BodyReceiver } from '../http/body-writer.ts';
import type { CookieJar } from '../http/cookie-jar.ts';
import type { AttemptHeaders, HeadersFunction } from '../policies/add-headers.ts';
import type { Around } from '../policies/around.ts';
import type { Identity } from '../policies/authorize.ts';
import { authFields, resolveAuth, type AuthOptions } from './auth-options.ts';
import { holdsCertificates } from './certificates.ts';
import { maxOpenFiles } from './max-open-files.ts';
import { connectOptionNames, resolveConnect } from './connect-options.ts';
import { proxyOptionNames, resolveProxy, type ProxyChoice, type ProxyOptions } from './proxy-options.ts';
import { ownFunction } from '../http/own-function.ts';
import { parseMethod } from '../http/request.ts';
import { defaultRetryRules, type RetryRules } from '../policies/retry.ts';
import type { HostSettings } from '../scheduling/known-host.ts';
import type { Transport } from '../transports/custom/transport.ts';
import type { ConnectOptions } from '../transports/connect/where.ts';
import type { ProxyPlan, TlsOptions, TransportOptions } from '../transports/options.ts';
import { version } from '../version.ts';

/**
 * Options of `createFetcher()`. Each has a default. Times are in milliseconds, from 1 to 2,147,483,647, or `Infinity`
 * for no limit; sizes are in bytes.
 */
export interface FetcherOptions {
  /**
   * Requests in flight at once, over all hosts: an integer of at least 1. `'auto'` learns how many, from 50 up to 1,000 or
   * half of the files that this process may open; `{ auto: 200 }` up to 200.
   *
   * @default 50
   */
  readonly concurrency?: Concurrency;
  /** Starts per second over all hosts, evenly spaced: a number above 0, such as `0.5`. @default Infinity */
  readonly rate?: number;
  /** Limits of each host. A host is an origin: scheme, name and port. */
  readonly perHost?: {
    /**
     * Requests in flight at once to one host: an integer of at least 1. `'auto'` learns how many each host serves well, from
     * 6 up to `concurrency`; `{ auto: 20 }` up to 20.
     *
     * @default 6
     */
    readonly concurrency?: Concurrency;
    /** Starts per second to one host, evenly spaced: a number above 0. @default Infinity */
    readonly rate?: number;
  };
  /**
   * Retries, after a retryable error or one of `statuses`. The wait is random, up to `delayMs` before the first retry and
   * twice as much before each further one. A request that its host refused (429) is sent again when the host's pace
   * allows; ten times that costs no retry.
   */
  readonly retry?: {
    /** Attempts after the first: an integer of at least 0; 0 never sends again. @default 2 */
    readonly retries?: number;
    /**
     * Methods that are sent again. Any method is after a 429, or a 503 with `Retry-After`, as the request was not
     * processed, and any request with an `Idempotency-Key` header. @default the idempotent methods
     */
    readonly methods?: readonly string[];
    /**
     * Statuses after which a request is sent again: a list such as `'429,500-599'`, or a function of the status. What its host
     * refused counts as 429, whatever its status is. A throw is `HOOK_FAILED`.
     *
     * @default '408,425,429,500,502-504,520-524'
     */
    readonly statuses?: string | ((status: number) => boolean);
    /** Longest wait before the first retry; 0 never waits. @default 200 */
    readonly delayMs?: number;
    /** Longest wait before any retry, but for waits that a server orders. @default 20_000 */
    readonly maxDelayMs?: number;
    /**
     * Makes the retries of each host earn themselves: 20 to begin with, 10 more for each success after a retry, 0.1 for
     * any other success. @default true
     */
    readonly budget?: boolean;
  };
  /**
   * Learns from refusals (429 and its like) how many requests per second each host serves, and heeds `RateLimit` headers
   * and their relatives. @default true
   */
  readonly pace?: boolean;
  /**
   * Longest wait that a server may order, and longest time to the reset of a used up quota. Requests that would have to
   * wait longer for a quota are `RATE_LIMITED`. @default 60_000
   */
  readonly maxWaitMs?: number;
  /**
   * Time for which a host that fails is asked again, one request at a time, before its other requests are `HOST_DOWN`; at
   * most 10 s for a host that has never answered. 0 gives up at once, `Infinity` never. @default 60_000
   */
  readonly hostPatienceMs?: number;
  /**
   * Asks the robots.txt of each host before anything else of it (RFC 9309): `ROBOTS_DENIED` for a URL that it does not allow,
   * and the time between two requests that `Crawl-delay` asks for, up to 30 s. The rules are those for `fetchmany`, or for
   * the first word of the fetcher's own `User-Agent`. @default false
   */
  readonly robots?: boolean;
  /** Time for one attempt, redirects included: `TIMEOUT`. Time in our own queue does not count. @default 30_000 */
  readonly timeoutMs?: number;
  /**
   * Time to look up the name, connect and finish the TLS handshake: `DNS_TIMEOUT`, `CONNECT_TIMEOUT`, `TLS_TIMEOUT`.
   *
   * @default 10_000
   */
  readonly connectTimeoutMs?: number;
  /** Time from sending the request to the end of the response head: `HEADERS_TIMEOUT`. @default Infinity */
  readonly headersTimeoutMs?: number;
  /** Time between two pieces of a body: `BODY_TIMEOUT`. @default Infinity */
  readonly idleTimeoutMs?: number;
  /**
   * Time for one request from its first dispatch, with all attempts and the waits between them: `DEADLINE`.
   *
   * @default Infinity
   */
  readonly urlDeadlineMs?: number;
  /**
   * Longest body in bytes, after decoding: `BODY_TOO_LARGE`. By default 50,000,000 with `responseBody: 'buffer'`,
   * 10,000,000,000 with a function, and no limit with `'discard'`.
   */
  readonly maxBodyBytes?: number;
  /**
   * Bytes of all bodies together that are being received or belong to unread results. Beyond it, reading pauses, but
   * one body that a consumer waits for always goes on. A pause counts for `timeoutMs`. Results that were handed
   * over no longer count, nor do those that `gather()` collects. @default 1_000_000_000
   */
  readonly maxBufferedBytes?: number;
  /** Redirects to follow; with 0 the 3xx is the response. More are `REDIRECT_LIMIT`. @default 10 */
  readonly maxRedirects?: number;
  /**
   * Statuses that count as `ok`: a list such as `'200-399,404'`, or a function of the status, whose throw is `HOOK_FAILED`; or an
   * object with what else is expected. @default '200-399'
   */
  readonly expect?: string | ((status: number) => boolean) | ExpectOptions;
  /**
   * Headers of every request: an object, a list of pairs or a `Headers`; or a function that returns them. It is asked for each
   * attempt when it is made, not when its request was read; a throw is `HOOK_FAILED`.
   *
   * @default user-agent, accept and accept-encoding
   */
  readonly headers?: HeadersInput | HeadersFunction;
  /** Who asks: a user, a token, cookies, a netrc file. By default the origin of the first request gets them, and no other. */
  readonly auth?: AuthOptions;
  /** Keeps cookies and sends them back, hop by hop: a jar of tough-cookie, or of `fetchmany/cookies`. @default none */
  readonly cookies?: CookieJar;
  /**
   * Functions around each whole request, outside its retries, the first one outermost: they may answer without asking, or ask
   * again. Only `urlDeadlineMs` limits their time. @default none
   */
  readonly around?: readonly Around[];
  /**
   * Functions around each message that is sent, the first one outermost: each attempt and each hop of a redirect, with all its
   * headers. `timeoutMs` covers them. @default none
   */
  readonly aroundSend?: readonly Around[];
  /**
   * `'buffer'` keeps bodies for `bytes()`, `text()` and `json()`; `'discard'` only counts their bytes; a function decides
   * for each response, and may give its body to a {@link BodyWriter}: see `saveTo()`.
   *
   * @default 'buffer'
   */
  readonly responseBody?: 'buffer' | 'discard' | BodyReceiver;
  /** Offers HTTP/2 to `https:` servers, with many requests at once over one connection. @default false */
  readonly http2?: boolean;
  /**
   * Requests read ahead of the source and kept waiting, so that a long run of one host in the list does not hold up the
   * others: an integer of at least 0. @default 20_000
   */
  readonly readAhead?: number;
  /** Verification of TLS connections, and the client certificate. */
  readonly tls?: TlsOptions;
  /**
   * Connects to public addresses only: `ADDRESS_BLOCKED` for a loopback, private, link-local or reserved address and
   * for the metadata service of a cloud, however it is written, named or redirected to. @default false
   */
  readonly addressGuard?: boolean;
  /**
   * The proxy of every request: its URL, `'environment'`, `'none'`, a function of the request, or an object with more. A
   * request's own `proxy` comes before it. @default 'environment' if `NODE_USE_ENV_PROXY` is 1, else 'none'
   */
  readonly proxy?: ProxyChoice | ProxyOptions;
  /** Where connections go to and come from, in place of what the URL and the system say. */
  readonly connect?: ConnectOptions;
  /**
   * Sends the requests in place of the built-in HTTP client. `connectTimeoutMs`, `http2` and `tls` have no effect on
   * it, and `addressGuard`, `proxy` and `connect` cannot be combined with it. @default undici, over real sockets
   */
  readonly transport?: Transport;
}

/** A number of requests in flight at once: fixed, or learned up to a maximum. */
export type Concurrency = number | 'auto' | { readonly auto: number };

/** {@link FetcherOptions} with every default filled in and every value checked. `Infinity` is no limit. */
export interface ResolvedOptions extends TransportOptions {
  /** True if the requests in flight are learned, `concurrency` at most. */
  readonly isElastic: boolean;
  readonly rate: number;
  readonly perHost: { readonly concurrency: number; readonly isElastic: boolean; readonly rate: number };
  readonly retry: RetryRules;
  readonly hosts: HostSettings;
  readonly robots: boolean;
  readonly timeoutMs: number;
  readonly urlDeadlineMs: number;
  readonly isExpected: (status: number) => boolean;
  /** Headers of every request: name, value, name, value, ... */
  readonly headers: readonly string[];
  /** Further headers of each attempt, and those of ours that they may replace. */
  readonly attemptHeaders: AttemptHeaders | undefined;
  readonly auth: Identity | undefined;
  readonly cookies: CookieJar | undefined;
  readonly around: readonly Around[];
  readonly aroundSend: readonly Around[];
  readonly http2: boolean;
  readonly readAhead: number;
  readonly transport: Transport | undefined;
}

/** What is expected of a response. One that misses it is not `ok`, and `unexpected` says what it misses. */
export interface ExpectOptions {
  /** Statuses: a list, or a function of the status. @default '200-399' */
  readonly statuses?: string | ((status: number) => boolean);
  /** Media types, such as `'text/html,image/*'`. @default any */
  readonly type?: string;
  /** Searched in the body, as text in its charset; in its first 10 MB if it is not kept in memory. @default anything */
  readonly body?: RegExp;
  /** The longest that `elapsedMs` may be: all attempts and the waits between them. @default Infinity */
  readonly withinMs?: number;
}

const task = 'create fetcher';

const builtInHeaders = [
  ['user-agent', `fetchmany/${version}`],
  ['accept', '*/*'],
  ['accept-encoding', 'gzip, deflate, br, zstd'],
] as const;

/**
 * Fills in the defaults and checks every option.
 *
 * @throws TypeError or RangeError that names the wrong option
 */
export function resolveOptions(options: FetcherOptions = {}): ResolvedOptions {
  requireObject('options', options, knownOptions);
  const { perHost = {}, retry = {}, tls = {} } = options;
  requireObject('perHost', perHost, ['concurrency', 'rate']);
  requireObject('retry', retry, ['retries', 'methods', 'statuses', 'delayMs', 'maxDelayMs', 'budget']);
  requireObject('tls', tls, ['rejectUnauthorized', 'ca', 'cert', 'key']);
  const overAll = concurrency('concurrency', options.concurrency, 50, defaultCeiling);
  return {
    ...overAll,
    rate: rate('rate', options.rate),
    perHost: {
      ...hostConcurrency(perHost.concurrency, overAll.concurrency),
      rate: rate('perHost.rate', perHost.rate),
    },
    retry: retryRules(retry),
    hosts: {
      isPaced: boolean('pace', options.pace, true),
      hasRetryBudget: boolean('retry.budget', retry.budget, true),
      maxWaitMs: milliseconds('maxWaitMs', options.maxWaitMs, 60_000, 0),
      hostPatienceMs: milliseconds('hostPatienceMs', options.hostPatienceMs, 60_000, 0),
    },
    robots: boolean('robots', options.robots, false),
    timeoutMs: milliseconds('timeoutMs', options.timeoutMs, 30_000),
    connectTimeoutMs: milliseconds('connectTimeoutMs', options.connectTimeoutMs, 10_000),
    headersTimeoutMs: milliseconds('headersTimeoutMs', options.headersTimeoutMs, Infinity),
    idleTimeoutMs: milliseconds('idleTimeoutMs', options.idleTimeoutMs, Infinity),
    urlDeadlineMs: milliseconds('urlDeadlineMs', options.urlDeadlineMs, Infinity),
    maxBodyBytes: integer('maxBodyBytes', options.maxBodyBytes, longestBody(options.responseBody), 0),
    maxBufferedBytes: integer('maxBufferedBytes', options.maxBufferedBytes, 1_000_000_000, 0),
    maxRedirects: integer('maxRedirects', options.maxRedirects, 10, 0),
    ...resolveExpect(options.expect),
    ...resolveHeaders(options.headers),
    auth: resolveIdentity(options.auth),
    cookies: checkCookies(options.cookies),
    around: hooks('around', options.around),
    aroundSend: hooks('aroundSend', options.aroundSend),
    responseBody: receiver(options.responseBody),
    http2: boolean('http2', options.http2, false),
    readAhead: integer('readAhead', options.readAhead, 20_000, 0),
    tls: checkTls(tls),
    addressGuard: boolean('addressGuard', options.addressGuard, false),
    proxy: checkProxy(options),
    connect: checkConnect(options),
    transport: checkTransport(options),
  };
}

/** Every option. The type refuses a table that misses one. */
const optionTable = {
  concurrency: true,
  rate: true,
  perHost: true,
  retry: true,
  pace: true,
  maxWaitMs: true,
  hostPatienceMs: true,
  robots: true,
  timeoutMs: true,
  connectTimeoutMs: true,
  headersTimeoutMs: true,
  idleTimeoutMs: true,
  urlDeadlineMs: true,
  maxBodyBytes: true,
  maxBufferedBytes: true,
  maxRedirects: true,
  expect: true,
  headers: true,
  auth: true,
  cookies: true,
  around: true,
  aroundSend: true,
  responseBody: true,
  http2: true,
  readAhead: true,
  tls: true,
  addressGuard: true,
  proxy: true,
  connect: true,
  transport: true,
} satisfies Record<keyof FetcherOptions, true>;

const knownOptions = Object.keys(optionTable);

// Only undefined takes the default: null is a mistake.
function integer(name: string, value: unknown, byDefault: number, min: number): number {
  return requireInteger(task, name, value === undefined ? byDefault : value, min);
}

/** Reads a limit. `ceiling` is the most that `auto` may learn. */
function concurrency(
  name: string,
  value: unknown,
  byDefault: number,
  ceiling: () => number,
): Pick<ResolvedOptions, 'concurrency' | 'isElastic'> {
  if (value === 'auto') return { concurrency: ceiling(), isElastic: true };
  if (typeof value === 'object' && value !== null) {
    requireObject(name, value, ['auto']);
    return {
      concurrency: requireInteger(task, `${name}.auto`, (value as { auto?: unknown }).auto, 1),
      isElastic: true,
    };
  }
  if (typeof value !== 'number' && value !== undefined)
    throw new TypeError(complaint(task, name, `an integer >= 1, 'auto' or { auto: 200 }`, value));
  return { concurrency: integer(name, value, byDefault, 1), isElastic: false };
}

/** A host cannot learn more than what is allowed over all. */
function hostConcurrency(value: unknown, overAll: number): Pick<ResolvedOptions, 'concurrency' | 'isElastic'> {
  const own = concurrency('perHost.concurrency', value, 6, () => overAll);
  return own.isElastic ? { ...own, concurrency: Math.min(own.concurrency, overAll) } : own;
}

/** Each request needs a file descriptor; the other half is for everything else. */
function defaultCeiling(): number {
  return Math.max(1, Math.min(1000, Math.floor(maxOpenFiles() / 2)));
}

function milliseconds(name: string, value: unknown, byDefault: number, min = 1): number {
  return requireMilliseconds(task, name, value === undefined ? byDefault : value, min);
}

function retryRules(retry: NonNullable<FetcherOptions['retry']>): RetryRules {
  const { retries, methods, delayMs, maxDelayMs, isRetried } = defaultRetryRules;
  return {
    retries: integer('retry.retries', retry.retries, retries, 0),
    methods: retry.methods === undefined ? methods : methodSet(retry.methods),
    isRetried: retry.statuses === undefined ? isRetried : statusTest('retry.statuses', retry.statuses),
    delayMs: finiteMilliseconds('retry.delayMs', retry.delayMs, delayMs),
    maxDelayMs: finiteMilliseconds('retry.maxDelayMs', retry.maxDelayMs, maxDelayMs),
  };
}

function methodSet(methods: unknown): ReadonlySet<string> {
  const wanted = `a list of methods such as ['GET', 'POST']`;
  if (!Array.isArray(methods)) throw new TypeError(complaint(task, 'retry.methods', wanted, methods));
  try {
    return new Set(methods.map((method) => parseMethod(method as string)));
  } catch (cause) {
    throw new TypeError(complaint(task, 'retry.methods', wanted, methods), { cause });
  }
}

/** A retry that waits for ever would never have a result. */
function finiteMilliseconds(name: string, value: unknown, byDefault: number): number {
  const checked = milliseconds(name, value, byDefault, 0);
  if (checked < Infinity) return checked;
  throw new RangeError(complaint(task, name, 'a finite number of milliseconds', value));
}

function rate(name: string, value: unknown = Infinity): number {
  const wanted = 'a number of starts per second > 0';
  if (typeof value !== 'number') throw new TypeError(complaint(task, name, wanted, value));
  if (!(value > 0)) throw new RangeError(complaint(task, name, wanted, value));
  return value;
}

function boolean(name: string, value: unknown, byDefault: boolean): boolean {
  if (value !== undefined && typeof value !== 'boolean')
    throw new TypeError(complaint(task, name, 'true or false', value));
  return value ?? byDefault;
}

/** Checks that a value is one of some words. The first is the default. */
function receiver(value: unknown = 'buffer'): 'buffer' | 'discard' | BodyReceiver {
  if (value === 'buffer' || value === 'discard') return value;
  if (typeof value === 'function') return value as BodyReceiver;
  throw new TypeError(complaint(task, 'responseBody', `'buffer', 'discard' or a function of the response head`, value));
}

/** A body that is only counted costs no memory, whatever its length. */
function longestBody(responseBody: FetcherOptions['responseBody'] = 'buffer'): number {
  if (responseBody === 'buffer') return 50_000_000;
  return responseBody === 'discard' ? Number.MAX_SAFE_INTEGER : 10_000_000_000;
}

function resolveExpect(expect: FetcherOptions['expect']): Pick<ResolvedOptions, 'isExpected' | 'expectations'> {
  if (typeof expect !== 'object' || expect === null)
    return { isExpected: expectedStatuses('expect', expect), expectations: undefined };
  requireObject('expect', expect, ['statuses', 'type', 'body', 'withinMs']);
  return { isExpected: expectedStatuses('expect.statuses', expect.statuses), expectations: expectations(expect) };
}

function expectations({ type, body, withinMs }: ExpectOptions): Expectations | undefined {
  if ((type ?? body ?? withinMs) === undefined) return undefined;
  const isType = typeof type === 'string' ? parseTypeList(type) : undefined;
  if (type !== undefined && isType === undefined)
    throw new TypeError(complaint(task, 'expect.type', `media types such as 'text/html,image/*'`, type));
  return { isType, body: pattern(body), withinMs: milliseconds('expect.withinMs', withinMs, Infinity) };
}

/** A pattern that remembers where it found its last match would miss the next one. */
function pattern(body: unknown): RegExp | undefined {
  if (body === undefined) return undefined;
  if (body instanceof RegExp) return new RegExp(body.source, body.flags.replaceAll(/[gy]/g, ''));
  throw new TypeError(complaint(task, 'expect.body', 'a regular expression', body));
}

function expectedStatuses(name: string, statuses: unknown = defaultStatuses): (status: number) => boolean {
  return statusTest(name, statuses);
}

function statusTest(name: string, statuses: unknown): (status: number) => boolean {
  if (typeof statuses === 'function') return ownFunction(name, statuses as (status: number) => boolean);
  const test = typeof statuses === 'string' ? parseStatusList(statuses) : undefined;
  if (test !== undefined) return test;
  throw new TypeError(complaint(task, name, `a list such as '200-399,404', or a function`, statuses));
}

function withBuiltIn(own: readonly string[]): readonly string[] {
  const names = new Set(own.filter((_, at) => at % 2 === 0).map((name) => name.toLowerCase()));
  return [...builtInHeaders.filter(([name]) => !names.has(name)).flat(), ...own];
}

/** Headers of a function are not known yet, so all are added to each attempt. */
function resolveHeaders(headers: FetcherOptions['headers'] = {}): Pick<ResolvedOptions, 'headers' | 'attemptHeaders'> {
  if (typeof headers !== 'function') return { headers: withBuiltIn(parseHeaders(headers)), attemptHeaders: undefined };
  return { headers: [], attemptHeaders: { current: headers, builtIn: withBuiltIn([]) } };
}

function resolveIdentity(auth: AuthOptions | undefined): Identity | undefined {
  if (auth === undefined) return undefined;
  requireObject('auth', auth, authFields);
  return resolveAuth(auth);
}

function hooks(name: string, given: unknown = []): readonly Around[] {
  if (Array.isArray(given) && given.every((hook) => typeof hook === 'function')) return [...given] as Around[];
  throw new TypeError(complaint(task, name, 'an array of functions', given));
}

function checkCookies(jar: CookieJar | undefined): CookieJar | undefined {
  if (jar === undefined) return undefined;
  const { getCookieString, setCookie } = (jar ?? {}) as Partial<CookieJar>;
  if (typeof getCookieString === 'function' && typeof setCookie === 'function') return jar;
  throw new TypeError(`Cannot ${task} as 'cookies' must be an object with getCookieString() and setCookie()`);
}

function checkTls(tls: TlsOptions): TlsOptions {
  boolean('tls.rejectUnauthorized', tls.rejectUnauthorized, true);
  if (tls.ca !== undefined) checkAuthorities('tls.ca', [tls.ca].flat());
  requirePem('tls.cert', tls.cert ?? '');
  requirePem('tls.key', tls.key ?? '');
  if ((tls.cert === undefined) !== (tls.key === undefined)) {
    throw new TypeError(`Cannot ${task} as 'tls.cert' and 'tls.key' must be given together`);
  }
  if (tls.cert !== undefined) requirePair(tls.cert, tls.key!);
  return tls;
}

// A certificate that no connection could use is refused at once; otherwise every request would fail.
function checkAuthorities(name: string, authorities: readonly unknown[]): void {
  for (const ca of authorities) requirePem(name, ca);
  const wanted = `certificates in PEM that can be read, or 'system'`;
  const all = authorities as readonly (string | Uint8Array)[];
  if (all.length === 0 || !all.every((ca) => ca === 'system' || holdsCertificates(ca)))
    throw new TypeError(`Cannot ${task} as '${name}' must be ${wanted}`);
}

function requirePair(cert: string | Uint8Array, key: string | Uint8Array): void {
  try {
    createSecureContext({ cert: Buffer.from(cert as string), key: Buffer.from(key as string) });
  } catch (cause) {
    const message = `Cannot ${task} as 'tls.cert' and 'tls.key' must be PEM and belong together`;
    throw new TypeError(`${message}: ${(cause as Error).message}`, { cause });
  }
}

function requirePem(name: string, value: unknown): void {
  if (typeof value === 'string' || value instanceof Uint8Array) return;
  throw new TypeError(complaint(task, name, 'a text or bytes in PEM', value));
}

function checkProxy(options: FetcherOptions): ProxyPlan | undefined {
  const { proxy, transport, addressGuard, connect } = options;
  if (typeof proxy === 'object') {
    requireObject('proxy', proxy, proxyOptionNames);
    boolean('proxy.tunnel', proxy.tunnel, false);
    if (proxy.ca !== undefined) checkAuthorities('proxy.ca', [proxy.ca].flat());
  }
  // Another transport has no use for what the environment says.
  if (proxy === undefined && (transport !== undefined || connect?.unixSocket !== undefined)) return undefined;
  return resolveProxy(proxy, addressGuard === true);
}

function checkConnect({ connect, proxy, addressGuard }: FetcherOptions): ResolvedOptions['connect'] {
  if (connect === undefined) return undefined;
  requireObject('connect', connect, connectOptionNames);
  if (connect.unixSocket !== undefined && addressGuard === true)
    throw new TypeError(`Cannot ${task} as 'connect.unixSocket' is no public address, which 'addressGuard' wants`);
  if (connect.unixSocket !== undefined && proxy !== undefined && proxy !== 'none')
    throw new TypeError(`Cannot ${task} as 'connect.unixSocket' and 'proxy' exclude each other`);
  return resolveConnect(connect);
}

function checkTransport({ transport, addressGuard, proxy, connect }: FetcherOptions): Transport | undefined {
  if (transport === undefined) return undefined;
  const { send, close } = (transport ?? {}) as Partial<Transport>;
  if (typeof send !== 'function' || (close !== undefined && typeof close !== 'function')) {
    throw new TypeError(complaint(task, 'transport', 'an object with a send() method', transport));
  }
  // Silently unguarded would be worse than refused: only the built-in client knows the addresses it connects to.
  if (addressGuard === true) {
    throw new TypeError(`Cannot ${task} as 'addressGuard' guards the built-in client only: leave out 'transport'`);
  }
  const unused = proxy !== undefined && proxy !== 'none' ? 'proxy' : connect === undefined ? undefined : 'connect';
  if (unused !== undefined) {
    throw new TypeError(`Cannot ${task} as '${unused}' is for the built-in client only: leave out 'transport'`);
  }
  return transport;
}

function requireObject(name: string, value: unknown, known: readonly string[]): void {
  if (typeof value !== 'object' || value === null) throw new TypeError(complaint(task, name, 'an object', value));
  const unknown = Object.keys(value).find((key) => !known.includes(key));
  if (unknown === undefined) return;
  const full = name === 'options' ? unknown : `${name}.${unknown}`;
  throw new TypeError(`Cannot ${task} as there is no option '${full}': there are ${known.join(', ')}`);
}
