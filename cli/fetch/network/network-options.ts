import { resolveConnect } from '../../../src/fetcher/connect-options.ts';
import type { FetcherOptions } from '../../../src/fetcher/options.ts';
import { resolveProxy, type ProxyOptions } from '../../../src/fetcher/proxy-options.ts';
import { noProxyOf, type Environment } from '../../../src/transports/connect/proxy/environment.ts';
import type { ConnectOptions } from '../../../src/transports/connect/where.ts';
import type { Flags } from '../../flags/flags.ts';
import { withoutUndefined } from '../../flags/given.ts';
import { readAuthorities } from '../../flags/tls.ts';
import * as unit from '../../flags/units.ts';
import { UsageError } from '../../flags/usage-error.ts';
import type { FetchFlag } from '../fetch-flags.ts';

type FetchFlags = Flags<FetchFlag>;

/** Reads the flags of the network, and the environment. Throws a {@link UsageError}. */
export function readNetwork(flags: FetchFlags, env: Environment): Pick<FetcherOptions, 'proxy' | 'connect'> {
  const connect = readConnect(flags);
  for (const other of ['proxy', 'block-private'] as const) {
    if (connect?.unixSocket === undefined || !flags.has(other)) continue;
    throw new UsageError(`--unix-socket and --${other} cannot be combined: a Unix socket has no network address`);
  }
  if (connect?.unixSocket !== undefined) return { proxy: 'none', connect };
  return { proxy: readProxy(flags, env), ...(connect && { connect }) };
}

function readProxy(flags: FetchFlags, env: Environment): ProxyOptions {
  const given = flags.all('proxy').at(-1);
  const noProxy = flags.all('noproxy').at(-1) ?? (given === undefined ? undefined : noProxyOf(env));
  const file = flags.read('proxy-cacert', unit.name('ca.pem'));
  const tunnel = flags.has('proxytunnel') || undefined;
  const options = withoutUndefined({ url: given ?? 'environment', noProxy, tunnel });
  const isGuarded = flags.has('block-private');
  const plan = named({ proxy: '--proxy', addressGuard: '--block-private' }, () =>
    resolveProxy(options, isGuarded, env),
  );
  // A bundle that nobody needs is not read.
  if (plan === undefined && file === undefined) return options;
  const ca = readAuthorities({ flag: '--proxy-cacert', file, ...trust(flags, env) });
  return { ...options, ...(ca !== undefined && { ca }) };
}

function readConnect(flags: FetchFlags): ConnectOptions | undefined {
  const options: ConnectOptions = withoutUndefined({
    resolve: orUndefined(flags.all('resolve')),
    connectTo: orUndefined(flags.all('connect-to')),
    unixSocket: flags.read('unix-socket', unit.name('/run/app.sock')),
    interface: flags.read('interface', unit.name('eth0')),
    dnsServers: flags
      .read('dns-servers', unit.name('192.0.2.53'))
      ?.split(',')
      .map((each) => each.trim()),
  });
  const names = {
    'connect.resolve': '--resolve',
    'connect.connectTo': '--connect-to',
    'connect.unixSocket': '--unix-socket',
    'connect.interface': '--interface',
    'connect.dnsServers': '--dns-servers',
  };
  named(names, () => resolveConnect(options));
  return Object.keys(options).length === 0 ? undefined : options;
}

/** Returns the system's authorities and the file of the environment, which hold for servers and proxies alike. */
export function trust(
  flags: FetchFlags,
  env: Environment,
): { readonly usesSystem: boolean; readonly env: Environment } {
  return { usesSystem: flags.read('ca', unit.oneOf(['system'], 'system')) === 'system', env };
}

function orUndefined(texts: readonly string[]): readonly string[] | undefined {
  return texts.length === 0 ? undefined : texts;
}

/** Turns a complaint of the library about its options into one about flags. */
function named<T>(names: Readonly<Record<string, string>>, check: () => T): T {
  try {
    return check();
  } catch (cause) {
    const message = (cause as Error).message.replace(/^Cannot create fetcher as /, '');
    throw new UsageError(
      message.replace(/'([\w.]+)'/, (quoted, name: string) => names[name] ?? quoted),
      { cause },
    );
  }
}
