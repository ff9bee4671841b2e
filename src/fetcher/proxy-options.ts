import { BoundedMap } from '../collections/bounded-map.ts';
import { complaint } from '../check.ts';
import { ownFunction } from '../http/own-function.ts';
import { parseProxy, type Proxy } from '../http/proxy.ts';
import type { FetchRequest } from '../http/request.ts';
import { readEnvironment, type Environment } from '../transports/connect/proxy/environment.ts';
import { exemptsAll, parseNoProxy } from '../transports/connect/proxy/no-proxy.ts';
import type { ProxyPlan, TlsOptions } from '../transports/options.ts';

/** A request whose proxy is to be chosen: the first one, or the next hop of a redirect. */
export interface ProxyRequest {
  /** The URL to be requested, without user info and fragment. */
  readonly url: string;
  readonly method: string;
  /** The caller's own name for the request, if it has one. */
  readonly id: string | undefined;
}

/**
 * A proxy: `http://user:password@host:port`, with the scheme `http`, `https`, `socks5` (names are looked up here) or `socks5h`
 * (by the proxy); `host:port` is an HTTP proxy. `'environment'` reads `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy`;
 * `'none'` is no proxy. A function chooses for each request and each redirect; `undefined` is no proxy.
 */
export type ProxyChoice = string | ((request: ProxyRequest) => string | undefined);

/** How requests find their proxy. */
export interface ProxyOptions {
  /** The proxy. @default 'environment' */
  readonly url?: ProxyChoice;
  /**
   * Hosts that are reached without the proxy, separated by commas: `example.com` (and the names below it), `*.example.com`,
   * `192.0.2.0/24`, `host:8080`, `*`. @default the `no_proxy` of the environment if `url` is `'environment'`, else none
   */
  readonly noProxy?: string;
  /** Asks HTTP proxies for a tunnel also for `http:` URLs, which they otherwise read and forward. @default false */
  readonly tunnel?: boolean;
  /** Certificates to trust in an `https:` proxy, in PEM, in place of the built-in ones; as `tls.ca`. */
  readonly ca?: TlsOptions['ca'];
}

/** Every field of {@link ProxyOptions}. The type refuses a table that misses one. */
export const proxyOptionNames: readonly string[] = Object.keys({
  url: true,
  noProxy: true,
  tunnel: true,
  ca: true,
} satisfies Record<keyof ProxyOptions, true>);

const task = 'create fetcher';
const maxTexts = 1000;

/** Checks the option `proxy`. Returns undefined if no request can have a proxy by it. */
export function resolveProxy(
  option: ProxyChoice | ProxyOptions | undefined,
  isGuarded: boolean,
  env: Environment = process.env,
): ProxyPlan | undefined {
  const given = option ?? (env['NODE_USE_ENV_PROXY'] === '1' ? 'environment' : 'none');
  const { url = 'environment', noProxy, tunnel = false, ca } = typeof given === 'object' ? given : { url: given };
  if (typeof url !== 'string' && typeof url !== 'function') {
    throw new TypeError(complaint(task, 'proxy', `a URL, 'environment', 'none' or a function`, url));
  }
  if (noProxy !== undefined && typeof noProxy !== 'string') {
    throw new TypeError(complaint(task, 'proxy.noProxy', 'a text', noProxy));
  }
  const { choose: choice, exempt, proxies } = chooser(url, env);
  const list = noProxy ?? exempt;
  const choose = exemptsAll(list) ? undefined : choice;
  // A request's own proxy needs the certificates.
  if (choose === undefined && ca === undefined) return undefined;
  const open = isGuarded && choose !== undefined ? proxies.find(({ scheme }) => scheme !== 'socks5') : undefined;
  if (open) {
    // Silently unguarded would be worse than refused.
    const why = `looks names up itself: use socks5://, or no proxy`;
    throw new TypeError(`Cannot ${task} as 'addressGuard' cannot be kept by the proxy ${open.name}, which ${why}`);
  }
  const isExempt = choose === undefined || list.trim() === '' ? undefined : parseNoProxy(list);
  return { choose: choose ?? (() => undefined), isExempt, tunnelsAll: tunnel, ca };
}

interface Chooser {
  readonly choose: ProxyPlan['choose'] | undefined;
  /** Hosts that the environment exempts. */
  readonly exempt: string;
  /** The proxies that are known beforehand. */
  readonly proxies: readonly Proxy[];
}

function chooser(url: ProxyChoice, env: Environment): Chooser {
  if (typeof url === 'function') return { choose: byFunction(url), exempt: '', proxies: [] };
  if (url !== 'environment') {
    const proxy = named('proxy', () => parseProxy(url));
    return { choose: proxy && (() => proxy), exempt: '', proxies: proxy ? [proxy] : [] };
  }
  const { http, https, noProxy } = named(undefined, () => readEnvironment(env));
  const proxies = [http, https].filter((each) => each !== undefined);
  const choose: ProxyPlan['choose'] = ({ origin }) => (origin.startsWith('https:') ? https : http);
  return { choose: proxies.length > 0 ? choose : undefined, exempt: noProxy, proxies };
}

/** Names the option, or the variable, that has the wrong value. The value may hold a password. */
function named<T>(name: string | undefined, parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    const subject = name === undefined ? '' : `'${name}' `;
    throw new TypeError(`Cannot ${task} as ${subject}${(cause as Error).message}`, { cause });
  }
}

/** An exception of the function, or an answer that is no proxy, fails the request with `HOOK_FAILED`. */
function byFunction(choose: Exclude<ProxyChoice, string>): ProxyPlan['choose'] {
  const parsed = new BoundedMap<string, Proxy | undefined>(maxTexts);
  return ownFunction('proxy', ({ origin, path, method, id }: FetchRequest) => {
    const text = choose({ url: origin + path, method, id }) as unknown;
    // A promise is refused with all others.
    if (text === undefined || text instanceof Promise) return text as undefined;
    // It is not shown, as it may have a password in it.
    if (typeof text !== 'string') throw new TypeError('it must return a text or undefined');
    if (!parsed.has(text)) parsed.set(text, parseAnswer(text));
    return parsed.get(text);
  });
}

function parseAnswer(text: string): Proxy | undefined {
  try {
    return parseProxy(text);
  } catch (cause) {
    throw new TypeError(`the proxy that it returned ${(cause as Error).message}`, { cause });
  }
}
