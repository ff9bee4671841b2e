import { FetchError } from '../../http/error.ts';
import type { WireHead } from '../../http/exchange-archive.ts';
import type { Call } from '../../call/call.ts';
import type { TransportOptions } from '../options.ts';
import type { Done, Outcome } from '../../call/outcome.ts';
import { idempotentMethods, type FetchRequest } from '../../http/request.ts';
import type { ConnectTimings } from '../connect/connector.ts';
import { proxyWantsCredentials } from '../connect/proxy/proxy-credentials.ts';
import type { BodyBudget } from '../response/body-budget.ts';
import { toExchangeError } from '../response/exchange-error.ts';
import { framingOf, type Framing } from '../response/framing.ts';
import type { ResponseFields } from '../response/response-headers.ts';
import { ResponseReader, type Wire } from '../response/response-reader.ts';
import type { Connection, ConnectionUser } from './connection.ts';
import type { Connections } from './connections.ts';
import { RequestTrace } from './request-trace.ts';
import type { ParsedHead } from './response-parser.ts';

/** The means of an {@link Exchange}. */
export interface ExchangeMeans {
  readonly connections: Connections;
  readonly options: TransportOptions;
  readonly budget: BodyBudget;
}

/** One request and its response on one connection. */
export class Exchange implements ConnectionUser, Wire {
  readonly request: FetchRequest;
  readonly trace: RequestTrace | undefined;
  readonly #connection: Connection;
  readonly #connections: Connections;
  readonly #reader: ResponseReader;
  /** True if the connection had carried another request before. */
  readonly #isReused: boolean;
  /** True once any byte of the request may have been sent. */
  #hasSpoken = false;
  /** True once any byte of a response arrived. */
  #hasResponseBytes = false;
  /** True if the response may not be the one to this request. */
  #isDoubtful = false;
  #framing: Framing = 'framed';

  constructor(request: FetchRequest, call: Call, connection: Connection, means: ExchangeMeans, done: Done) {
    this.request = request;
    this.trace = RequestTrace.start(request, call);
    this.#connection = connection;
    this.#connections = means.connections;
    this.#isReused = connection.served > 0;
    const { options, budget } = means;
    const { proxy, isForward: isForwarded } = connection.route ?? {};
    const readerMeans = { options, budget, wire: this, proxy: proxy?.name, isForwarded };
    this.#reader = new ResponseReader(request, call, readerMeans, done);
  }

  start(): void {
    this.#connection.reserve(this);
    if (this.#reader.begin()) this.#connections.start(this.#connection);
  }

  /**
   * Tells whether the request can be sent once more on a new connection, unnoticed by anybody: its connection was being closed
   * (RFC 9112 section 9.3.1) or had bytes on it that belong to no request, and the request was not sent or may be sent twice.
   */
  canBeSentAgain(outcome: Outcome): boolean {
    if (outcome.kind !== 'failure' || !this.#isReused) return false;
    const { code } = outcome.error;
    const isStale = !this.#hasResponseBytes && (code === 'CONN_RESET' || code === 'NO_RESPONSE');
    const isGarbled = !this.#reader.hasHead && code === 'HTTP_PROTOCOL';
    if (!isStale && !isGarbled && !this.#isDoubtful) return false;
    return !this.#hasSpoken || idempotentMethods.has(this.request.method);
  }

  onSent(connecting: ConnectTimings | undefined): void {
    this.#hasSpoken = true;
    this.#reader.sent(connecting);
  }

  onResponseBegin(): void {
    this.#hasResponseBytes = true;
  }

  onInterim(): void {
    this.#reader.interim();
  }

  onHead(head: ParsedHead, { headers, locations }: ResponseFields): void {
    if (this.#refuseDoubtful()) return;
    const { status } = head;
    const { route } = this.#connection;
    // Without a proxy, and behind a tunnel, it is the server's.
    if (status === 407 && route?.isForward) return this.#reader.giveUp(proxyWantsCredentials(route.proxy));
    this.#framing = framingOf(this.request.method, status, headers);
    if (this.request.keeper) this.#reader.observe(wireHead(head));
    this.#reader.start({ status, headers, locations });
    if (typeof this.#framing !== 'string') this.#reader.giveUp(this.#framing);
  }

  onBody(piece: Uint8Array): void {
    this.#reader.data(piece);
  }

  onEnd(): void {
    this.trace?.ended();
    if (!this.#reader.isSettled && this.#refuseDoubtful()) return;
    this.#reader.end(this.#framing === 'unverified' ? 'unverified' : 'framed');
  }

  onError(error: Error): void {
    this.trace?.failed(error);
    const { hasHead } = this.#reader;
    this.#reader.giveUp(toExchangeError(error, { hasHead }, this.request.origin + this.request.path));
  }

  pause(): void {
    if (this.#connection.isUsedBy(this)) this.#connection.pause();
  }

  resume(): void {
    if (this.#connection.isUsedBy(this)) this.#connection.resume();
  }

  release(): void {
    if (!this.#connection.isUsedBy(this)) return;
    this.trace?.failed(new Error('no longer wanted'));
    this.#connections.drop(this.#connection);
  }

  /** Refuses a response that may have been there before the request. Returns true if it did. */
  #refuseDoubtful(): boolean {
    if (!this.#isReused || !this.#connections.isDoubtful(this.#connection)) return false;
    this.#isDoubtful = true;
    const message = 'The server sent more than it was asked for, so nobody knows which request this response is for';
    this.#reader.giveUp(new FetchError('HTTP_PROTOCOL', message));
    return true;
  }
}

function wireHead({ status, statusText, fields, minorVersion }: ParsedHead): WireHead {
  return { protocol: minorVersion === 0 ? 'HTTP/1.0' : 'HTTP/1.1', status, statusText, fields };
}
