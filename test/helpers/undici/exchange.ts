import type { Socket } from 'node:net';
import type { Dispatcher } from 'undici';
import { FetchError } from '../../../src/http/error.ts';
import type { Call } from '../../../src/call/call.ts';
import type { TransportOptions } from '../../../src/transports/options.ts';
import type { Done, Outcome } from '../../../src/call/outcome.ts';
import { idempotentMethods, type FetchRequest } from '../../../src/http/request.ts';
import type { BodyBudget } from '../../../src/transports/response/body-budget.ts';
import { ResponseReader, type Wire } from '../../../src/transports/response/response-reader.ts';
import { locationsOf, plainHeaders, type RawHeaders } from '../../../src/transports/response/response-headers.ts';
import type { Connection, Connections } from './connections.ts';
import { hasPeer, isPaddedContentLength, toExchangeError } from '../../../src/transports/response/exchange-error.ts';
import { framingOf, type Framing } from '../../../src/transports/response/framing.ts';

/** One request and its response on one connection, as a handler of undici's. Gives its connection back once. */
export class Exchange implements Dispatcher.DispatchHandler, Wire {
  /** True once any byte of the request may have been sent. */
  #hasSpoken = false;
  /** True once any byte of a response arrived. */
  #hasResponseBytes = false;
  /** True if the connection had carried another request before. */
  #isReused = false;
  /** True if the response may not be the one to this request. */
  #isDoubtful = false;
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
    over: { connection: Connection; connections: Connections; options: TransportOptions; budget: BodyBudget },
    done: Done,
  ) {
    this.#request = request;
    this.#connection = over.connection;
    this.#connections = over.connections;
    this.#reader = new ResponseReader(request, call, { ...over, wire: this }, done);
  }

  start(): void {
    if (!this.#reader.begin()) return;
    // Set here too: the connection may break before undici starts the request.
    this.#isReused = this.#connection.served > 0;
    this.#connection.whenPolled(this.#dispatch);
  }

  /**
   * Tells whether the request can safely be sent once more on a new connection: its connection was being closed (RFC
   * 9112 section 9.3.1) or had bytes on it that belong to no request, and the request was not sent or may be sent
   * twice.
   */
  canBeSentAgain(outcome: Outcome): boolean {
    if (outcome.kind !== 'failure' || !this.#isReused) return false;
    const { code } = outcome.error;
    const isStale = !this.#hasResponseBytes && (code === 'CONN_RESET' || code === 'NO_RESPONSE');
    const isGarbled = !this.#reader.hasHead && code === 'HTTP_PROTOCOL';
    if (!isStale && !isGarbled && !this.#isDoubtful) return false;
    return !this.#hasSpoken || idempotentMethods.has(this.#request.method);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#reader.isSettled) return controller.abort(new Error('stopped before it was sent'));
    this.#isReused = this.#connection.served > 0;
    if (!this.#connections.mayCarry(this.#connection, this.#request)) {
      return this.#reader.giveUp(new FetchError('CONN_RESET', 'The connection must not be used again'));
    }
    this.#hasSpoken = true;
    this.#reader.sent(this.#isReused ? undefined : this.#connection.timings);
  }

  onResponseStarted(): void {
    this.#hasResponseBytes = true;
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, raw: RawHeaders): void {
    this.#hasResponseBytes = true;
    this.#connection.heads += 1;
    if (status < 200) return this.#reader.interim();
    this.#connection.isReceiving = true;
    if (this.#refuseDoubtful()) return;
    const headers = plainHeaders(raw);
    this.#framing = framingOf(this.#request.method, status, headers);
    this.#declaredLength = headers['content-length'] as string | undefined;
    this.#reader.start({ status, headers, locations: locationsOf(raw) });
    if (typeof this.#framing !== 'string') this.#reader.giveUp(this.#framing);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#connection.bodyBytes += chunk.length;
    this.#reader.data(chunk);
  }

  onResponseEnd(): void {
    // undici takes a reset for the end of a body without a length. The socket tells them apart.
    const reset = this.#framing === 'unverified' ? resetOf(this.#connection.socket) : undefined;
    if (reset) return this.onResponseError(this.#controller, reset);
    if (!this.#reader.isSettled && this.#refuseDoubtful()) return;
    this.#connection.served += 1;
    this.#freeConnection();
    // undici's parser is still running, and starting a request on another connection now would run it a second time.
    queueMicrotask(this.#endResponse);
  }

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

  readonly #dispatch = (): void => {
    if (this.#reader.isSettled) return;
    // undici reads these fields: origin, path, method, headers and body. A FetchRequest must keep their names and
    // meanings.
    const request: Pick<FetchRequest, 'origin' | 'path' | 'method' | 'headers' | 'body'> = this.#request;
    this.#connection.client.dispatch(request as Dispatcher.DispatchOptions, this);
  };

  readonly #endResponse = (): void => this.#reader.end(this.#framing === 'unverified' ? 'unverified' : 'framed');

  /** Refuses a response that may have been there before the request. Returns true if it did. */
  #refuseDoubtful(): boolean {
    if (!this.#isReused || !this.#connections.isDoubtful(this.#connection)) return false;
    this.#isDoubtful = true;
    const message = 'The server sent unsolicited bytes, so this response may belong to another request';
    this.#reader.giveUp(new FetchError('HTTP_PROTOCOL', message));
    return true;
  }

  #freeConnection(): void {
    if (this.#isConnectionFree) return;
    this.#isConnectionFree = true;
    this.#connections.free(this.#connection);
  }
}

/** Returns the reset that ended a connection, if it was reset. */
function resetOf(socket: Socket | undefined): Error | undefined {
  if (!socket) return undefined;
  if (socket.errored) return socket.errored;
  if (hasPeer(socket)) return undefined;
  const cause = new Error('the connection has lost its peer');
  return new FetchError('BODY_TRUNCATED', 'The connection was reset at the end of the body', { cause });
}
