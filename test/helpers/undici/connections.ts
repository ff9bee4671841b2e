import type { Socket } from 'node:net';
import type { Client } from 'undici';
// The index of undici also loads fetch() and WebSocket, which would more than double our start-up time.
import UndiciClient from 'undici/lib/dispatcher/client.js';
import { LinkedList, type Entry } from '../../../src/collections/linked-list.ts';
import type { FetchRequest } from '../../../src/http/request.ts';
import type { TransportOptions } from '../../../src/transports/options.ts';
import type { Connector, ConnectTimings } from '../../../src/transports/connect/connector.ts';
import { maxHeadBytes, maxIdleConnections } from '../../../src/transports/response/limits.ts';
import { OriginConduct } from '../../../src/transports/response/origin-conduct.ts';
import { isSilentClose, isUnaskedResponse, overheadError } from '../../../src/transports/response/exchange-error.ts';
import { OverheadWatch, type Metered } from '../../../src/transports/response/overhead-watch.ts';

/** One connection and the undici client that uses it. HTTP/1.1 carries one exchange at a time. */
export class Connection implements Metered {
  readonly origin: string;
  readonly client: Client;
  /** The current socket, or the last one. */
  socket: Socket | undefined;
  /** Responses received over this socket. Above 0, the server may have closed it without our knowing. */
  served = 0;
  /** Body bytes received since it was opened, on all its sockets. */
  bodyBytes = 0;
  /** Response heads received since it was opened, interim ones included. */
  heads = 0;
  /** When the last exchange ended, in milliseconds on the monotonic clock. */
  freedAt = 0;
  /** Duration of opening this socket. */
  timings: ConnectTimings = {};
  /** The place among all idle connections; undefined while an exchange uses this one. */
  entry: Entry<Connection> | undefined;
  isDropped = false;
  /** True from a response's head to its end. */
  isReceiving = false;
  #isPolled = true;
  #onPolled: (() => void) | undefined;
  #abandon: (() => void) | undefined;

  constructor(origin: string, connector: Connector, onDisconnected: (error: Error) => void) {
    this.origin = origin;
    this.client = new UndiciClient(origin, {
      // Over HTTP/2, undici takes a stream that was reset in mid-body for one that ended.
      allowH2: false,
      maxHeaderSize: maxHeadBytes,
      // Our own timers tell what they measure; undici's would only repeat them later.
      headersTimeout: 0,
      bodyTimeout: 0,
      pipelining: 1,
      connect: (endpoint, callback) => {
        this.#abandon = connector(endpoint, (socket, error, timings) => {
          this.timings = timings;
          this.served = 0;
          this.socket = socket;
          if (socket) callback(null, socket);
          else callback(error ?? new Error('No connection'), null);
        });
      },
    });
    this.client.on('disconnect', (_url, _clients, error) => onDisconnected(error));
  }

  get bytesRead(): number {
    return this.socket?.bytesRead ?? 0;
  }

  onOverhead(): void {
    this.socket?.destroy(overheadError());
  }

  /** True once the socket has been polled since its last response. */
  get isPolled(): boolean {
    return this.#isPolled;
  }

  /** Calls back once the socket has been polled since its last response; at once if it has. */
  whenPolled(callback: () => void): void {
    if (this.#isPolled) callback();
    else this.#onPolled = callback;
  }

  /** Notes the end of an exchange. */
  rest(now: number): void {
    this.freedAt = now;
    this.isReceiving = false;
    this.#isPolled = false;
  }

  /** Notes that the socket has been polled. */
  polled(): void {
    this.#isPolled = true;
    const callback = this.#onPolled;
    this.#onPolled = undefined;
    callback?.();
  }

  async destroy(): Promise<void> {
    this.#abandon?.();
    await this.client.destroy();
  }
}

/** All connections of one fetcher. Idle ones are used again, the last one first, and closed after a few seconds. */
export class Connections {
  readonly #connector: Connector;
  readonly #conduct = new OriginConduct();
  readonly #watch = new OverheadWatch();
  readonly #all = new Set<Connection>();
  /** Idle connections, the one idle for longest first. */
  readonly #idle = new LinkedList<Connection>();
  /** Idle connections by origin, the one used last at the end. */
  readonly #idleAt = new Map<string, Connection[]>();
  readonly #maxIdle: number;
  /** Connections whose sockets have not been polled since their last response. */
  #unpolled: Connection[] = [];

  constructor(options: TransportOptions, connector: Connector) {
    this.#connector = connector;
    this.#maxIdle = maxIdleConnections(options.concurrency);
  }

  /** Returns a connection for one exchange: an idle one or a new one. */
  take({ origin, method }: FetchRequest): Connection {
    const connection = this.#takeIdle(origin);
    if (!connection) return this.takeNew(origin);
    if (this.#conduct.allowsReuse(origin, method)) return connection;
    // One for one, or connections that are never used again would pile up.
    this.drop(connection);
    return this.takeNew(origin);
  }

  /** Returns a connection that has not been used. */
  takeNew(origin: string): Connection {
    const connection: Connection = new Connection(origin, this.#connector, (error) => {
      this.#onDisconnected(connection, error);
    });
    this.#all.add(connection);
    this.#watch.add(connection);
    return connection;
  }

  /** Tells whether this request may go over this connection, now that it is about to be written. */
  mayCarry({ served, origin }: Connection, { method }: FetchRequest): boolean {
    return served === 0 || this.#conduct.allowsReuse(origin, method);
  }

  /** Tells whether a response over this connection may have been unsolicited. */
  isDoubtful({ origin }: Connection): boolean {
    return this.#conduct.answersUnasked(origin);
  }

  /** Gives a connection back after its exchange. */
  free(connection: Connection): void {
    if (connection.isDropped) return;
    if (this.isDoubtful(connection)) return this.drop(connection);
    this.#poll(connection);
    connection.entry = this.#idle.push(connection);
    const here = this.#idleAt.get(connection.origin);
    if (here) here.push(connection);
    else this.#idleAt.set(connection.origin, [connection]);
    if (this.#idle.size > this.#maxIdle) this.drop(this.#idle.first!.value);
  }

  /** Closes a connection. */
  drop(connection: Connection): void {
    this.#forget(connection);
    void connection.destroy();
  }

  /** Closes all idle connections: their file descriptors are needed. */
  dropIdle(): void {
    for (const connection of this.#idle.toArray()) this.drop(connection);
  }

  async close(): Promise<void> {
    const all = [...this.#all];
    for (const connection of all) this.#forget(connection);
    await Promise.all(all.map((connection) => connection.destroy()));
  }

  /** Prefers the connection used last, but not to one whose socket has been polled: that one need not wait. */
  #takeIdle(origin: string): Connection | undefined {
    const here = this.#idleAt.get(origin);
    if (!here || here.length === 0) return undefined;
    let at = here.length - 1;
    while (at > 0 && !here[at]!.isPolled) at -= 1;
    const connection = at === here.length - 1 ? here.pop()! : here.splice(at, 1)[0]!;
    this.#idle.remove(connection.entry!);
    connection.entry = undefined;
    return connection;
  }

  /**
   * Lets one poll of the event loop lie between a response and the next request on its socket, or a close or a second
   * response that are waiting to be read would not be seen. This callback runs after the present poll; undici then
   * waits for the end of the next one (GHSA-35p6-xmwp-9g52). All sockets of a turn share it.
   */
  #poll(connection: Connection): void {
    connection.rest(performance.now());
    if (this.#unpolled.push(connection) === 1) setImmediate(this.#onPolled);
  }

  readonly #onPolled = (): void => {
    const connections = this.#unpolled;
    this.#unpolled = [];
    for (const connection of connections) connection.polled();
  };

  #onDisconnected(connection: Connection, error: Error): void {
    const { origin, served, freedAt, isReceiving } = connection;
    if (served > 0 && !isReceiving) {
      if (isUnaskedResponse(error)) this.#conduct.sentUnasked(origin);
      else if (isSilentClose(error)) this.#conduct.closedSilently(origin, performance.now() - freedAt);
    }
    // undici would connect the client again; an idle one is better forgotten.
    if (connection.entry) this.drop(connection);
  }

  #forget(connection: Connection): void {
    connection.isDropped = true;
    this.#all.delete(connection);
    this.#watch.delete(connection);
    const here = this.#idleAt.get(connection.origin);
    if (connection.entry && here) {
      this.#idle.remove(connection.entry);
      connection.entry = undefined;
      here.splice(here.lastIndexOf(connection), 1);
    }
    // Only here: while a connection comes and goes, its origin keeps its place.
    if (here?.length === 0) this.#idleAt.delete(connection.origin);
  }
}
