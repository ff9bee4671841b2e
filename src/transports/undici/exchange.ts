import type { Socket } from 'node:net';
import type { Dispatcher } from 'undici';
import { FetchError } from '../../http/error.ts';
import type { Call } from '../../call/call.ts';
import type { TransportOptions } from '../options.ts';
import type { Done } from '../../call/outcome.ts';
import type { FetchRequest } from '../../http/request.ts';
import { ResponseReader, type Wire } from '../response/response-reader.ts';
import { locationsOf, plainHeaders, type RawHeaders } from '../response/response-headers.ts';
import type { Connection, Connections } from './connections.ts';
import { toExchangeError, hasPeer, isPaddedContentLength } from '../response/exchange-error.ts';
import { framingOf, type Framing } from '../response/framing.ts';

/** One request and its response on one connection, as undici's handler. It gives its connection back once. */
export class Exchange implements Dispatcher.DispatchHandler, Wire {
  /** Whether the request, or some of it, went out. */
  hasSpoken = false;
  /** Whether any byte of a response came. */
  hasResponseBytes = false;
  /** Whether the connection had served another request before. */
  isReused = false;
  readonly #request: FetchRequest;
  readonly #connection: Connection;
  readonly #connections: Connections;
  readonly #reader: ResponseReader;
  #controller: Dispatcher.DispatchController | undefined;
  #isConnectionFree = false;
  #framing: Framing = 'framed';
  #declaredLength: string | undefined;

  constructor(
    request: FetchRequest,
    call: Call,
    over: { connection: Connection; connections: Connections; options: TransportOptions },
    done: Done,
  ) {
    this.#request = request;
    this.#connection = over.connection;
    this.#connections = over.connections;
    this.#reader = new ResponseReader(request, call, over.options, this, done);
  }

  start(): void {
    if (!this.#reader.begin()) return;
    // Here too: undici waits a turn before it uses a connection again, and that may be the turn in which it breaks.
    this.isReused = this.#connection.served > 0;
    this.#connection.client.dispatch(this.#request as Dispatcher.DispatchOptions, this);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#reader.isSettled) return controller.abort(new Error('stopped before it was sent'));
    this.hasSpoken = true;
    this.isReused = this.#connection.served > 0;
    this.#reader.sent(this.isReused ? undefined : this.#connection.timings);
  }

  onResponseStarted(): void {
    this.hasResponseBytes = true;
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, raw: RawHeaders): void {
    this.hasResponseBytes = true;
    if (status < 200) return this.#reader.interim();
    const headers = plainHeaders(raw);
    this.#framing = framingOf(this.#request.method, status, headers);
    this.#declaredLength = headers['content-length'] as string | undefined;
    this.#reader.start({ status, headers, locations: locationsOf(raw) });
    if (typeof this.#framing !== 'string') this.#reader.giveUp(this.#framing);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#reader.data(chunk);
  }

  onResponseEnd(): void {
    // undici takes a reset for the end of a body that has no length; the socket knows better.
    const reset = this.#framing === 'unverified' ? resetOf(this.#connection.socket) : undefined;
    if (reset) return this.onResponseError(this.#controller, reset);
    this.#connection.served += 1;
    this.#freeConnection();
    // Not at once: a request that went to undici in the midst of this would be sent without its look at whether the server
    // has said more than it was asked (GHSA-35p6-xmwp-9g52).
    queueMicrotask(this.#endReception);
  }

  readonly #endReception = (): void => this.#reader.end(this.#framing === 'unverified' ? 'unverified' : 'framed');

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: Error): void {
    if (isPaddedContentLength(error, this.#declaredLength, this.#reader.wireLength)) {
      this.#reader.end('framed');
      return this.release();
    }
    const url = this.#request.origin + this.#request.path;
    const { hasHead } = this.#reader;
    this.#reader.giveUp(toExchangeError(error, { hasHead }, url));
  }

  pause(): void {
    this.#controller?.pause();
  }

  resume(): void {
    this.#controller?.resume();
  }

  release(): void {
    if (this.#isConnectionFree) return;
    this.#isConnectionFree = true;
    if (this.#controller && !this.#controller.aborted) this.#controller.abort(new Error('no longer wanted'));
    this.#connections.drop(this.#connection);
  }

  #freeConnection(): void {
    if (this.#isConnectionFree) return;
    this.#isConnectionFree = true;
    this.#connections.free(this.#connection);
  }
}

/** The reset that ended a connection, if that is how it ended. */
function resetOf(socket: Socket | undefined): Error | undefined {
  if (!socket) return undefined;
  if (socket.errored) return socket.errored;
  if (hasPeer(socket)) return undefined;
  const cause = new Error('the connection has lost its peer');
  return new FetchError('BODY_TRUNCATED', 'The connection was reset at the end of the body', { cause });
}
