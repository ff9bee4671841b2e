import { parseProxy, type Proxy } from '../../../http/proxy.ts';

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The proxies that the environment names for each scheme, and the hosts that are reached without. */
export interface EnvironmentProxies {
  readonly http: Proxy | undefined;
  readonly https: Proxy | undefined;
  readonly noProxy: string;
}

/**
 * Reads `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy`, in lower or upper case; lower case wins. `HTTP_PROXY` is ignored
 * where `REQUEST_METHOD` is set: there a request's `Proxy` header could have set it (CVE-2016-5385).
 *
 * @throws TypeError that names a variable with a wrong value
 */
export function readEnvironment(env: Environment): EnvironmentProxies {
  const all = variable(env, 'all_proxy');
  const isCgi = (env['REQUEST_METHOD'] ?? '') !== '';
  const http = variable(env, 'http_proxy', !isCgi) ?? all;
  const https = variable(env, 'https_proxy') ?? all;
  return { http: http && parse(http), https: https && parse(https), noProxy: noProxyOf(env) };
}

/** Returns the `no_proxy` of the environment. */
export function noProxyOf(env: Environment): string {
  return variable(env, 'no_proxy')?.value ?? '';
}

interface Variable {
  readonly name: string;
  readonly value: string;
}

function variable(env: Environment, lower: string, mayBeUpper = true): Variable | undefined {
  const names = mayBeUpper ? [lower, lower.toUpperCase()] : [lower];
  const name = names.find((each) => (env[each] ?? '').trim() !== '');
  return name === undefined ? undefined : { name, value: env[name]! };
}

function parse({ name, value }: Variable): Proxy | undefined {
  try {
    return parseProxy(value);
  } catch (cause) {
    throw new TypeError(`the environment variable ${name} ${(cause as Error).message}`, { cause });
  }
}
