import { readFileSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import type { ConnectionOptions } from 'node:tls';
import type { Redis, RedisOptions } from 'ioredis';
import { BrokerError } from '../broker.ts';
import { shownAddress } from './shown-address.ts';

/** Where a broker is. */
export interface Address {
  readonly options: RedisOptions;
  /** The address without its passwords, for messages. */
  readonly shown: string;
  /** The last error of a connection to a Sentinel. */
  sentinelError?: Error;
  /** The server has accepted a connection. */
  wasReached?: boolean;
}

/**
 * Reads the URL of a Redis or Valkey server: `redis://[USER:PASSWORD@]HOST[:PORT][/DB]`, `rediss://` with TLS,
 * `redis+unix://[USER:PASSWORD@]/PATH`, `redis+sentinel://[USER:PASSWORD@]HOST[:PORT][,HOST[:PORT]...]/NAME[/DB]`,
 * `rediss+sentinel://` with TLS. A query sets files for TLS (`cacert`, `cert` and `key`, in PEM), the `sentinel-user` and
 * `sentinel-password` of Sentinels, and the `db` of a socket. Throws a {@link BrokerError}.
 */
export function parseAddress(text: string): Address {
  const shown = shownAddress(text);
  const [, scheme, auth = '', authority = '', path = '', query = ''] =
    /^(rediss?|redis\+unix|rediss?\+sentinel):\/\/(?:([^/?]*)@)?([^/?]*)(\/[^?]*)?(?:\?(.*))?$/s.exec(text) ?? [];
  if (scheme === undefined) throw wrong(shown);
  const settings = new Settings(query, shown);
  const place = { authority, path, shown };
  const options = {
    ...optionsOf(scheme, place, settings),
    ...credentials(auth, shown),
    ...(scheme.startsWith('rediss') && tlsOptions(settings, scheme.endsWith('sentinel'))),
  };
  settings.refuseOthers();
  return { options, shown };
}

/**
 * Opens a connection that is made again whenever it is lost, and that follows the keys to another node of a cluster. A
 * command on a lost connection, or to the wrong node, rejects at once.
 */
export async function openConnection(address: Address): Promise<Redis> {
  const { options } = address;
  const { Redis: Client } = await loadClient();
  let wasReady = false;
  const settings: RedisOptions = {
    ...options,
    lazyConnect: true,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    commandTimeout: commandTimeoutMs,
    connectTimeout: commandTimeoutMs,
    sentinelCommandTimeout: commandTimeoutMs,
    protocol: 2,
    ...followKeys(options, (place) => Object.assign(redis.options, place)),
    // At first, Sentinels that cannot be reached are an error.
    sentinelRetryStrategy: (times: number) => (wasReady ? delayMs(times) : null),
  };
  const redis = new Client(settings as RedisOptions & { readonly replyMapping?: 'legacy' });
  listenToSockets(redis, address);
  redis.on('ready', () => (wasReady = true));
  // Each command reports the error; without a listener it would be printed too.
  redis.on('error', (error) => {
    // The client would go on in database 0.
    if ((error as CommandError).command?.name === 'select') redis.disconnect(true);
  });
  return redis;
}

/** Ends a connection for good, without waiting for the server. */
export function closeConnection(redis: Redis): void {
  redis.disconnect();
  (redis as unknown as Inner).connector.stream?.destroy();
}

/** An error of a command that the client sent. */
interface CommandError extends Error {
  readonly command?: { readonly name: string };
}

/** Connects again after a loss, to the node of a cluster that has our keys, or to another master. `goTo` sets where. */
function followKeys(
  { host, port }: RedisOptions,
  goTo: (place: Endpoint) => void,
): Pick<RedisOptions, 'retryStrategy' | 'reconnectOnError'> {
  let moved: Endpoint | undefined;
  let readOnlyAt = -Infinity;
  return {
    retryStrategy(times) {
      // The node that we were sent to is gone: the one of the address may know its successor.
      if (moved !== undefined) goTo(times % 2 === 0 ? { host: host!, port: port! } : moved);
      return delayMs(times);
    },
    reconnectOnError({ message }) {
      // Another server may have the address by now.
      if (isReadOnly(message) && performance.now() - readOnlyAt > maxRetryMs) {
        readOnlyAt = performance.now();
        return true;
      }
      const right = host === undefined ? undefined : movedTo(message, host);
      if (right === undefined) return false;
      moved = right;
      goTo(moved);
      return true;
    },
  };
}

interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/**
 * Returns the node of a cluster that has our keys, where a node says by an error that it does not have them; undefined for
 * any other error.
 *
 * @param host stands for a name that the node does not tell
 */
export function movedTo(message: string, host: string): Endpoint | undefined {
  const [, name = '', port] = /^MOVED \d+ (.*):(\d+)$/.exec(message) ?? [];
  if (port === undefined) return undefined;
  return { host: name === '' || name === '?' ? host : name, port: Number(port) };
}

/** Tells whether a server says by an error that it is a replica, which takes no writes. */
function isReadOnly(message: string): boolean {
  return /\bREADONLY\b/.test(message);
}

/**
 * Listens to every error of the sockets of a client, and of those that it opens to Sentinels. The client itself hears only
 * the first one of each; where TLS reports a second one, it would end the process.
 */
function listenToSockets(redis: Redis, address: Address): void {
  const { connector } = redis as unknown as Inner;
  listen(connector, (socket) => {
    socket.on('error', () => {});
    socket.once('connect', () => (address.wasReached = true));
  });
  const connectToSentinel = connector.connectToSentinel?.bind(connector);
  if (connectToSentinel === undefined) return;
  connector.connectToSentinel = (place, options) => {
    // It would open its socket at once, before anybody could listen.
    const sentinel = connectToSentinel(place, { ...options, lazyConnect: true });
    listen((sentinel as unknown as Inner).connector, (socket) => {
      socket.on('error', (error) => (address.sentinelError = error));
    });
    return sentinel;
  };
}

function listen(connector: Inner['connector'], onSocket: (socket: Duplex) => void): void {
  const connect = connector.connect.bind(connector);
  connector.connect = async (emit) => {
    const socket = await connect(emit);
    onSocket(socket);
    return socket;
  };
  const disconnect = connector.disconnect.bind(connector);
  connector.disconnect = () => {
    // The client would wait two seconds for the end of a socket that has ended.
    if (connector.stream?.closed === true) connector.stream = undefined;
    disconnect();
  };
}

/** What the client does not show of itself. */
interface Inner {
  readonly connector: {
    stream: Duplex | undefined;
    connect(emit: (type: string, error: Error) => void): Promise<Duplex>;
    disconnect(): void;
    connectToSentinel?(place: unknown, options: RedisOptions | undefined): Redis;
  };
}

function delayMs(times: number): number {
  return Math.min(maxRetryMs, 50 * 2 ** Math.min(times, 10)) * (0.5 + Math.random() / 2);
}

/** Says why a connection could not be opened. */
export function reasonOf({ message }: Error, { options, sentinelError, wasReached = false }: Address): string {
  // The client's own words are the same whether Sentinels are away or do not know the name.
  if (message.startsWith('All sentinels are unreachable')) {
    const away = sentinelError === undefined ? '' : ` (${sentinelError.message})`;
    return `no reachable Sentinel knows a server named ${options.name}${away}`;
  }
  if (message.startsWith('Unknown RESP type')) return 'what answers there is not Redis; check the port';
  if (/DB index is out of range/.test(message)) return `it has no database ${options.db}`;
  if (options.tls !== undefined && wasReached && message === 'connect ETIMEDOUT') {
    return 'nobody answers to TLS there; without TLS the address begins with redis://';
  }
  return message;
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

/** The query of an address. */
class Settings {
  readonly #values: URLSearchParams;
  readonly #shown: string;

  constructor(query: string, shown: string) {
    this.#values = new URLSearchParams(query);
    this.#shown = shown;
  }

  /** Returns a value, which counts as read. */
  take(name: string): string | undefined {
    const value = this.#values.get(name) ?? undefined;
    this.#values.delete(name);
    return value;
  }

  /** Refuses what nobody has read. */
  refuseOthers(): void {
    const [name] = this.#values.keys();
    if (name !== undefined) throw new BrokerError(`the queue ${this.#shown} does not support the setting '${name}'`);
  }
}

interface Place {
  readonly authority: string;
  readonly path: string;
  readonly shown: string;
}

function optionsOf(scheme: string, place: Place, settings: Settings): RedisOptions {
  if (scheme === 'redis+unix') return socketOptions(place, settings);
  return scheme.endsWith('sentinel') ? sentinelOptions(place, settings) : serverOptions(place);
}

function serverOptions({ authority, path, shown }: Place): RedisOptions {
  return { ...endpoint(authority, 6379, shown), db: database(path, shown) };
}

function socketOptions({ authority, path, shown }: Place, settings: Settings): RedisOptions {
  if (authority !== '' || path === '') throw wrong(shown);
  return { path, db: database(settings.take('db') ?? '', shown) };
}

function sentinelOptions({ authority, path, shown }: Place, settings: Settings): RedisOptions {
  const [, name, db = ''] = /^\/([^/]+)(\/.*)?$/.exec(path) ?? [];
  if (name === undefined) throw wrong(shown);
  const username = settings.take('sentinel-user');
  const password = settings.take('sentinel-password');
  return {
    name,
    db: database(db, shown),
    sentinels: authority.split(',').map((host) => endpoint(host, 26_379, shown)),
    ...(username !== undefined && { sentinelUsername: username }),
    ...(password !== undefined && { sentinelPassword: password }),
  };
}

function endpoint(text: string, defaultPort: number, shown: string): Endpoint {
  const url = URL.parse(`redis://${text}`);
  if (url === null || url.hostname === '') throw wrong(shown);
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? defaultPort : Number(url.port),
  };
}

function database(path: string, shown: string): number {
  if (!/^\/?\d*$/.test(path)) throw wrong(shown);
  return Number(path.replace('/', ''));
}

function credentials(auth: string, shown: string): RedisOptions {
  const url = URL.parse(`redis://${auth}@host`);
  if (url === null) throw wrong(shown);
  return {
    ...(url.username !== '' && { username: decoded(url.username, shown) }),
    ...(url.password !== '' && { password: decoded(url.password, shown) }),
  };
}

function decoded(text: string, shown: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw wrong(shown);
  }
}

function tlsOptions(settings: Settings, isSentinel: boolean): RedisOptions {
  const tls: ConnectionOptions = {};
  for (const [name, option] of tlsFiles) {
    const path = settings.take(name);
    if (path !== undefined) tls[option] = readPem(path);
  }
  return { tls, ...(isSentinel && { sentinelTLS: tls, enableTLSForSentinelMode: true }) };
}

const tlsFiles = [
  ['cacert', 'ca'],
  ['cert', 'cert'],
  ['key', 'key'],
] as const;

function readPem(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new BrokerError(`the queue cannot be used: ${(cause as Error).message}`, { cause });
  }
}
