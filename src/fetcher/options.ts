import { createSecureContext } from 'node:tls';
import { complaint, requireInteger, requireMilliseconds } from '../check.ts';
import { parseStatusList } from '../http/status-list.ts';
import { parseHeaders, type HeadersInput } from '../http/headers.ts';
import { holdsCertificates } from './certificates.ts';
import type { Transport } from '../transports/custom/transport.ts';
import type { TlsOptions, TransportOptions } from '../transports/options.ts';
import { version } from '../version.ts';

/** What `createFetcher()` can be told. Everything has a default. Times are in milliseconds, sizes in bytes. */
export interface FetcherOptions {
  /** Requests in flight at once, over all hosts. @default 50 */
  readonly concurrency?: number;
  /** Starts per second over all hosts, evenly spaced. @default no limit */
  readonly rate?: number;
  readonly perHost?: {
    /** Requests in flight at once to one host (scheme, name and port). @default 6 */
    readonly concurrency?: number;
    /** Starts per second for each host, evenly spaced. @default no limit */
    readonly rate?: number;
  };
  readonly retry?: {
    /** Further attempts after the first; 0 sends once and never again. @default 2 */
    readonly retries?: number;
  };
  /** One attempt, redirects included, from its dispatch on: `TIMEOUT`. Waiting in our own queue never counts. @default 30_000 */
  readonly timeoutMs?: number;
  /** Until a connection stands: `DNS_TIMEOUT`, `CONNECT_TIMEOUT` or `TLS_TIMEOUT`. @default 10_000 */
  readonly connectTimeoutMs?: number;
  /** From the sending of the request to the head of its response: `HEADERS_TIMEOUT`. @default no limit */
  readonly headersTimeoutMs?: number;
  /** Between two pieces of a body: `BODY_TIMEOUT`. @default no limit */
  readonly idleTimeoutMs?: number;
  /** One request with all its attempts, from its first dispatch on: `DEADLINE`. @default no limit */
  readonly urlDeadlineMs?: number;
  /** The longest body, decoded; a longer one is `BODY_TOO_LARGE`. @default 50_000_000 */
  readonly maxBodyBytes?: number;
  /** How many redirects are followed; 0 follows none, and the 3xx is the response. @default 10 */
  readonly maxRedirects?: number;
  /** The statuses that are `ok`: a list such as `'200-399,404'`, or a function. @default '200-399' */
  readonly expect?: string | ((status: number) => boolean);
  /** Sent with every request. */
  readonly headers?: HeadersInput;
  /** Whether bodies are kept for `bytes()`, `text()` and `json()`, or counted and let go. @default 'buffer' */
  readonly responseBody?: 'buffer' | 'discard';
  /** Offers HTTP/2 to servers that speak TLS: many requests at once over one connection. @default false */
  readonly http2?: boolean;
  /** Requests read ahead and kept waiting, so that long runs of one host do not hold the others up. @default 20_000 */
  readonly readAhead?: number;
  /** How TLS connections are verified, and with which client certificate. */
  readonly tls?: TlsOptions;
  /**
   * Connects to public addresses only: not to loopback, private, link-local or reserved ones, nor to a cloud's metadata
   * service, however they are written, named or redirected to: `ADDRESS_BLOCKED`. @default false
   */
  readonly addressGuard?: boolean;
  /**
   * Sends the requests in place of the built-in HTTP client. `connectTimeoutMs`, `http2` and `tls` have no effect on it, and
   * `addressGuard` cannot be combined with it. @default undici, over real sockets
   */
  readonly transport?: Transport;
}

/** {@link FetcherOptions} with every default filled in and every value checked. */
export interface ResolvedOptions extends TransportOptions {
  /** `Infinity` where there is no limit, here and below. */
  readonly rate: number;
  readonly perHost: { readonly concurrency: number; readonly rate: number };
  readonly retry: { readonly retries: number };
  readonly timeoutMs: number;
  readonly urlDeadlineMs: number;
  readonly isExpected: (status: number) => boolean;
  /** Name, value, name, value, ... */
  readonly headers: readonly string[];
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

/** Fills in the defaults and checks every option. Throws a `TypeError` or a `RangeError` that names the wrong one. */
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
    maxBodyBytes: integer('maxBodyBytes', options.maxBodyBytes, 50_000_000, 0),
    maxRedirects: integer('maxRedirects', options.maxRedirects, 10, 0),
    isExpected: expected(options.expect),
    headers: withBuiltIn(options.headers === undefined ? [] : parseHeaders(options.headers)),
    responseBody: oneOf('responseBody', options.responseBody, ['buffer', 'discard']),
    http2: boolean('http2', options.http2, false),
    readAhead: integer('readAhead', options.readAhead, 20_000, 0),
    tls: checkTls(tls),
    addressGuard: boolean('addressGuard', options.addressGuard, false),
    transport: checkTransport(options),
  };
}

const knownOptions: readonly (keyof FetcherOptions)[] = [
  'concurrency',
  'rate',
  'perHost',
  'retry',
  'timeoutMs',
  'connectTimeoutMs',
  'headersTimeoutMs',
  'idleTimeoutMs',
  'urlDeadlineMs',
  'maxBodyBytes',
  'maxRedirects',
  'expect',
  'headers',
  'responseBody',
  'http2',
  'readAhead',
  'tls',
  'addressGuard',
  'transport',
];

// Only what is undefined is not given: a null is a mistake.
function integer(name: string, value: unknown, byDefault: number, least: number): number {
  return requireInteger(task, name, value === undefined ? byDefault : value, least);
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

/** The first choice is the default. */
function oneOf<const Choice extends string>(
  name: string,
  value: unknown,
  choices: readonly [Choice, ...Choice[]],
): Choice {
  const choice = value === undefined ? choices[0] : choices.find((known) => known === value);
  if (choice === undefined) throw new TypeError(complaint(task, name, `one of ${choices.join(', ')}`, value));
  return choice;
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

function checkTls(tls: TlsOptions): TlsOptions {
  boolean('tls.rejectUnauthorized', tls.rejectUnauthorized, true);
  if (tls.ca !== undefined) checkAuthorities([tls.ca].flat());
  requirePem('tls.cert', tls.cert ?? '');
  requirePem('tls.key', tls.key ?? '');
  if ((tls.cert === undefined) !== (tls.key === undefined)) {
    throw new TypeError(`Cannot ${task} as 'tls.cert' and 'tls.key' must be given together`);
  }
  if (tls.cert !== undefined) requirePair(tls.cert, tls.key!);
  return tls;
}

// What no connection could use is told at once: else all of them would fail, one by one.
function checkAuthorities(authorities: readonly unknown[]): void {
  for (const ca of authorities) requirePem('tls.ca', ca);
  const wanted = 'certificates in PEM that can be read';
  const all = authorities as readonly (string | Uint8Array)[];
  if (all.length === 0 || !all.every(holdsCertificates))
    throw new TypeError(`Cannot ${task} as 'tls.ca' must be ${wanted}`);
}

function requirePair(cert: string | Uint8Array, key: string | Uint8Array): void {
  try {
    createSecureContext({ cert: Buffer.from(cert as string), key: Buffer.from(key as string) });
  } catch (cause) {
    const message = `Cannot ${task} as 'tls.cert' and 'tls.key' must be PEM that belongs together`;
    throw new TypeError(`${message}: ${(cause as Error).message}`, { cause });
  }
}

function requirePem(name: string, value: unknown): void {
  if (typeof value === 'string' || value instanceof Uint8Array) return;
  throw new TypeError(complaint(task, name, 'a text or bytes in PEM', value));
}

function checkTransport({ transport, addressGuard }: FetcherOptions): Transport | undefined {
  if (transport === undefined) return undefined;
  const { send, close } = (transport ?? {}) as Partial<Transport>;
  if (typeof send !== 'function' || (close !== undefined && typeof close !== 'function')) {
    throw new TypeError(complaint(task, 'transport', 'an object with a send() method', transport));
  }
  // Silently unguarded would be worse than refused: only the built-in client knows the addresses it connects to.
  if (addressGuard === true) {
    throw new TypeError(`Cannot ${task} as 'addressGuard' guards the built-in client only: leave out 'transport'`);
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
