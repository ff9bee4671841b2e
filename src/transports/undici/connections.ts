import type { Socket } from 'node:net';
import { Client } from 'undici';
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
  /** Whether an exchange is under way on it. */
  isBusy = true;
  #abandon: (() => void) | undefined;

  constructor(host: string, connector: Connector, onDisconnected: () => void) {
    this.host = host;
    this.client = new Client(host, {
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
  /** Those that carry nothing, by host. */
  readonly #offered = new Map<string, Connection[]>();
  /** The same, the one idle for longest first. */
  readonly #idle = new Set<Connection>();
  readonly #all = new Set<Connection>();
  readonly #maxIdle: number;

  constructor(options: ResolvedOptions, connector: Connector) {
    this.#connector = connector;
    // Over many hosts, idle sockets would otherwise use up the file descriptors of the process.
    this.#maxIdle = Math.max(256, 2 * options.concurrency);
  }

  /** A connection for one exchange: one that stands, or a new one. */
  take(host: string): Connection {
    const connection = this.#offered.get(host)?.at(-1);
    if (!connection) return this.takeNew(host);
    this.#withdraw(connection);
    connection.isBusy = true;
    return connection;
  }

  /** A connection that nobody has used. */
  takeNew(host: string): Connection {
    const connection: Connection = new Connection(host, this.#connector, () => {
      // undici would connect a client anew; one that carries nothing is better forgotten.
      if (!connection.isBusy && this.#all.has(connection)) this.drop(connection);
    });
    this.#all.add(connection);
    return connection;
  }

  /** Gives a connection back after its exchange. */
  free(connection: Connection): void {
    connection.isBusy = false;
    if (!this.#all.has(connection)) return;
    this.#offer(connection);
    const [oldest] = this.#idle;
    if (this.#idle.size > this.#maxIdle && oldest) this.drop(oldest);
  }

  /** Closes a connection that is of no more use. */
  drop(connection: Connection): void {
    this.#forget(connection);
    void connection.destroy();
  }

  /** Closes what carries nothing: the file descriptors are needed. */
  dropIdle(): void {
    for (const connection of this.#idle) this.drop(connection);
  }

  async close(): Promise<void> {
    const all = [...this.#all];
    for (const connection of all) this.#forget(connection);
    await Promise.all(all.map((connection) => connection.destroy()));
  }

  #offer(connection: Connection): void {
    this.#idle.add(connection);
    const offered = this.#offered.get(connection.host);
    if (offered) offered.push(connection);
    else this.#offered.set(connection.host, [connection]);
  }

  #withdraw(connection: Connection): void {
    if (!this.#idle.delete(connection)) return;
    const offered = this.#offered.get(connection.host);
    if (!offered) return;
    const at = offered.lastIndexOf(connection);
    if (at >= 0) offered.splice(at, 1);
    if (offered.length === 0) this.#offered.delete(connection.host);
  }

  #forget(connection: Connection): void {
    this.#withdraw(connection);
    this.#all.delete(connection);
  }
}
