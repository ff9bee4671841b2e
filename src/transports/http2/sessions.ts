import type { TransportOptions } from '../options.ts';
import type { Connector } from '../connect/connector.ts';
import type { Route } from '../connect/route.ts';
import { OverheadWatch } from '../response/overhead-watch.ts';
import { maxIdleConnections } from '../response/limits.ts';
import { assumedStreams, Session, type SessionEvents } from './session.ts';

/** All sessions of one fetcher: as few for each host as its server allows. Idle ones are closed after a few seconds. */
export class Sessions {
  readonly #connector: Connector;
  readonly #events: SessionEvents;
  /** Sessions that may take more exchanges, by key. */
  readonly #offered = new Map<string, Session[]>();
  /** Idle sessions, the one idle for longest first. */
  readonly #idle = new Set<Session>();
  readonly #all = new Set<Session>();
  readonly #watch = new OverheadWatch();
  readonly #maxIdle: number;

  constructor(options: TransportOptions, connector: Connector, onHttp1: SessionEvents['onHttp1']) {
    this.#connector = connector;
    this.#events = {
      onHttp1,
      onRetired: (session) => this.#withdraw(session),
      onIdle: (session) => this.#drop(session),
    };
    this.#maxIdle = maxIdleConnections(options.concurrency);
  }

  /** Returns a session with room for one exchange, or a new one, but never `not`. */
  take(host: string, route?: Route, not?: Session): Session {
    const offered = this.#offered.get(route?.key ?? host);
    const session =
      offered?.find((one) => one !== not && one.inFlight < one.maxStreams) ??
      this.#open(host, route, offered?.at(-1)?.maxStreams ?? assumedStreams);
    session.inFlight += 1;
    if (this.#idle.delete(session)) session.keep();
    return session;
  }

  /** Gives a session back after an exchange. */
  free(session: Session): void {
    session.inFlight -= 1;
    if (session.inFlight > 0) return;
    if (session.isRetired) return this.#drop(session);
    this.#idle.add(session);
    session.rest();
    const [oldest] = this.#idle;
    if (this.#idle.size > this.#maxIdle && oldest) this.#drop(oldest);
  }

  /** Closes all idle sessions: their file descriptors are needed. */
  dropIdle(): void {
    for (const session of this.#idle) this.#drop(session);
  }

  async close(): Promise<void> {
    await Promise.all(Array.from(this.#all, (session) => this.#end(session)));
  }

  #open(host: string, route: Route | undefined, maxStreams: number): Session {
    const session = new Session({ host, route, maxStreams }, this.#connector, this.#events);
    this.#all.add(session);
    this.#watch.add(session);
    if (session.isRetired) return session;
    const offered = this.#offered.get(session.key);
    if (offered) offered.push(session);
    else this.#offered.set(session.key, [session]);
    return session;
  }

  #withdraw(session: Session): void {
    const offered = this.#offered.get(session.key);
    const at = offered?.indexOf(session) ?? -1;
    if (at >= 0) offered!.splice(at, 1);
    if (offered?.length === 0) this.#offered.delete(session.key);
    if (this.#idle.has(session)) this.#drop(session);
  }

  #drop(session: Session): void {
    void this.#end(session);
  }

  #end(session: Session): Promise<void> {
    this.#idle.delete(session);
    this.#all.delete(session);
    this.#watch.delete(session);
    session.retire();
    return session.destroy();
  }
}
