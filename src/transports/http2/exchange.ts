import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2';
import { Fifo } from '../../collections/fifo.ts';
import { FetchError } from '../../http/error.ts';
import type { Call } from '../../call/call.ts';
import type { TransportOptions } from '../options.ts';
import type { Done, Outcome } from '../../call/outcome.ts';
import { idempotentMethods, type FetchRequest } from '../../http/request.ts';
import { serverAddress } from '../connect/server-address.ts';
import { RequestTrace } from '../http1/request-trace.ts';
import { isBodyless } from '../response/framing.ts';
import type { BodyBudget } from '../response/body-budget.ts';
import { ResponseReader, type Head, type Wire } from '../response/response-reader.ts';
import { responseFields } from '../response/response-headers.ts';
import { maxHeadBytes } from '../response/limits.ts';
import { http2Errors } from './node-http2.ts';
import { streamError } from './stream-error.ts';
import type { Opened, Session, SessionUser } from './session.ts';
import type { Sessions } from './sessions.ts';
import { leaveStream, readOn, useStream, type StreamUser } from './stream-user.ts';

/** The events of an HTTP/2 exchange. One of the two happens, once. */
export interface Http2ExchangeEvents {
  readonly done: Done;
  /** The server speaks, or wants, HTTP/1.1. */
  speaksHttp1(): void;
}

/** One request and its response on one stream of a session. Gives its session back once. */
export class Http2Exchange implements Wire, SessionUser, StreamUser {
  readonly #request: FetchRequest;
  readonly #call: Call;
  readonly #session: Session;
  readonly #sessions: Sessions;
  readonly #reader: ResponseReader;
  readonly #events: Http2ExchangeEvents;
  #stream: ClientHttp2Stream | undefined;
  /** Set if somebody listens to the diagnostics channels. */
  #trace: RequestTrace | undefined;
  #hasLeft = false;
  /** True once any frame of a response arrived. */
  #hasResponseBytes = false;
  /** True if the server is known not to have processed the request. */
  #isRefused = false;
  /** True once the server ended the stream. */
  #isEnded = false;
  /** True once the whole body was passed to the reader. */
  #isRead = false;
  /** Pieces of the body that came before the head was known, or while the reader had no room. */
  #waiting: Fifo<Buffer> | undefined;
  #isPaused = false;
  #head: Head | undefined;
  #error: NodeJS.ErrnoException | undefined;
  /** The responses and the bytes that the session had received when the request was sent. */
  #servedBefore = 0;
  #bytesBefore = 0;

  constructor(
    request: FetchRequest,
    call: Call,
    over: { session: Session; sessions: Sessions; options: TransportOptions; budget: BodyBudget },
    events: Http2ExchangeEvents,
  ) {
    this.#request = request;
    this.#call = call;
    this.#session = over.session;
    this.#sessions = over.sessions;
    this.#events = events;
    this.#reader = new ResponseReader(
      request,
      call,
      { ...over, wire: this, proxy: over.session.route?.proxy.name },
      events.done,
    );
  }

  start(): void {
    if (this.#reader.begin()) this.#session.whenOpen(this);
  }

  /**
   * Tells whether the request can safely be sent once more: its server did not process it (RFC 9113 section 8.7), or
   * was just closing the session.
   */
  canBeSentAgain(outcome: Outcome): boolean {
    if (outcome.kind !== 'failure') return false;
    if (this.#isRefused) return true;
    const { code } = outcome.error;
    const isStale = this.#servedBefore > 0 && !this.#hasResponseBytes && this.#session.isDead;
    return isStale && (code === 'CONN_RESET' || code === 'NO_RESPONSE') && idempotentMethods.has(this.#request.method);
  }

  /** True if no response was received over the session since the request was sent. */
  get isUnanswered(): boolean {
    return this.#stream !== undefined && this.#session.served === this.#servedBefore;
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    // Later: who has room again may be in the middle of something.
    process.nextTick(goOn, this);
  }

  release(): void {
    if (this.#hasLeft) return;
    const stream = this.#stream;
    this.#trace?.failed(new Error('no longer wanted'));
    this.#leave();
    stream?.close(http2Errors.cancel);
    stream?.destroy();
  }

  onOpened(opened: Opened): void {
    if (opened instanceof FetchError) this.#failUnsent(opened);
    else if (opened === 'http/1.1') this.#goElsewhere();
    else this.#send(opened);
  }

  onInterim(): void {
    this.#session.heads += 1;
    this.#hasResponseBytes = true;
    this.#reader.interim();
  }

  onResponse(status: number, fields: readonly string[]): void {
    this.#session.heads += 1;
    this.#hasResponseBytes = true;
    if (this.#reader.isSettled) return;
    if (headSize(fields) > maxHeadBytes) {
      return this.#fail(new FetchError('HEADERS_TOO_LARGE', 'The response headers are larger than 64 KB'));
    }
    if (status < 200) {
      return this.#fail(new FetchError('HTTP_PROTOCOL', `The response has the status ${status}`));
    }
    const { headers, locations } = responseFields(fields, firstField(fields));
    this.#trace?.responded(status, fields.slice(firstField(fields)));
    this.#head = { status, headers, locations };
    if (this.#request.keeper)
      this.#reader.observe({ protocol: 'HTTP/2', status, statusText: '', fields: plainFields(fields) });
    this.#reader.start(this.#head);
    this.goOn();
  }

  onPiece(piece: Buffer): boolean {
    this.#session.bodyBytes += piece.length;
    if (this.#head && !this.#isPaused && !this.#waiting) this.#reader.data(piece);
    else (this.#waiting ??= new Fifo()).push(piece);
    return !this.#isPaused;
  }

  onEnd(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    // Later: Node is still at work on this stream, and the head may be on its way.
    process.nextTick(goOn, this);
  }

  onFrameError(code: number): void {
    if (code !== http2Errors.frameSizeError) return;
    this.#fail(new FetchError('REQUEST_INVALID', 'The request headers are larger than 1 MB'));
  }

  onError(error: NodeJS.ErrnoException): void {
    this.#error = error;
  }

  onClose(): void {
    if (this.#isRead) return this.#leave();
    // The end will follow when the reader has room for the rest.
    if (this.#head && this.#isEnded) return;
    this.#deliver(true);
    if (!this.#hasLeft) this.#endCut(this.#stream!);
  }

  /** Passes on what is here: pieces, then the end. */
  goOn(): void {
    if (!this.#head || this.#hasLeft || this.#isRead) return;
    this.#deliver(false);
    if (this.#hasLeft || this.#waiting) return;
    if (this.#isEnded) this.#finish(this.#stream!);
    else if (!this.#isPaused) readOn(this.#stream!);
  }

  #send(session: ClientHttp2Session): void {
    const { body } = this.#request;
    if (session.closed || session.destroyed) {
      this.#isRefused = true;
      return this.#fail(new FetchError('CONN_RESET', 'The server ended the connection'));
    }
    this.#trace = RequestTrace.start(this.#request, this.#call);
    let stream: ClientHttp2Stream;
    try {
      const request = this.#trace?.requestWith(this.#request) ?? this.#request;
      stream = session.request(requestFields(request), { endStream: body === undefined });
    } catch (error) {
      const message = error instanceof Error ? error.message : 'Cannot be sent over HTTP/2';
      return this.#fail(new FetchError('REQUEST_INVALID', message, { cause: error }));
    }
    this.#stream = stream;
    this.#servedBefore = this.#session.served;
    this.#bytesBefore = this.#session.bytesRead;
    this.#request.keeper?.sent(plainHead(this.#request), body, serverAddress(session.socket, this.#session.route));
    this.#reader.sent(this.#servedBefore > 0 ? undefined : this.#session.timings);
    this.#trace?.sent('', session.socket);
    useStream(stream, this);
    if (body !== undefined) stream.end(body);
  }

  /** Passes on the pieces that wait; those for which there is no room only if it is to be all. */
  #deliver(isAll: boolean): void {
    while (this.#waiting && !this.#hasLeft) {
      if (this.#isPaused && !isAll) return;
      const piece = this.#waiting.shift();
      if (this.#waiting.length === 0) this.#waiting = undefined;
      if (piece && this.#head) this.#reader.data(piece);
    }
  }

  /** Ends what the server has not ended. */
  #endCut(stream: ClientHttp2Stream): void {
    const hasHead = this.#head !== undefined;
    // A body of the declared length is whole, whatever happened to its stream afterwards.
    if (this.#head && this.#reader.wireLength === declaredLength(this.#request.method, this.#head)) {
      this.#trace?.ended();
      this.#leave();
      return this.#reader.end('unverified');
    }
    const { rstCode: code } = stream;
    if (!hasHead && code === http2Errors.http11Required) return this.#goElsewhere();
    this.#isRefused =
      !hasHead && (code === http2Errors.refusedStream || (stream.id ?? Infinity) > this.#session.lastStream);
    const bytes = this.#session.bytesRead - this.#bytesBefore;
    const cut = { hasHead, code, error: this.#error, session: this.#session, bytes };
    this.#fail(streamError(cut, this.#request.origin + this.#request.path));
  }

  #finish(stream: ClientHttp2Stream): void {
    this.#isRead = true;
    this.#session.served += 1;
    this.#trace?.ended();
    if (stream.closed) this.#leave();
    // The server answered before it had the whole request body. The rest is not needed.
    else if (!stream.writableFinished && this.#request.body !== undefined) this.release();
    this.#reader.end('framed');
  }

  #fail(error: FetchError): void {
    this.#trace?.failed(error);
    this.#reader.giveUp(error);
  }

  /** What listens should see a request that failed before it could be sent. */
  #failUnsent(error: FetchError): void {
    this.#trace = RequestTrace.start(this.#request, this.#call);
    this.#fail(error);
  }

  #goElsewhere(): void {
    this.#reader.withdraw();
    this.release();
    this.#events.speaksHttp1();
  }

  /** Gives its session back. */
  #leave(): void {
    this.#hasLeft = true;
    this.#waiting = undefined;
    this.#session.stopWaiting(this);
    if (this.#stream) leaveStream(this.#stream);
    this.#sessions.free(this.#session);
  }
}

function goOn(exchange: Http2Exchange): void {
  exchange.goOn();
}

/** Header fields that HTTP/2 forbids (RFC 9113 section 8.2.2) but a user may have set. */
const connectionFields = new Set(['proxy-connection', 'http2-settings', 'te']);
const methodsWithBody = new Set(['POST', 'PUT', 'PATCH']);

/** Returns the fields of a request as a flat list: name, value, name, value, ... */
function requestFields({ method, origin, path, headers, body }: FetchRequest): string[] {
  const fields = [':method', method, ':scheme', 'https', ':authority', origin.slice('https://'.length), ':path', path];
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at]!.toLowerCase();
    // The value of `:authority`.
    if (name === 'host') fields[5] = headers[at + 1]!;
    else if (!connectionFields.has(name)) fields.push(name, headers[at + 1]!);
  }
  if (body !== undefined) fields.push('content-length', String(body.length));
  else if (methodsWithBody.has(method)) fields.push('content-length', '0');
  return fields;
}

/** The head of a request as HTTP/1.1 has it, for an archive. */
function plainHead(request: FetchRequest): string {
  const fields = requestFields(request);
  const lines = plainFields(fields).map((text, at) => (at % 2 === 0 ? `${text}: ` : `${text}\r\n`));
  return `${request.method} ${request.path} HTTP/1.1\r\nhost: ${fields[5]}\r\n${lines.join('')}\r\n`;
}

/** Leaves pseudo-headers out of a list: name, value, name, value, ... */
function plainFields(fields: readonly string[]): string[] {
  return fields.slice(firstField(fields));
}

/** Returns where the fields begin that are no pseudo-headers. */
function firstField(fields: readonly string[]): number {
  let at = 0;
  while (at < fields.length && fields[at]!.startsWith(':')) at += 2;
  return at;
}

function headSize(raw: readonly string[]): number {
  return raw.reduce((size, text) => size + text.length, 0);
}

/** Returns the declared length of a body; undefined if there is none. */
function declaredLength(method: string, { status, headers }: Head): number | undefined {
  if (isBodyless(method, status)) return 0;
  const length = headers['content-length'];
  return length === undefined ? undefined : Number(length);
}
