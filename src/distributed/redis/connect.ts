import type { Redis, RedisOptions } from 'ioredis';
import { hidePassword } from '../../http/request.ts';
import { BrokerError } from '../broker.ts';

/** Where a broker is. */
export interface Address {
  readonly options: RedisOptions;
  /** The address without its password, for messages. */
  readonly shown: string;
}

/**
 * Reads the URL of a Redis or Valkey server: `redis://[USER:PASSWORD@]HOST[:PORT][/DB]`, `rediss://` with TLS,
 * `redis+unix:///PATH`, `redis+sentinel://HOST[:PORT][,HOST[:PORT]...]/NAME`. Throws a {@link BrokerError}.
 */
export function parseAddress(text: string): Address {
  const shown = hidePassword(text);
  const [, scheme, rest] = /^(rediss?|redis\+unix|redis\+sentinel):\/\/(.+)$/s.exec(text) ?? [];
  if (rest === undefined) throw wrong(shown);
  if (scheme === 'redis+unix') return { options: { path: rest }, shown };
  if (scheme === 'redis+sentinel') return { options: sentinelOptions(rest, shown), shown };
  const url = URL.parse(text);
  if (url === null || url.hostname === '' || !/^\/?\d*$/.test(url.pathname)) throw wrong(shown);
  return {
    options: {
      host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: url.port === '' ? 6379 : Number(url.port),
      db: Number(url.pathname.slice(1)),
      ...credentials(url),
      ...(scheme === 'rediss' && { tls: {} }),
    },
    shown,
  };
}

/** Opens a connection that is made again whenever it is lost. A command on a lost connection rejects at once. */
export async function openConnection({ options }: Address): Promise<Redis> {
  const { Redis: Client } = await loadClient();
  const settings: RedisOptions = {
    ...options,
    lazyConnect: true,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    commandTimeout: commandTimeoutMs,
    connectTimeout: commandTimeoutMs,
    protocol: 2,
    retryStrategy: (times: number) => Math.min(maxRetryMs, 50 * 2 ** Math.min(times, 10)) * (0.5 + Math.random() / 2),
  };
  const redis = new Client(settings as RedisOptions & { readonly replyMapping?: 'legacy' });
  // Each command reports the error; without a listener it would be printed too.
  redis.on('error', () => {});
  return redis;
}

/** Longer than the longest read that waits. */
const commandTimeoutMs = 5000;
const maxRetryMs = 2000;

async function loadClient(): Promise<{ readonly Redis: typeof Redis }> {
  try {
    return await import('ioredis');
  } catch (cause) {
    throw new BrokerError('a queue needs the package ioredis: install it beside fetchmany (npm install ioredis)', {
      cause,
    });
  }
}

function wrong(shown: string): BrokerError {
  return new BrokerError(`the queue must be the URL of a Redis server, such as redis://queue:6379/0: got ${shown}`);
}

function sentinelOptions(rest: string, shown: string): RedisOptions {
  const [, auth = '', hosts = '', name] = /^(?:([^@/]*)@)?([^/]+)\/([^/]+)$/.exec(rest) ?? [];
  if (name === undefined) throw wrong(shown);
  const sentinels = hosts.split(',').map((host) => URL.parse(`redis://${host}`));
  if (sentinels.some((url) => url === null)) throw wrong(shown);
  const url = URL.parse(`redis://${auth}@host`);
  return {
    name,
    sentinels: sentinels.map((at) => ({ host: at!.hostname, port: at!.port === '' ? 26_379 : Number(at!.port) })),
    ...(url && credentials(url)),
  };
}

function credentials({ username, password }: URL): RedisOptions {
  return {
    ...(username !== '' && { username: decodeURIComponent(username) }),
    ...(password !== '' && { password: decodeURIComponent(password) }),
  };
}
