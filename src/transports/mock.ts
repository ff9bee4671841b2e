import { FetchError } from '../http/error.ts';
import { failed, type Outcome } from '../call/outcome.ts';
import type { ResponseHeaders } from '../http/result.ts';
import type { Send, Transport } from '../call/send.ts';

/** A request to a mock. */
export interface MockRequest {
  /** Origin, path and query. */
  readonly url: string;
  readonly method: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | undefined;
}

/** A mock's reply. */
export interface MockReply {
  /** @default 200 */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** @default an empty body */
  readonly body?: string | Uint8Array;
}

/**
 * Answers one request with a reply or a {@link FetchError}, returned or thrown, now or later. The signal aborts when nobody
 * waits for the answer any more.
 */
export type MockHandler = (
  request: MockRequest,
  signal: AbortSignal,
) => MockReply | FetchError | Promise<MockReply | FetchError>;

/**
 * Creates a transport for tests. It opens no sockets; limits, retries, redirects and timeouts work as usual. If the handler
 * throws anything but a {@link FetchError}, the request fails with the code `INTERNAL`.
 */
export function mockTransport(handler: MockHandler): Transport {
  const send: Send = (request, call, done) => {
    const controller = new AbortController();
    const url = request.origin + request.path;
    const settle = (outcome: Outcome): void => {
      // Too late: the call may be at its next attempt.
      if (controller.signal.aborted) return;
      call.end();
      if (outcome.kind === 'response') call.mayHaveReachedServer = true;
      done(outcome);
    };
    call.begin({
      stop(reason) {
        controller.abort(reason);
        done(call.outcomeOfStop(reason, url));
      },
    });
    if (controller.signal.aborted) return;
    const { method, body } = request;
    void answer(handler, { url, method, headers: byName(request.headers), body }, controller.signal)
      .catch((cause: unknown) => failed(asFetchError(cause), url))
      .then(settle);
  };
  return { send, close: () => Promise.resolve() };
}

async function answer(handler: MockHandler, request: MockRequest, signal: AbortSignal): Promise<Outcome> {
  const reply = await handler(request, signal);
  return reply instanceof FetchError ? failed(reply, request.url) : outcomeOf(reply, request.url);
}

function asFetchError(cause: unknown): FetchError {
  return cause instanceof FetchError
    ? cause
    : new FetchError('INTERNAL', 'The mock threw, or returned no reply', { cause });
}

function outcomeOf({ status = 200, headers = {}, body = '' }: MockReply, finalUrl: string): Outcome {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  if (!(bytes instanceof Uint8Array)) throw new TypeError("'body' must be a string or a Uint8Array");
  return {
    kind: 'response',
    status,
    headers: joined(headers),
    locations: Object.keys(headers).flatMap((name) => (name.toLowerCase() === 'location' ? headers[name]! : [])),
    body: bytes,
    length: bytes.length,
    wireLength: bytes.length,
    complete: 'framed',
    finalUrl,
    redirects: 0,
    timings: {},
  };
}

function joined(headers: NonNullable<MockReply['headers']>): ResponseHeaders {
  const plain = Object.create(null) as Record<string, string | string[]>;
  for (const [name, value] of Object.entries(headers)) {
    const values = typeof value === 'string' ? [value] : [...value];
    plain[name.toLowerCase()] = name.toLowerCase() === 'set-cookie' ? values : values.join(', ');
  }
  return plain;
}

function byName(headers: readonly string[]): Record<string, string> {
  const plain: Record<string, string> = {};
  for (let at = 0; at < headers.length; at += 2) plain[headers[at]!.toLowerCase()] = headers[at + 1]!;
  return plain;
}
