import type { Socket } from 'node:net';
import type { Client } from 'undici';
// Its index would load all that fetch() and WebSocket need besides: more than all of ours takes to start.
import UndiciClient from 'undici/lib/dispatcher/client.js';
import { LinkedList, type Entry } from '../../collections/linked-list.ts';
import type { TransportOptions } from '../options.ts';
import type { Connector, ConnectTimings } from '../connect/connector.ts';

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
  /** Whether it was given up. */
  isDropped = false;
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
  readonly #all = new Set<Connection>();
  /** Those that carry nothing, the one idle for longest first. */
  readonly #idle = new LinkedList<Connection>();
  /** The same by host, the one used last at the end. */
  readonly #idleAt = new Map<string, Connection[]>();
  readonly #maxIdle: number;

  constructor(options: TransportOptions, connector: Connector) {
    this.#connector = connector;
    // Over many hosts, idle sockets would otherwise use up the file descriptors of the process.
    this.#maxIdle = Math.max(256, 2 * options.concurrency);
  }

  /** A connection for one exchange: one that stands, or a new one. */
  take(host: string): Connection {
    const connection = this.#idleAt.get(host)?.pop();
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
    this.#all.add(connection);
    return connection;
  }

  /** Gives a connection back after its exchange. */
  free(connection: Connection): void {
    if (connection.isDropped) return;
    connection.entry = this.#idle.push(connection);
    const here = this.#idleAt.get(connection.host);
    if (here) here.push(connection);
    else this.#idleAt.set(connection.host, [connection]);
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
    const all = [...this.#all];
    for (const connection of all) this.#forget(connection);
    await Promise.all(all.map((connection) => connection.destroy()));
  }

  #forget(connection: Connection): void {
    connection.isDropped = true;
    this.#all.delete(connection);
    const here = this.#idleAt.get(connection.host);
    if (connection.entry && here) {
      this.#idle.remove(connection.entry);
      connection.entry = undefined;
      here.splice(here.lastIndexOf(connection), 1);
    }
    // Not sooner: while a connection comes and goes, its host keeps its place.
    if (here?.length === 0) this.#idleAt.delete(connection.host);
  }
}
