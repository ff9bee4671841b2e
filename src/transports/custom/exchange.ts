import { shown } from '../../check.ts';
import type { Call } from '../../call/call.ts';
import type { Done } from '../../call/outcome.ts';
import { FetchError } from '../../http/error.ts';
import type { FetchRequest } from '../../http/request.ts';
import type { TransportOptions } from '../options.ts';
import type { BodyBudget } from '../response/body-budget.ts';
import { isBodyless } from '../response/framing.ts';
import { ResponseReader, type Head, type Wire } from '../response/response-reader.ts';
import { readResponse, requireBytes } from './read-response.ts';
import { transportRequest } from './transport-request.ts';
import type { Transport, TransportResponse } from './transport.ts';

/** The parts of one sending over a {@link Transport}. */
export interface CustomSending {
  readonly request: FetchRequest;
  readonly call: Call;
  readonly transport: Transport;
  readonly options: TransportOptions;
  readonly budget: BodyBudget;
  readonly done: Done;
}

/** One request and its response over a user's {@link Transport}. Settles exactly once, whatever the transport does. */
export class CustomExchange implements Wire {
  readonly #request: FetchRequest;
  readonly #call: Call;
  readonly #transport: Transport;
  readonly #reader: ResponseReader;
  readonly #controller = new AbortController();
  #stopReason: unknown;
  /** True once the transport has nothing left to deliver. */
  #isOver = false;
  /** Pending while the reader has no room for more of the body. */
  #room: PromiseWithResolvers<void> | undefined;

  constructor({ request, call, transport, options, budget, done }: CustomSending) {
    this.#request = request;
    this.#call = call;
    this.#transport = transport;
    this.#reader = new ResponseReader(request, call, { options, budget, wire: this }, done);
  }

  start(): void {
    this.#call.begin({ stop: (reason) => this.#stop(reason) });
    if (!this.#reader.isSettled) void this.#run();
  }

  pause(): void {
    this.#room ??= Promise.withResolvers<void>();
  }

  resume(): void {
    this.#room?.resolve();
    this.#room = undefined;
  }

  release(): void {
    this.resume();
    if (this.#isOver || this.#controller.signal.aborted) return;
    this.#controller.abort(this.#stopReason ?? new DOMException('The response is no longer needed', 'AbortError'));
  }

  #stop(reason: unknown): void {
    this.#stopReason = reason;
    this.#reader.stop(reason);
  }

  async #run(): Promise<void> {
    const hadReachedServer = this.#call.mayHaveReachedServer;
    this.#reader.sent(undefined);
    try {
      await this.#receive(await this.#send());
    } catch (cause) {
      const error = asFetchError(cause);
      // Once settled, the call may be at its next attempt already.
      if (!this.#reader.isSettled && isBeforeSending(error)) this.#call.mayHaveReachedServer = hadReachedServer;
      this.#isOver = true;
      this.#reader.giveUp(error);
    }
  }

  async #send(): Promise<TransportResponse> {
    const { signal } = this.#controller;
    const response = await this.#transport.send(transportRequest(this.#request), { signal });
    if (response instanceof FetchError) throw response;
    return response;
  }

  async #receive(response: TransportResponse): Promise<void> {
    const { head, body, complete } = readResponse(response, this.#request.method);
    this.#reader.start(head);
    if (body instanceof Uint8Array) this.#reader.data(body);
    else await this.#readPieces(body);
    this.#isOver = true;
    if (complete === 'framed' && !this.#reader.isSettled)
      requireWhole(head, this.#reader.wireLength, this.#request.method);
    this.#reader.end(complete);
  }

  async #readPieces(body: AsyncIterable<Uint8Array>): Promise<void> {
    for await (const piece of untilCut(body)) {
      // Leaving the loop closes the body.
      if (this.#controller.signal.aborted) return;
      this.#reader.data(requireBytes(piece));
      await this.#room?.promise;
    }
  }
}

/** Passes the pieces of a body on. Throws a `FetchError` if the body ends with an error. */
async function* untilCut(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* body;
  } catch (cause) {
    if (cause instanceof FetchError) throw cause;
    throw new FetchError('BODY_TRUNCATED', `The body was cut off: ${messageOf(cause)}`, { cause });
  }
}

/** Throws a `FetchError` if fewer bytes came than the head promised. */
function requireWhole({ status, headers, isDecoded }: Head, wireLength: number, method: string): void {
  // If the transport has decoded the body, its length differs from the one on the wire.
  if (isDecoded || isBodyless(method, status)) return;
  if (wireLength < Number(headers['content-length'] ?? 0)) {
    throw new FetchError('BODY_TRUNCATED', 'The body is shorter than its Content-Length');
  }
}

function asFetchError(cause: unknown): FetchError {
  if (cause instanceof FetchError) return cause;
  return new FetchError('INTERNAL', `The transport failed: ${messageOf(cause)}`, { cause });
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : shown(cause);
}

/** Tells whether a request that failed with this code has reached no server. */
function isBeforeSending({ code }: FetchError): boolean {
  return /^(DNS|CONNECT|TLS|LOCAL)_/.test(code) || code === 'ADDRESS_BLOCKED';
}
