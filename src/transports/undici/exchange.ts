import type { Dispatcher } from 'undici';
import { createDecoder, type Decoder } from '../../decoding/decoder.ts';
import { FetchError } from '../../error.ts';
import type { Flight } from '../../flight.ts';
import type { ResolvedOptions } from '../../options.ts';
import { isRedirect } from '../../redirection.ts';
import type { FetchRequest } from '../../request.ts';
import type { ResponseHeaders, Timings } from '../../result.ts';
import type { Outcome } from '../../send.ts';
import type { Connection, Connections } from './connections.ts';
import { exchangeFault } from './fault.ts';
import { framingOf, type Framing } from './framing.ts';
import { locationsOf, plainHeaders, type RawHeaders } from './response-headers.ts';

/** Interim responses (1xx) that a server may send before its own. */
const maxInterim = 20;
/** What is read of a redirect's body, so that its connection can be used again. */
const maxRedirectBodyBytes = 16 * 1024;
const maxRedirectBodyMs = 1000;

/** Where an exchange says what it came to. Exactly one of the two is called, once. */
export interface ExchangeEvents {
  settled(outcome: Outcome): void;
  /** The flight was cancelled. */
  cancelled(reason: unknown): void;
}

/**
 * One request and its response on one connection, as undici's handler. It settles once, and gives its connection back
 * once; a redirect settles at its head, and the rest of it is read in passing.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  /** Whether any byte of a response came. */
  hasHeard = false;
  /** Whether the connection had served another request before. */
  isReused = false;
  readonly #request: FetchRequest;
  readonly #flight: Flight;
  readonly #connection: Connection;
  readonly #connections: Connections;
  readonly #options: ResolvedOptions;
  readonly #events: ExchangeEvents;
  #controller: Dispatcher.DispatchController | undefined;
  #isSettled = false;
  #isConnectionFree = false;
  #timer: NodeJS.Timeout | undefined;
  #sentAt = 0;
  #headAt = 0;
  #interim = 0;
  #status = 0;
  #headers: ResponseHeaders = {};
  #locations: readonly string[] = [];
  #framing: Framing = 'framed';
  #decoder: Decoder | undefined;
  #chunks: Uint8Array[] | undefined;
  #length = 0;
  #wireLength = 0;
  #timings: Timings = {};

  constructor(
    request: FetchRequest,
    flight: Flight,
    over: { connection: Connection; connections: Connections; options: ResolvedOptions },
    events: ExchangeEvents,
  ) {
    this.#request = request;
    this.#flight = flight;
    this.#connection = over.connection;
    this.#connections = over.connections;
    this.#options = over.options;
    this.#events = events;
  }

  start(): void {
    this.#flight.during(this.#stop);
    if (this.#isSettled) return;
    const { method, path, headers, body } = this.#request;
    const options = { method, path, headers: headers as string[] };
    this.#connection.client.dispatch(body === undefined ? options : { ...options, body: asBuffer(body) }, this);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#isSettled) return controller.abort(new Error('stopped before it was sent'));
    this.isReused = this.#connection.served > 0;
    if (!this.isReused) this.#timings = { ...this.#connection.timings };
    this.#sentAt = performance.now();
    this.#startTimer(this.#options.headersTimeoutMs, 'HEADERS_TIMEOUT', 'No response head');
  }

  onResponseStarted(): void {
    this.hasHeard = true;
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, raw: RawHeaders): void {
    this.hasHeard = true;
    if (status < 200) return this.#countInterim();
    this.#headAt = performance.now();
    this.#timings.firstByte = this.#headAt - this.#sentAt;
    clearTimeout(this.#timer);
    this.#status = status;
    this.#locations = locationsOf(raw);
    this.#headers = plainHeaders(raw);
    this.#framing = framingOf(this.#request.method, status, this.#headers);
    if (this.#options.maxRedirects > 0 && isRedirect(status, this.#locations)) return this.#passRedirect();
    this.#startTimer(this.#options.idleTimeoutMs, 'BODY_TIMEOUT', 'No more of the body came');
    this.#startBody();
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#wireLength += chunk.length;
    if (this.#isSettled) {
      if (this.#wireLength > maxRedirectBodyBytes) this.#leaveConnection();
      return;
    }
    if (this.#options.idleTimeoutMs !== Infinity) this.#timer?.refresh();
    if (!this.#decoder) return this.#take(chunk);
    if (!this.#decoder.write(chunk)) controller.pause();
  }

  onResponseEnd(): void {
    // undici takes a reset for the end of a body that has no length; the socket knows better.
    const reset = this.#framing === 'unverified' ? this.#connection.socket?.errored : undefined;
    if (reset) return this.onResponseError(this.#controller, reset);
    this.#connection.served += 1;
    clearTimeout(this.#timer);
    this.#freeConnection();
    if (this.#isSettled) return;
    if (this.#decoder) this.#decoder.end();
    else this.#succeed();
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: Error): void {
    this.#leaveConnection();
    const url = this.#request.host + this.#request.path;
    this.#fail(exchangeFault(error, { hasHead: this.#status > 0 }, url));
  }

  readonly #stop = (reason: unknown): void => {
    if (this.#flight.isCancelled || !(reason instanceof FetchError)) {
      this.#settle(() => this.#events.cancelled(reason));
    } else {
      this.#fail(reason);
    }
    this.#leaveConnection();
  };

  #countInterim(): void {
    this.#interim += 1;
    if (this.#interim > maxInterim)
      this.#giveUp(new FetchError('HTTP_PROTOCOL', 'The server sent too many 1xx responses'));
  }

  #passRedirect(): void {
    this.#startTimer(maxRedirectBodyMs, 'TIMEOUT', '');
    this.#succeed();
  }

  #startBody(): void {
    const { maxBodyBytes, responseBody } = this.#options;
    if (typeof this.#framing !== 'string') return this.#giveUp(this.#framing);
    const encoding = this.#headers['content-encoding'] as string | undefined;
    const declared = Number(this.#headers['content-length'] ?? 0);
    if (!encoding && declared > maxBodyBytes && this.#request.method !== 'HEAD')
      return this.#giveUp(tooLarge(maxBodyBytes));
    if (responseBody === 'buffer') this.#chunks = [];
    if (!encoding) return;
    this.#decoder = createDecoder(encoding, {
      // Decoded pieces are views of a larger buffer: what is kept must not keep that.
      onData: (chunk) => this.#take(this.#chunks ? Uint8Array.from(chunk) : chunk),
      onDrain: () => this.#controller?.resume(),
      onEnd: () => this.#succeed(),
      onError: (error) => this.#giveUp(error),
    });
  }

  #take(chunk: Uint8Array): void {
    this.#length += chunk.length;
    if (this.#length > this.#options.maxBodyBytes) this.#giveUp(tooLarge(this.#options.maxBodyBytes));
    else this.#chunks?.push(chunk);
  }

  #succeed(): void {
    if (this.#isSettled) return;
    const now = performance.now();
    this.#timings.download = now - this.#headAt;
    const { host, path } = this.#request;
    this.#settle(() =>
      this.#events.settled({
        kind: 'response',
        status: this.#status,
        headers: this.#headers,
        locations: this.#locations,
        body: this.#chunks && join(this.#chunks),
        length: this.#length,
        wireLength: this.#wireLength,
        complete: this.#framing as 'framed' | 'unverified',
        finalUrl: host + path,
        redirects: 0,
        timings: this.#timings,
      }),
    );
  }

  /** Ends it on our side, with the connection. */
  #giveUp(error: FetchError): void {
    this.#fail(error);
    this.#leaveConnection();
  }

  #fail(error: FetchError): void {
    const { host, path } = this.#request;
    this.#settle(() =>
      this.#events.settled({
        kind: 'failure',
        error,
        length: this.#length,
        wireLength: this.#wireLength,
        finalUrl: host + path,
        redirects: 0,
        timings: this.#timings,
      }),
    );
  }

  #settle(report: () => void): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    clearTimeout(this.#timer);
    this.#flight.over();
    this.#decoder?.destroy();
    report();
  }

  #freeConnection(): void {
    if (this.#isConnectionFree) return;
    this.#isConnectionFree = true;
    this.#connections.free(this.#connection);
  }

  /** What is still to come on the connection is of no use to anybody. */
  #leaveConnection(): void {
    if (this.#isConnectionFree) return;
    this.#isConnectionFree = true;
    clearTimeout(this.#timer);
    const isShared = this.#connection.inFlight > 1;
    if (this.#controller && !this.#controller.aborted) this.#controller.abort(new Error('no longer wanted'));
    if (isShared) this.#connections.free(this.#connection);
    else this.#connections.drop(this.#connection);
  }

  #startTimer(ms: number, code: 'HEADERS_TIMEOUT' | 'BODY_TIMEOUT' | 'TIMEOUT', what: string): void {
    clearTimeout(this.#timer);
    if (ms === Infinity) return;
    this.#timer = setTimeout(() => this.#giveUp(new FetchError(code, `${what} within ${ms} ms`)), ms);
  }
}

function tooLarge(maxBodyBytes: number): FetchError {
  return new FetchError('BODY_TOO_LARGE', `The body is larger than ${maxBodyBytes} bytes`);
}

function asBuffer(body: Uint8Array): Buffer {
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength);
}

function join(chunks: readonly Uint8Array[]): Uint8Array {
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
}
