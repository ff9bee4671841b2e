import { LinkedList } from '../../collections/linked-list.ts';
import type { FetchRequest } from '../../http/request.ts';
import type { TransportOptions } from '../options.ts';
import type { Connector } from '../connect/connector.ts';
import type { Route } from '../connect/route.ts';
import { maxIdleConnections } from '../response/limits.ts';
import { OriginConduct } from '../response/origin-conduct.ts';
import { Connection, type ConnectionOwner } from './connection.ts';

/** A socket that was polled longer ago than this, in milliseconds, is polled again before it carries a request. */
const maxPollAgeMs = 1;
/** How often expired connections are looked for. */
const sweepMs = 1000;

/** All connections of one fetcher. Idle ones are used again, the last one first, and closed after a few seconds. */
export class Connections implements ConnectionOwner {
  readonly #connector: Connector;
  readonly #conduct = new OriginConduct();
  readonly #all = new Set<Connection>();
  /** Idle connections, the one idle for longest first. */
  readonly #idle = new LinkedList<Connection>();
  /** Idle connections by key, the one used last at the end. */
  readonly #idleAt = new Map<string, Connection[]>();
  readonly #maxIdle: number;
  #sweeper: NodeJS.Timeout | undefined;
  /** Connections to poll: those added since the last turn of the event loop, and those that have seen one turn since. */
  #freed: Connection[] = [];
  #settling: Connection[] = [];
  #isPolling = false;

  constructor(options: TransportOptions, connector: Connector) {
    this.#connector = connector;
    this.#maxIdle = maxIdleConnections(options.concurrency);
  }

  /** Returns a connection for one exchange: an idle one or a new one. */
  take({ origin, method }: FetchRequest, route?: Route): Connection {
    const connection = this.#takeIdle(route?.key ?? origin);
    if (!connection) return this.takeNew(origin, route);
    if (this.#conduct.allowsReuse(connection.key, method)) return connection;
    // One for one, or connections that are never used again would pile up.
    this.drop(connection);
    return this.takeNew(origin, route);
  }

  /** Returns a connection that has not been used. */
  takeNew(origin: string, route?: Route): Connection {
    const connection = new Connection(origin, this, route);
    this.#all.add(connection);
    return connection;
  }

  /** Lets a connection send the request of its user, opening it first if it is new. */
  start(connection: Connection): void {
    connection.start(this.#connector);
  }

  mayCarry({ key }: Connection, { method }: FetchRequest): boolean {
    return this.#conduct.allowsReuse(key, method);
  }

  /** Tells whether a response that came over this connection may be one that nobody asked for. */
  isDoubtful({ key }: Connection): boolean {
    return this.#conduct.answersUnasked(key);
  }

  free(connection: Connection): void {
    if (this.isDoubtful(connection)) return this.drop(connection);
    connection.rest(performance.now());
    this.#poll(connection);
    connection.entry = this.#idle.push(connection);
    const here = this.#idleAt.get(connection.key);
    if (here) here.push(connection);
    else this.#idleAt.set(connection.key, [connection]);
    this.#sweeper ??= setInterval(this.#sweep, sweepMs).unref();
    if (this.#idle.size > this.#maxIdle) this.drop(this.#idle.first!.value);
  }

  drop(connection: Connection): void {
    this.#forget(connection);
    void connection.close();
  }

  onUnasked({ key }: Connection): void {
    this.#conduct.sentUnasked(key);
  }

  onSilentClose({ key, freedAt }: Connection): void {
    this.#conduct.closedSilently(key, performance.now() - freedAt);
  }

  /** Closes all idle connections: their file descriptors are needed. */
  dropIdle(): void {
    for (const connection of this.#idle.toArray()) this.drop(connection);
  }

  async close(): Promise<void> {
    clearInterval(this.#sweeper);
    const all = [...this.#all];
    for (const connection of all) this.#forget(connection);
    await Promise.all(all.map((connection) => connection.close()));
  }

  /** Prefers the connection used last, but not to one whose socket has been polled: that one need not wait. */
  #takeIdle(key: string): Connection | undefined {
    const here = this.#idleAt.get(key);
    if (!here || here.length === 0) return undefined;
    let at = here.length - 1;
    while (at > 0 && !here[at]!.isPolled) at -= 1;
    const connection = at === here.length - 1 ? here.pop()! : here.splice(at, 1)[0]!;
    this.#idle.remove(connection.entry!);
    connection.entry = undefined;
    // It was freed a turn or two ago and is polled before it is used: no need to look at the clock.
    if (!connection.isPolled) return connection;
    const now = performance.now();
    if (connection.expiresAt <= now) {
      this.drop(connection);
      return this.#takeIdle(key);
    }
    if (now - connection.polledAt > maxPollAgeMs) this.#poll(connection);
    return connection;
  }

  /**
   * Lets one whole poll of the event loop lie before the next request on a socket, or a close or a second
   * response that are waiting to be read would not be seen. Two ends of a turn: the first one may follow the poll that brought
   * the response. All sockets of a turn share them.
   */
  #poll(connection: Connection): void {
    connection.isPolled = false;
    this.#freed.push(connection);
    if (this.#isPolling) return;
    this.#isPolling = true;
    setImmediate(this.#onTurn);
  }

  readonly #onTurn = (): void => {
    const polled = this.#settling;
    this.#settling = this.#freed;
    this.#freed = [];
    this.#isPolling = this.#settling.length > 0;
    if (this.#isPolling) setImmediate(this.#onTurn);
    const now = performance.now();
    for (const connection of polled) connection.polled(now);
  };

  readonly #sweep = (): void => {
    const now = performance.now();
    for (const connection of this.#idle.toArray()) if (connection.expiresAt <= now) this.drop(connection);
    if (this.#idle.size > 0) return;
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
  };

  #forget(connection: Connection): void {
    this.#all.delete(connection);
    const here = this.#idleAt.get(connection.key);
    if (connection.entry && here) {
      this.#idle.remove(connection.entry);
      connection.entry = undefined;
      here.splice(here.lastIndexOf(connection), 1);
    }
    // Only here: while a connection comes and goes, its key keeps its place.
    if (here?.length === 0) this.#idleAt.delete(connection.key);
  }
}
