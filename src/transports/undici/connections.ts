import type { Socket } from 'node:net';
import type { Client } from 'undici';
// Its index would load all that fetch() and WebSocket need besides: more than all of ours takes to start.
import UndiciClient from 'undici/lib/dispatcher/client.js';
import { LinkedList, type Entry } from '../../linked-list.ts';
import type { ResolvedOptions } from '../../options.ts';
import type { Connector, ConnectTimings } from './connector.ts';

/** The largest response head, in bytes. */
const maxHeadBytes = 64 * 1024;

/** One connection, and undici's client that speaks over it: HTTP/1, so one exchange at a time. */
export class Connection {
  readonly host: string;
  readonly client: Client;
  /** The socket it has now, or had last. */
  socket: Socket | undefined;
  /** Responses that came over this socket; above 0, its server may have closed it without our knowing. */
  served = 0;
  /** What it took to make this socket. */
  timings: ConnectTimings = {};
  /** Where it stands among all that carry nothing; undefined while an exchange is under way on it. */
  entry: Entry<Connection> | undefined;
  #abandon: (() => void) | undefined;

  constructor(host: string, connector: Connector, onDisconnected: () => void) {
    this.host = host;
    this.client = new UndiciClient(host, {
      // Over HTTP/2, undici takes a stream that was reset in mid-body for one that ended.
      allowH2: false,
      maxHeaderSize: maxHeadBytes,
      // Our own timers are told apart by what they measure; undici's would only say the same later.
      headersTimeout: 0,
      bodyTimeout: 0,
      pipelining: 1,
      connect: (destination, callback) => {
        this.#abandon = connector(destination, (socket, error, timings) => {
          this.timings = timings;
          this.served = 0;
          this.socket = socket;
          if (socket) callback(null, socket);
          else callback(error ?? new Error('No connection'), null);
        });
      },
    });
    this.client.on('disconnect', onDisconnected);
  }

  async destroy(): Promise<void> {
    this.#abandon?.();
    await this.client.destroy();
  }
}

/** All connections of one fetcher: idle ones are used again, the one used last first, and none is kept for long. */
export class Connections {
  readonly #connector: Connector;
  readonly #hosts = new Map<string, HostConnections>();
  /** Those that carry nothing, the one idle for longest first. */
  readonly #idle = new LinkedList<Connection>();
  readonly #maxIdle: number;

  constructor(options: ResolvedOptions, connector: Connector) {
    this.#connector = connector;
    // Over many hosts, idle sockets would otherwise use up the file descriptors of the process.
    this.#maxIdle = Math.max(256, 2 * options.concurrency);
  }

  /** A connection for one exchange: one that stands, or a new one. */
  take(host: string): Connection {
    const connection = this.#hosts.get(host)?.idle.pop();
    if (!connection) return this.takeNew(host);
    this.#idle.remove(connection.entry!);
    connection.entry = undefined;
    return connection;
  }

  /** A connection that nobody has used. */
  takeNew(host: string): Connection {
    const connection: Connection = new Connection(host, this.#connector, () => {
      // undici would connect a client anew; one that carries nothing is better forgotten.
      if (connection.entry) this.drop(connection);
    });
    this.#at(host).all.add(connection);
    return connection;
  }

  /** Gives a connection back after its exchange. */
  free(connection: Connection): void {
    const { host } = connection;
    const here = this.#hosts.get(host);
    if (!here?.all.has(connection)) return;
    here.idle.push(connection);
    connection.entry = this.#idle.push(connection);
    if (this.#idle.size > this.#maxIdle) this.drop(this.#idle.first!.value);
  }

  /** Closes a connection that is of no more use. */
  drop(connection: Connection): void {
    this.#forget(connection);
    void connection.destroy();
  }

  /** Closes what carries nothing: the file descriptors are needed. */
  dropIdle(): void {
    for (const connection of this.#idle.toArray()) this.drop(connection);
  }

  async close(): Promise<void> {
    const all = Array.from(this.#hosts.values(), (here) => [...here.all]).flat();
    for (const connection of all) this.#forget(connection);
    await Promise.all(all.map((connection) => connection.destroy()));
  }

  #at(host: string): HostConnections {
    let here = this.#hosts.get(host);
    if (here === undefined) {
      here = { all: new Set(), idle: [] };
      this.#hosts.set(host, here);
    }
    return here;
  }

  #forget(connection: Connection): void {
    const here = this.#hosts.get(connection.host);
    if (!here?.all.delete(connection)) return;
    if (connection.entry) {
      this.#idle.remove(connection.entry);
      connection.entry = undefined;
      here.idle.splice(here.idle.lastIndexOf(connection), 1);
    }
    if (here.all.size === 0) this.#hosts.delete(connection.host);
  }
}

/** The connections to one host, while there are any. */
interface HostConnections {
  readonly all: Set<Connection>;
  /** Those that carry nothing, the one used last at the end. */
  readonly idle: Connection[];
}
