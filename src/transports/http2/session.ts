import type { ClientHttp2Session, SecureClientSessionOptions } from 'node:http2';
import type { Socket } from 'node:net';
import { FetchError } from '../../http/error.ts';
import type { Connector, ConnectTimings } from '../connect/connector.ts';
import { endpointOf, type Endpoint } from '../connect/endpoint.ts';
import type { Route } from '../connect/route.ts';
import { overheadError } from '../response/exchange-error.ts';
import type { Metered } from '../response/overhead-watch.ts';
import { nodeHttp2 } from './node-http2.ts';

/** The streams assumed to be allowed until the server tells (RFC 9113 section 6.5.2 recommends no fewer). */
export const assumedStreams = 100;
/** A session without streams is kept this long. */
const idleMs = 4000;
/** The most bytes a server may send ahead of our reading, for one stream and for a session. */
const streamWindow = 1024 * 1024;
const sessionWindow = 16 * streamWindow;

const http2Options: SecureClientSessionOptions = {
  settings: {
    enablePush: false,
    initialWindowSize: streamWindow,
    // These bound what a head can unfold to. Our own limit is lower, so that its error comes first.
    maxHeaderListSize: 256 * 1024,
  },
  maxHeaderListPairs: 2048,
  // As in HTTP/1.1, the server decides what is too long for it.
  maxSendHeaderBlockLength: 1024 * 1024,
  // In megabytes. Nearly all of it is request bodies, which are in memory anyway.
  maxSessionMemory: 10_000,
};

/** The result of opening a session. */
export type Opened = ClientHttp2Session | 'http/1.1' | FetchError;

/** Who waits for a session to open. */
export interface SessionUser {
  onOpened(opened: Opened): void;
}

/** The events of a session, for its owner. */
export interface SessionEvents {
  /** The server does not speak HTTP/2. The socket can be used for HTTP/1.1. */
  onHttp1(session: Session, socket: Socket): void;
  /** The session takes no new exchanges from now on. */
  onRetired(session: Session): void;
  /** The session has carried nothing for a while. */
  onIdle(session: Session): void;
}

/** The server of a session, and the way to it. */
interface SessionTarget {
  readonly host: string;
  readonly route: Route | undefined;
  /** The streams assumed to be allowed until the server tells. */
  readonly maxStreams: number;
}

/** One HTTP/2 connection, open or being opened. It carries many exchanges at a time. */
export class Session implements Metered {
  readonly host: string;
  /** The way through a proxy, if there is one. */
  readonly route: Route | undefined;
  /** Sessions with the same key can take each other's requests. */
  readonly key: string;
  readonly destination: Endpoint;
  /** Duration of each step of opening the connection, in milliseconds. */
  timings: ConnectTimings = {};
  /** Exchanges it carries, or will once it is open. */
  inFlight = 0;
  /** Responses received over it. Above 0, the server may have closed it without our knowing. */
  served = 0;
  bodyBytes = 0;
  heads = 0;
  /** The most streams it can carry at once. */
  maxStreams: number;
  /** The last stream that the server may have processed, from its GOAWAY. */
  lastStream: number = Infinity;
  isRetired = false;
  /** True once its connection has ended. */
  isDead = false;
  readonly #events: SessionEvents;
  readonly #waiting = new Set<SessionUser>();
  readonly #abandon: () => void;
  #opened: Opened | undefined;
  #socket: Socket | undefined;
  #idleTimer: NodeJS.Timeout | undefined;
  #inFlightAtEnd: number | undefined;

  constructor({ host, route, maxStreams }: SessionTarget, connector: Connector, events: SessionEvents) {
    this.host = host;
    this.route = route;
    this.key = route?.key ?? host;
    this.destination = endpointOf(host, route);
    this.maxStreams = maxStreams;
    this.#events = events;
    this.#abandon = connector({ ...this.destination, protocols: ['h2', 'http/1.1'] }, (socket, error, timings) => {
      this.timings = timings;
      this.#open(socket, error);
    });
  }

  /** Bytes received so far. */
  get bytesRead(): number {
    return this.#socket?.bytesRead ?? 0;
  }

  onOverhead(): void {
    if (typeof this.#opened === 'object' && !(this.#opened instanceof FetchError))
      this.#opened.destroy(overheadError());
  }

  /** Tells a user once the session is open, speaks HTTP/1.1 or has failed; at once if that is known. */
  whenOpen(user: SessionUser): void {
    if (this.#opened) user.onOpened(this.#opened);
    else this.#waiting.add(user);
  }

  /** The user no longer waits. A session that nobody waits for is not opened. */
  stopWaiting(user: SessionUser): void {
    if (!this.#waiting.delete(user) || this.#waiting.size > 0) return;
    this.#abandon();
    this.retire();
  }

  /** Exchanges it carried when it broke. The first call fixes the number. */
  get inFlightAtEnd(): number {
    this.#inFlightAtEnd ??= this.inFlight;
    return this.#inFlightAtEnd;
  }

  /** Notes that it carries something: the process must not end before that has. */
  keep(): void {
    clearTimeout(this.#idleTimer);
    this.#socket?.ref();
  }

  /** Notes that it carries nothing. */
  rest(): void {
    this.#socket?.unref();
    this.#idleTimer = setTimeout(() => this.#events.onIdle(this), idleMs).unref();
  }

  /** Takes no new exchanges. Those it carries go on. */
  retire(): void {
    if (this.isRetired) return;
    this.isRetired = true;
    this.#events.onRetired(this);
  }

  /** Ends the session and all its exchanges. Resolves once its socket is closed. */
  destroy(): Promise<void> {
    clearTimeout(this.#idleTimer);
    this.#abandon();
    const opened = this.#opened;
    const socket = this.#socket;
    if (!socket || socket.destroyed || typeof opened !== 'object' || opened instanceof FetchError) {
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      socket.once('close', () => resolve());
      // This sends GOAWAY but would wait for the server to close, so we close too.
      opened.destroy();
      socket.destroy();
    });
  }

  #open(socket: Socket | undefined, error: FetchError | undefined): void {
    if (!socket) {
      this.#tell(error ?? new FetchError('INTERNAL', 'The connection failed without an error'));
    } else if ('alpnProtocol' in socket && socket.alpnProtocol === 'h2') {
      this.#tell(this.#speakOver(socket));
    } else {
      this.#events.onHttp1(this, socket);
      this.#tell('http/1.1');
    }
  }

  #speakOver(socket: Socket): ClientHttp2Session {
    const session = nodeHttp2().connect(this.host, { ...http2Options, createConnection: () => socket });
    session.setLocalWindowSize(sessionWindow);
    this.#socket = socket;
    socket.once('close', () => {
      this.isDead = true;
      this.retire();
    });
    session.on('remoteSettings', ({ maxConcurrentStreams = Infinity }) => {
      // A server that allows none now will allow some later. More connections would not help.
      this.maxStreams = maxConcurrentStreams === 0 ? assumedStreams : maxConcurrentStreams;
    });
    session.on('goaway', (_code, lastStream) => {
      this.lastStream = lastStream;
      this.retire();
    });
    session.on('close', () => this.retire());
    // Each stream gets the error too, and knows more.
    session.on('error', () => this.retire());
    return session;
  }

  #tell(opened: Opened): void {
    this.#opened = opened;
    if (typeof opened === 'string' || opened instanceof FetchError) this.retire();
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const user of waiting) user.onOpened(opened);
  }
}
