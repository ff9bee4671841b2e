import { connect, type ClientHttp2Session, type SecureClientSessionOptions } from 'node:http2';
import type { Socket } from 'node:net';
import { FetchError } from '../../http/error.ts';
import type { Connector, ConnectTimings } from '../connect/connector.ts';
import type { Endpoint } from '../connect/endpoint.ts';
import { overheadError } from '../response/exchange-error.ts';
import type { Metered } from '../response/overhead-watch.ts';

/** How many streams a server allows until it says so (RFC 9113 section 6.5.2 recommends no fewer). */
export const assumedStreams = 100;
/** How long a session without a stream is kept. */
const idleMs = 4000;
/** How many bytes may be under way to us unread: for a stream, and for all of a session. */
const streamWindow = 1024 * 1024;
const sessionWindow = 16 * streamWindow;

const http2Options: SecureClientSessionOptions = {
  settings: {
    enablePush: false,
    initialWindowSize: streamWindow,
    // Heads are held to our own limit. These bound what one can unfold to, and lie beyond it, so that ours speaks first.
    maxHeaderListSize: 256 * 1024,
  },
  maxHeaderListPairs: 2048,
  // As in HTTP/1, it is the server who says what is too long for it.
  maxSendHeaderBlockLength: 1024 * 1024,
  // In megabytes. Nearly all of it are bodies that we send, and have in memory as it is.
  maxSessionMemory: 10_000,
};

/** What came of opening a session. */
export type Opened = ClientHttp2Session | 'http/1.1' | FetchError;

/** What its owner hears of a session. */
export interface SessionEvents {
  /** The server does not speak HTTP/2. The socket is good for HTTP/1. */
  onHttp1(session: Session, socket: Socket): void;
  /** It is of no use for anything new, or not any more. */
  onRetired(session: Session): void;
  /** It has carried nothing for a while. */
  onIdle(session: Session): void;
}

/** One connection that speaks HTTP/2, or is about to: many exchanges at a time. */
export class Session implements Metered {
  readonly host: string;
  readonly destination: Endpoint;
  /** What it took to make the connection. */
  timings: ConnectTimings = {};
  /** How many exchanges it carries, or will. */
  inFlight = 0;
  /** Responses that came over it; above 0, its server may have closed it without our knowing. */
  served = 0;
  bodyBytes = 0;
  heads = 0;
  /** How many streams it can carry at once. */
  maxStreams: number;
  /** The last stream that a server who takes leave (GOAWAY) may have looked at. */
  lastStream: number = Infinity;
  isRetired = false;
  /** Whether its connection has ended. */
  isDead = false;
  readonly #events: SessionEvents;
  readonly #waiting = new Set<(opened: Opened) => void>();
  readonly #abandon: () => void;
  #opened: Opened | undefined;
  #socket: Socket | undefined;
  #idleTimer: NodeJS.Timeout | undefined;
  #inFlightAtEnd: number | undefined;

  constructor(host: string, maxStreams: number, connector: Connector, events: SessionEvents) {
    this.host = host;
    this.destination = destinationOf(host);
    this.maxStreams = maxStreams;
    this.#events = events;
    this.#abandon = connector({ ...this.destination, protocols: ['h2', 'http/1.1'] }, (socket, error, timings) => {
      this.timings = timings;
      this.#open(socket, error);
    });
  }

  /** Bytes that have come over it so far. */
  get bytesRead(): number {
    return this.#socket?.bytesRead ?? 0;
  }

  onOverhead(): void {
    if (typeof this.#opened === 'object' && !(this.#opened instanceof FetchError))
      this.#opened.destroy(overheadError());
  }

  /** Calls back once it is known what it speaks, if anything; at once if it is known already. */
  whenOpen(callback: (opened: Opened) => void): void {
    if (this.#opened) callback(this.#opened);
    else this.#waiting.add(callback);
  }

  /** Takes a callback back. When nobody waits for it any more, it is not opened. */
  stopWaiting(callback: (opened: Opened) => void): void {
    if (!this.#waiting.delete(callback) || this.#waiting.size > 0) return;
    this.#abandon();
    this.retire();
  }

  /** How many exchanges it carried when it broke. The first who asks is told by it, and tells. */
  get inFlightAtEnd(): number {
    this.#inFlightAtEnd ??= this.inFlight;
    return this.#inFlightAtEnd;
  }

  /** Says that it carries something: the process must not end before it. */
  keep(): void {
    clearTimeout(this.#idleTimer);
    this.#socket?.ref();
  }

  /** Says that it carries nothing. */
  rest(): void {
    this.#socket?.unref();
    this.#idleTimer = setTimeout(() => this.#events.onIdle(this), idleMs).unref();
  }

  /** It takes nothing new. What it carries goes on. */
  retire(): void {
    if (this.isRetired) return;
    this.isRetired = true;
    this.#events.onRetired(this);
  }

  /** Ends it, with all it carries. Resolves once its socket is closed. */
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
      // This says goodbye (GOAWAY), but would wait for the server to close; so the rest is ours.
      opened.destroy();
      socket.destroy();
    });
  }

  #open(socket: Socket | undefined, error: FetchError | undefined): void {
    if (!socket) {
      this.#tell(error ?? new FetchError('INTERNAL', 'No connection, and no reason why'));
    } else if ('alpnProtocol' in socket && socket.alpnProtocol === 'h2') {
      this.#tell(this.#speakOver(socket));
    } else {
      this.#events.onHttp1(this, socket);
      this.#tell('http/1.1');
    }
  }

  #speakOver(socket: Socket): ClientHttp2Session {
    const session = connect(this.host, { ...http2Options, createConnection: () => socket });
    session.setLocalWindowSize(sessionWindow);
    this.#socket = socket;
    socket.once('close', () => {
      this.isDead = true;
      this.retire();
    });
    session.on('remoteSettings', ({ maxConcurrentStreams = Infinity }) => {
      // A server that allows none for now will allow some later: to open more connections would not help.
      this.maxStreams = maxConcurrentStreams === 0 ? assumedStreams : maxConcurrentStreams;
    });
    session.on('goaway', (_code, lastStream) => {
      this.lastStream = lastStream;
      this.retire();
    });
    session.on('close', () => this.retire());
    // Each stream hears of it, and has more to say.
    session.on('error', () => this.retire());
    return session;
  }

  #tell(opened: Opened): void {
    this.#opened = opened;
    if (typeof opened === 'string' || opened instanceof FetchError) this.retire();
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const callback of waiting) callback(opened);
  }
}

function destinationOf(host: string): Endpoint {
  const { protocol, hostname, port } = new URL(host);
  return { protocol, hostname: hostname.replace(/^\[(.*)\]$/, '$1'), port };
}
