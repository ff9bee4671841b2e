import { constants, type ClientHttp2Session, type ClientHttp2Stream, type OutgoingHttpHeaders } from 'node:http2';
import { FetchError } from '../../http/error.ts';
import type { Call } from '../../call/call.ts';
import type { TransportOptions } from '../options.ts';
import type { Done, Outcome } from '../../call/outcome.ts';
import { idempotentMethods, type FetchRequest } from '../../http/request.ts';
import { isBodyless } from '../response/framing.ts';
import type { BodyBudget } from '../response/body-budget.ts';
import { ResponseReader, type Head, type Wire } from '../response/response-reader.ts';
import { locationsOf, plainHeaders } from '../response/response-headers.ts';
import { maxHeadBytes } from '../response/limits.ts';
import { streamError } from './stream-error.ts';
import type { Opened, Session } from './session.ts';
import type { Sessions } from './sessions.ts';

/** The events of an HTTP/2 exchange. One of the two happens, once. */
export interface Http2ExchangeEvents {
  readonly done: Done;
  /** The server speaks, or wants, HTTP/1.1. */
  speaksHttp1(): void;
}

/** One request and its response on one stream of a session. Gives its session back once. */
export class Http2Exchange implements Wire {
  readonly #request: FetchRequest;
  readonly #session: Session;
  readonly #sessions: Sessions;
  readonly #reader: ResponseReader;
  readonly #events: Http2ExchangeEvents;
  #stream: ClientHttp2Stream | undefined;
  #hasLeft = false;
  /** True once any frame of a response arrived. */
  #hasResponseBytes = false;
  /** True if the server is known not to have processed the request. */
  #isRefused = false;
  /** True once the server ended the stream. */
  #isEnded = false;
  /** True once the whole body was passed to the reader. */
  #isRead = false;
  /** Body bytes received, passed on or not. */
  #received = 0;
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
    this.#session = over.session;
    this.#sessions = over.sessions;
    this.#events = events;
    this.#reader = new ResponseReader(request, call, { ...over, wire: this }, events.done);
  }

  start(): void {
    if (this.#reader.begin()) this.#session.whenOpen(this.#onOpened);
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
    this.#stream?.pause();
  }

  resume(): void {
    this.#stream?.resume();
  }

  release(): void {
    if (this.#hasLeft) return;
    this.#hasLeft = true;
    this.#session.stopWaiting(this.#onOpened);
    this.#stream?.close(constants.NGHTTP2_CANCEL);
    this.#stream?.destroy();
    this.#sessions.free(this.#session);
  }

  readonly #onOpened = (opened: Opened): void => {
    if (opened instanceof FetchError) this.#reader.giveUp(opened);
    else if (opened === 'http/1.1') this.#goElsewhere();
    else this.#send(opened);
  };

  #send(session: ClientHttp2Session): void {
    const { body } = this.#request;
    if (session.closed || session.destroyed) {
      this.#isRefused = true;
      return this.#reader.giveUp(new FetchError('CONN_RESET', 'The server ended the connection'));
    }
    let stream: ClientHttp2Stream;
    try {
      stream = session.request(requestHeaders(this.#request), { endStream: body === undefined });
    } catch (error) {
      const message = error instanceof Error ? error.message : 'Cannot be sent over HTTP/2';
      return this.#reader.giveUp(new FetchError('REQUEST_INVALID', message, { cause: error }));
    }
    this.#stream = stream;
    this.#servedBefore = this.#session.served;
    this.#bytesBefore = this.#session.bytesRead;
    this.#request.keeper?.sent(plainHead(this.#request), body);
    this.#reader.sent(this.#servedBefore > 0 ? undefined : this.#session.timings);
    this.#listen(stream);
    if (body !== undefined) stream.end(body);
  }

  #listen(stream: ClientHttp2Stream): void {
    this.#noteEnd(stream);
    stream.on('headers', () => {
      this.#session.heads += 1;
      this.#hasResponseBytes = true;
      this.#reader.interim();
    });
    stream.on('response', (headers, _flags, raw) => this.#onResponse(Number(headers[':status']), raw));
    stream.on('end', () => {
      if (this.#isEnded && this.#head) this.#finish(stream);
    });
    stream.on('frameError', (_type, errorCode) => {
      if (errorCode !== constants.NGHTTP2_FRAME_SIZE_ERROR) return;
      this.#reader.giveUp(new FetchError('REQUEST_INVALID', 'The request head is larger than 1 MB'));
    });
    stream.on('error', (error) => {
      this.#error = error;
    });
    stream.on('close', () => this.#onClose(stream));
  }

  /**
   * Notes END_STREAM. Node ends a stream in the same way when its server reset it with NO_ERROR or CANCEL in mid-body,
   * but then the stream is already closed when its readable side ends.
   */
  #noteEnd(stream: ClientHttp2Stream): void {
    const push = stream.push.bind(stream);
    stream.push = (chunk: Buffer | null, encoding?: BufferEncoding): boolean => {
      if (chunk !== null) this.#countBody(chunk);
      else if (!stream.closed) this.#isEnded = true;
      return push(chunk, encoding);
    };
  }

  #countBody({ length }: Buffer): void {
    this.#received += length;
    this.#session.bodyBytes += length;
  }

  #onResponse(status: number, raw: readonly string[]): void {
    this.#session.heads += 1;
    this.#hasResponseBytes = true;
    if (this.#reader.isSettled) return;
    if (headSize(raw) > maxHeadBytes) {
      return this.#reader.giveUp(new FetchError('HEADERS_TOO_LARGE', 'The response head is larger than 64 KB'));
    }
    if (status < 200) {
      return this.#reader.giveUp(new FetchError('HTTP_PROTOCOL', `The response has the status ${status}`));
    }
    const fields = fieldsOf(raw);
    this.#head = { status, headers: plainHeaders(fields), locations: locationsOf(fields) };
    if (this.#request.keeper)
      this.#reader.observe({ protocol: 'HTTP/2', status, statusText: '', fields: plainFields(raw) });
    this.#reader.start(this.#head);
    this.#stream?.on('data', (chunk: Buffer) => this.#reader.data(chunk));
  }

  #onClose(stream: ClientHttp2Stream): void {
    if (this.#hasLeft) return;
    // A connection that breaks right after the end of a stream can swallow its end event.
    if (this.#head && this.#isEnded && this.#received === this.#reader.wireLength) this.#finish(stream);
    if (this.#isRead) return this.release();
    const hasHead = this.#head !== undefined;
    // A body of the declared length is whole, whatever happened to its stream afterwards.
    if (this.#head && this.#reader.wireLength === declaredLength(this.#request.method, this.#head)) {
      this.release();
      return this.#reader.end('unverified');
    }
    const { rstCode: code } = stream;
    if (!hasHead && code === constants.NGHTTP2_HTTP_1_1_REQUIRED) return this.#goElsewhere();
    this.#isRefused =
      !hasHead && (code === constants.NGHTTP2_REFUSED_STREAM || (stream.id ?? Infinity) > this.#session.lastStream);
    const bytes = this.#session.bytesRead - this.#bytesBefore;
    const cut = { hasHead, code, error: this.#error, session: this.#session, bytes };
    this.#reader.giveUp(streamError(cut, this.#request.origin + this.#request.path));
  }

  #finish(stream: ClientHttp2Stream): void {
    if (this.#isRead) return;
    this.#isRead = true;
    this.#session.served += 1;
    // The server answered before it had the whole request body. The rest is not needed.
    if (!stream.writableFinished && this.#request.body !== undefined) this.release();
    this.#reader.end('framed');
  }

  #goElsewhere(): void {
    this.#reader.withdraw();
    this.release();
    this.#events.speaksHttp1();
  }
}

/** Header fields that HTTP/2 forbids (RFC 9113 section 8.2.2) but a user may have set. */
const connectionFields = new Set(['proxy-connection', 'http2-settings', 'te']);
const methodsWithBody = new Set(['POST', 'PUT', 'PATCH']);

function requestHeaders({ method, origin: host, path, headers, body }: FetchRequest): OutgoingHttpHeaders {
  const fields = Object.create(null) as Record<string, string | string[]>;
  fields[':method'] = method;
  fields[':scheme'] = 'https';
  fields[':authority'] = host.slice('https://'.length);
  fields[':path'] = path;
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at]!.toLowerCase();
    if (!connectionFields.has(name)) add(fields, name, headers[at + 1]!);
  }
  if (body !== undefined) fields['content-length'] = String(body.length);
  else if (methodsWithBody.has(method)) fields['content-length'] = '0';
  return fields;
}

/** The head of a request as HTTP/1.1 has it, for an archive. */
function plainHead(request: FetchRequest): string {
  const { ':authority': authority, ...fields } = requestHeaders(request);
  const lines = Object.entries(fields)
    .filter(([name]) => !name.startsWith(':'))
    .flatMap(([name, value]) => [value].flat().map((text) => `${name}: ${text}\r\n`));
  return `${request.method} ${request.path} HTTP/1.1\r\nhost: ${String(authority)}\r\n${lines.join('')}\r\n`;
}

/** Leaves pseudo-headers out of a list: name, value, name, value, ... */
function plainFields(raw: readonly string[]): string[] {
  return raw.filter((_, at) => !raw[at - (at % 2)]!.startsWith(':'));
}

/** Groups a list (name, value, name, value, ...) by name, without pseudo-headers. */
function fieldsOf(raw: readonly string[]): Readonly<Record<string, string | string[]>> {
  const fields = Object.create(null) as Record<string, string | string[]>;
  for (let at = 0; at < raw.length; at += 2) {
    if (!raw[at]!.startsWith(':')) add(fields, raw[at]!, raw[at + 1]!);
  }
  return fields;
}

function add(fields: Record<string, string | string[]>, name: string, value: string): void {
  const before = fields[name];
  if (before === undefined) fields[name] = value;
  else if (typeof before === 'string') fields[name] = [before, value];
  else before.push(value);
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
