import { Resolver } from 'node:dns';
import { complaint } from '../check.ts';
import { Where, type ConnectOptions } from '../transports/connect/where.ts';

/** Every field of {@link ConnectOptions}. The type refuses a table that misses one. */
export const connectOptionNames: readonly string[] = Object.keys({
  resolve: true,
  connectTo: true,
  unixSocket: true,
  interface: true,
  dnsServers: true,
} satisfies Record<keyof ConnectOptions, true>);

const task = 'create fetcher';

/** Checks the option `connect`. Returns undefined if it changes nothing. */
export function resolveConnect(options: ConnectOptions): Where | undefined {
  for (const name of ['resolve', 'connectTo', 'dnsServers'] as const) requireTexts(name, options[name]);
  for (const name of ['unixSocket', 'interface'] as const) requireText(name, options[name]);
  if (Object.values(options).every((value) => value === undefined)) return undefined;
  try {
    if (options.dnsServers) new Resolver().setServers(options.dnsServers);
    return new Where(options);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ERR_INVALID_IP_ADDRESS')
      throw new TypeError(`Cannot ${task} as ${(cause as Error).message}`, { cause });
    throw new TypeError(complaint(task, 'connect.dnsServers', wantedServer, options.dnsServers?.join(',')), { cause });
  }
}

const wantedServer = 'addresses of name servers, such as 192.0.2.53 or 192.0.2.53:5353';

function requireTexts(name: string, value: unknown): void {
  if (value === undefined || (Array.isArray(value) && value.every((each) => typeof each === 'string'))) return;
  throw new TypeError(complaint(task, `connect.${name}`, 'an array of texts', value));
}

function requireText(name: string, value: unknown): void {
  if (value === undefined || (typeof value === 'string' && value !== '')) return;
  throw new TypeError(complaint(task, `connect.${name}`, 'a text that is not empty', value));
}
