import type { Socket } from 'node:net';
import type { Entry } from '../../collections/linked-list.ts';
import type { FetchRequest } from '../../http/request.ts';
import type { Connector, ConnectTimings } from '../connect/connector.ts';
import { endpointOf, type Endpoint } from '../connect/endpoint.ts';
import type { Route } from '../connect/route.ts';
import { serverAddress } from '../connect/server-address.ts';
import { hasPeer, isSilentClose, overheadError } from '../response/exchange-error.ts';
import { hasRoom, newMeter, type Metered } from '../response/overhead-watch.ts';
import { responseFields, type ResponseFields } from '../response/response-headers.ts';
import { keepIdleMsOf, staysOpen } from './keep-alive.ts';
import { readBuffer } from './read-buffer.ts';
import { expectsBody, forwardedHead, hostField, requestHead } from './request-head.ts';
import type { RequestTrace } from './request-trace.ts';
import { maxPieceBytes, ResponseParser, type ParsedHead, type ParserEvents } from './response-parser.ts';
import { closedError, parseError, protocolError } from './wire-error.ts';

/** The use of a connection for one request. */
export interface ConnectionUser {
  readonly request: FetchRequest;
  /** Set if somebody listens to the diagnostics channels. */
  readonly trace: RequestTrace | undefined;
  /** The request is about to be written. `connecting` is how long the connection took, if it has carried no other. */
  onSent(connecting: ConnectTimings | undefined): void;
  /** The first byte of a response, or of an interim one, is here. */
  onResponseBegin(): void;
  onInterim(): void;
  onHead(head: ParsedHead, fields: ResponseFields): void;
  /** A piece of the body, valid only during the call. */
  onBody(piece: Uint8Array): void;
  /** The response is complete, and the connection already with its owner. */
  onEnd(): void;
  onError(error: Error): void;
}

/** The owner of connections. */
export interface ConnectionOwner {
  /** Tells whether a connection that has carried another request may carry this one. */
  mayCarry(connection: Connection, request: FetchRequest): boolean;
  /** An exchange has ended and the connection can be used again. */
  free(connection: Connection): void;
  /** The connection is closing, or must be closed. */
  drop(connection: Connection): void;
  /** The connection brought bytes that nobody asked for. */
  onUnasked(connection: Connection): void;
  /** The server closed the connection and had not said that it would. */
  onSilentClose(connection: Connection): void;
}

/** One connection over HTTP/1.1. It carries one exchange at a time. */
export class Connection implements ParserEvents, Metered {
  /** The origin that it was opened for. */
  readonly origin: string;
  /** The way through a proxy, if there is one. */
  readonly route: Route | undefined;
  /** Connections with the same key can take each other's requests. */
  readonly key: string;
  /** Responses received. Above 0, the server may have closed the connection without our knowing. */
  served = 0;
  bytesRead = 0;
  bodyBytes = 0;
  heads = 0;
  /** When the last exchange ended, in milliseconds on the monotonic clock. */
  freedAt = 0;
  /** When the connection, idle until then, must not be used any more; on the same clock. */
  expiresAt = 0;
  /** True once the socket has been polled since its last response. */
  isPolled = true;
  /** When the socket was polled last, in milliseconds on the monotonic clock. */
  polledAt = 0;
  /** The place among all idle connections; undefined while an exchange uses this one. */
  entry: Entry<Connection> | undefined;
  readonly #endpoint: Endpoint;
  /** The host and port of the origin, for the `Host` field. */
  readonly #host: string;
  readonly #owner: ConnectionOwner;
  readonly #meter = newMeter();
  #timings: ConnectTimings = {};
  #abandon: (() => void) | undefined;
  #socket: Socket | undefined;
  #parser: ResponseParser | undefined;
  #user: ConnectionUser | undefined;
  #isSent = false;
  /** True if the connection stays open after the response under way. */
  #isKept = false;
  /** How long it may be idle after that response, in milliseconds. */
  #keepIdleMs = 0;
  #isReferenced = true;
  #isPaused = false;
  #isClosed = false;
  /** The status of the response under way; 0 before its head. */
  #status = 0;
  /** True once the response is complete; then more bytes are unasked. */
  #isComplete = false;

  constructor(origin: string, owner: ConnectionOwner, route?: Route) {
    this.origin = origin;
    this.route = route;
    this.key = route?.key ?? origin;
    this.#owner = owner;
    this.#host = hostField(origin);
    this.#endpoint = {
      ...endpointOf(origin, route),
      onread: { buffer: readBuffer, callback: (length) => this.#read(readBuffer.subarray(0, length)) },
    };
  }

  /** Reserves the connection for a user. */
  reserve(user: ConnectionUser): void {
    this.#user = user;
  }

  /** Sends the request of its user: at once, or when the connection is open and has been polled. */
  start(connector: Connector): void {
    if (!this.#socket) this.#open(connector);
    else if (this.isPolled) this.#send(this.#user!);
  }

  /** Tells whether an exchange uses this connection now. */
  isUsedBy(user: ConnectionUser): boolean {
    return this.#user === user;
  }

  /** Notes that the socket has been polled since the last response. */
  polled(now: number): void {
    this.isPolled = true;
    this.polledAt = now;
    if (this.#isClosed) return;
    if (this.#user) this.#send(this.#user);
    else this.#reference(false);
  }

  pause(): void {
    this.#isPaused = true;
    this.#socket?.pause();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#socket?.resume();
  }

  /** Closes the connection without a word to its user. Resolves once the socket is closed. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#user = undefined;
    this.#abandon?.();
    this.#parser?.free();
    const socket = this.#socket;
    if (!socket || socket.closed) return;
    await new Promise<void>((resolve) => {
      socket.once('close', () => resolve());
      socket.destroy();
    });
  }

  get wantsStatusText(): boolean {
    return this.#user?.request.keeper !== undefined;
  }

  onBegin(): boolean {
    // More than was asked for, or sooner.
    if (!this.#user || !this.#isSent || this.#isComplete) return false;
    this.#user.onResponseBegin();
    return true;
  }

  onHead(head: ParsedHead): 'body' | 'no body' | 'stop' {
    const { status } = head;
    this.heads += 1;
    const user = this.#user!;
    if (status <= 100) return this.#refuse('bad response');
    if (head.isUpgrade) return this.#refuse('bad upgrade');
    if (status < 200) {
      user.onInterim();
      return 'no body';
    }
    this.#status = status;
    user.trace?.responded(status, head.fields);
    const parsed = responseFields(head.fields);
    const { method } = user.request;
    this.#keepIdleMs = keepIdleMsOf(parsed.headers);
    this.#isKept = this.#keepIdleMs > 0 && staysOpen(method, parsed.headers, head);
    user.onHead(head, parsed);
    return method === 'HEAD' ? 'no body' : 'body';
  }

  onBody(piece: Uint8Array): void {
    this.bodyBytes += piece.length;
    this.#user!.onBody(piece);
  }

  onEnd(): void {
    if (this.#status > 0) this.#isComplete = true;
  }

  onOverhead(): void {
    this.#fail(overheadError());
  }

  #open(connector: Connector): void {
    this.#abandon = connector(this.#endpoint, (socket, error, timings) => {
      this.#abandon = undefined;
      this.#timings = timings;
      if (socket) this.#attach(socket);
      else this.#fail(error ?? new Error('No connection'));
    });
  }

  #attach(socket: Socket): void {
    if (this.#isClosed) {
      socket.destroy();
      return;
    }
    this.#socket = socket;
    this.#parser = new ResponseParser(this);
    // A socket that was not opened with our buffer has no other way; for one that was, this never comes.
    socket.on('data', (chunk: Buffer) => this.#readAll(chunk));
    socket.on('end', () => this.#end());
    socket.on('error', (error) => this.#break(error));
    socket.on('close', () => this.#end());
    // A tunnel leaves its socket paused.
    socket.resume();
    if (this.#user) this.#send(this.#user);
    else this.#reference(false);
  }

  #send(user: ConnectionUser): void {
    const isReused = this.served > 0;
    // A request that is still being written was answered too soon; its end would be taken for this one.
    const isWriting = this.#socket!.writableLength > 0;
    if (isReused && (isWriting || !this.#owner.mayCarry(this, user.request))) {
      const cause = new Error('the connection must not be used again');
      return this.#fail(Object.assign(cause, { code: 'ECONNRESET' }));
    }
    const socket = this.#socket!;
    this.#reference(true);
    user.onSent(isReused ? undefined : this.#timings);
    if (this.#user !== user) return;
    this.#isSent = true;
    const { trace } = user;
    const { body } = user.request;
    const request = trace ? trace.requestWith(user.request) : user.request;
    const head = this.route?.isForward ? forwardedHead(request, this.route.proxy) : requestHead(request, this.#host);
    trace?.sent(head, socket);
    // An archive may be passed on, and the proxy is not its subject.
    request.keeper?.sent(head.replace(/^proxy-authorization: .*\r\n/im, ''), body, serverAddress(socket, this.route));
    if (!body || body.length === 0) {
      socket.write(head, 'latin1');
      return;
    }
    socket.cork();
    socket.write(head, 'latin1');
    socket.write(body);
    socket.uncork();
  }

  #readAll(chunk: Buffer): void {
    for (let at = 0; at < chunk.length && !this.#isClosed; at += maxPieceBytes) {
      this.#read(chunk.subarray(at, at + maxPieceBytes));
    }
  }

  #read(piece: Buffer): boolean {
    if (this.#isClosed) return false;
    this.bytesRead += piece.length;
    if (!this.#isSent) {
      this.#refuseUnasked();
      return false;
    }
    const fault = this.#parser!.execute(piece);
    // Meanwhile the user may have given the connection up.
    if (this.#isClosed) return false;
    if (this.#isComplete) this.#complete(fault !== undefined);
    else if (fault) this.#failParsing(fault);
    else if (!hasRoom(this, this.#meter)) this.onOverhead();
    return !this.#isClosed && !this.#isPaused;
  }

  /** Ends the exchange. The connection is used again, unless more came with the response than was asked for. */
  #complete(hasMore: boolean): void {
    const user = this.#user!;
    this.#user = undefined;
    this.#isSent = false;
    this.#isComplete = false;
    this.#status = 0;
    this.served += 1;
    this.resume();
    if (hasMore && this.#isKept) this.#owner.onUnasked(this);
    const { method, body } = user.request;
    // Servers may take a body that they do not expect for the next request.
    const isBodyExpected = !body || expectsBody(method);
    if (this.#isKept && !hasMore && isBodyExpected) this.#owner.free(this);
    else this.#owner.drop(this);
    user.onEnd();
  }

  #refuse(cause: string): 'stop' {
    const { origin, path } = this.#user!.request;
    this.#fail(protocolError(cause, origin + path));
    return 'stop';
  }

  /** Bytes came before the request was sent. */
  #refuseUnasked(): void {
    this.#owner.onUnasked(this);
    this.#fail(protocolError('bytes that nobody asked for', this.origin));
  }

  #failParsing(fault: Parameters<typeof parseError>[0]): void {
    // Where a response should begin there may be bytes that were there before the request.
    if (this.served > 0 && this.#status === 0) this.#owner.onUnasked(this);
    const { request } = this.#user!;
    this.#fail(parseError(fault, this.#status > 0, request.origin + request.path));
  }

  /** The server has ended the connection, or it was closed in another way. */
  #end(): void {
    if (this.#isClosed) return;
    const socket = this.#socket!;
    if (this.#status > 0 && this.#user) {
      this.#parser!.finish();
      if (this.#isClosed) return;
      // A body without a length may have been cut by a reset.
      if (this.#isComplete && hasPeer(socket) && !socket.errored) return this.#complete(false);
    }
    if (this.served > 0) this.#owner.onSilentClose(this);
    const hasHead = this.#status > 0;
    const { request } = this.#user ?? {};
    this.#fail(closedError(hasHead, hasPeer(socket), request ? request.origin + request.path : this.origin));
  }

  #break(error: Error): void {
    if (this.#isClosed) return;
    if (this.served > 0 && isSilentClose(error)) this.#owner.onSilentClose(this);
    this.#fail(error);
  }

  /** Gives the connection up, and tells its user why. */
  #fail(error: Error): void {
    if (this.#isClosed) return;
    const user = this.#user;
    this.#user = undefined;
    this.#owner.drop(this);
    user?.onError(error);
  }

  /** An idle connection keeps no process alive. */
  #reference(isReferenced: boolean): void {
    if (this.#isReferenced === isReferenced) return;
    this.#isReferenced = isReferenced;
    if (isReferenced) this.#socket!.ref();
    else this.#socket!.unref();
  }

  /** Notes the end of an exchange. */
  rest(now: number): void {
    this.freedAt = now;
    this.expiresAt = now + this.#keepIdleMs;
  }
}
