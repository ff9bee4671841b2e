import { createSecureContext } from 'node:tls';
import { complaint, requireInteger, requireMilliseconds } from '../check.ts';
import { parseStatusList } from '../http/status-list.ts';
import { parseHeaders, type HeadersInput } from '../http/headers.ts';
import type { BodyReceiver } from '../http/body-writer.ts';
import type { CookieJar } from '../http/cookie-jar.ts';
import type { AttemptHeaders, HeadersFunction } from '../policies/add-headers.ts';
import type { Around } from '../policies/around.ts';
import type { Identity } from '../policies/authorize.ts';
import { authFields, resolveAuth, type AuthOptions } from './auth-options.ts';
import { holdsCertificates } from './certificates.ts';
import { connectOptionNames, resolveConnect } from './connect-options.ts';
import { proxyOptionNames, resolveProxy, type ProxyChoice, type ProxyOptions } from './proxy-options.ts';
import type { Transport } from '../transports/custom/transport.ts';
import type { ConnectOptions } from '../transports/connect/where.ts';
import type { ProxyPlan, TlsOptions, TransportOptions } from '../transports/options.ts';
import { version } from '../version.ts';

/**
 * Options of `createFetcher()`. Each has a default. Times are in milliseconds, from 1 to 2,147,483,647, or `Infinity`
 * for no limit; sizes are in bytes.
 */
export interface FetcherOptions {
  /** Requests in flight at once, over all hosts: an integer of at least 1. @default 50 */
  readonly concurrency?: number;
  /** Starts per second over all hosts, evenly spaced: a number above 0, such as `0.5`. @default Infinity */
  readonly rate?: number;
  /** Limits of each host. A host is an origin: scheme, name and port. */
  readonly perHost?: {
    /** Requests in flight at once to one host: an integer of at least 1. @default 6 */
    readonly concurrency?: number;
    /** Starts per second to one host, evenly spaced: a number above 0. @default Infinity */
    readonly rate?: number;
  };
  /**
   * Retries of idempotent requests, after a retryable error or one of the statuses 408, 425, 429, 500, 502, 503, 504
   * and 520 to 524. The wait is random, up to 200 ms before the first retry and twice as much before each further one,
   * up to 20 s. A `Retry-After` of at most 60 s is honored, and costs no retry for the first ten times.
   */
  readonly retry?: {
    /** Attempts after the first: an integer of at least 0; 0 never sends again. @default 2 */
    readonly retries?: number;
  };
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
  /** Statuses that count as `ok`: a list such as `'200-399,404'`, or a function of the status. @default '200-399' */
  readonly expect?: string | ((status: number) => boolean);
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

/** {@link FetcherOptions} with every default filled in and every value checked. `Infinity` is no limit. */
export interface ResolvedOptions extends TransportOptions {
  readonly rate: number;
  readonly perHost: { readonly concurrency: number; readonly rate: number };
  readonly retry: { readonly retries: number };
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
  requireObject('retry', retry, ['retries']);
  requireObject('tls', tls, ['rejectUnauthorized', 'ca', 'cert', 'key']);
  return {
    concurrency: integer('concurrency', options.concurrency, 50, 1),
    rate: rate('rate', options.rate),
    perHost: {
      concurrency: integer('perHost.concurrency', perHost.concurrency, 6, 1),
      rate: rate('perHost.rate', perHost.rate),
    },
    retry: { retries: integer('retry.retries', retry.retries, 2, 0) },
    timeoutMs: milliseconds('timeoutMs', options.timeoutMs, 30_000),
    connectTimeoutMs: milliseconds('connectTimeoutMs', options.connectTimeoutMs, 10_000),
    headersTimeoutMs: milliseconds('headersTimeoutMs', options.headersTimeoutMs, Infinity),
    idleTimeoutMs: milliseconds('idleTimeoutMs', options.idleTimeoutMs, Infinity),
    urlDeadlineMs: milliseconds('urlDeadlineMs', options.urlDeadlineMs, Infinity),
    maxBodyBytes: integer('maxBodyBytes', options.maxBodyBytes, longestBody(options.responseBody), 0),
    maxBufferedBytes: integer('maxBufferedBytes', options.maxBufferedBytes, 1_000_000_000, 0),
    maxRedirects: integer('maxRedirects', options.maxRedirects, 10, 0),
    isExpected: expected(options.expect),
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

function milliseconds(name: string, value: unknown, byDefault: number): number {
  return requireMilliseconds(task, name, value === undefined ? byDefault : value, 1);
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

function expected(expect: unknown = '200-399'): (status: number) => boolean {
  if (typeof expect === 'function') return expect as (status: number) => boolean;
  const isExpected = typeof expect === 'string' ? parseStatusList(expect) : undefined;
  if (!isExpected)
    throw new TypeError(complaint(task, 'expect', `a list such as '200-399,404', or a function`, expect));
  return isExpected;
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
