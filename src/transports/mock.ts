import { shown } from '../check.ts';
import { FetchError } from '../http/error.ts';
import type { Transport, TransportRequest, TransportResponse } from './custom/transport.ts';

/** A request as a {@link MockHandler} sees it. */
export type MockRequest = TransportRequest;

/** The response that a {@link MockHandler} gives. */
export interface MockReply {
  /** @default 200 */
  readonly status?: number;
  /** Header fields; names in any case. @default none */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** The decoded body, whatever `content-encoding` says. @default an empty body */
  readonly body?: string | Uint8Array;
}

/**
 * Answers one request, now or later: with a reply, or with the {@link FetchError} that a network would have caused
 * (returned or thrown). The signal is aborted once the answer is no longer wanted.
 */
export type MockHandler = (
  request: MockRequest,
  signal: AbortSignal,
) => MockReply | FetchError | Promise<MockReply | FetchError>;

/**
 * Makes a transport for tests: it opens no socket, and everything around it (limits, retries, redirects, timeouts) is
 * real. Anything but a {@link FetchError} that the handler throws becomes a failure with the code `INTERNAL`.
 */
export function mockTransport(handler: MockHandler): Transport {
  return {
    async send(request, { signal }) {
      const reply = await answer(handler, request, signal);
      return reply instanceof FetchError ? reply : responseOf(reply);
    },
  };
}

async function answer(
  handler: MockHandler,
  request: MockRequest,
  signal: AbortSignal,
): Promise<MockReply | FetchError> {
  try {
    return await handler(request, signal);
  } catch (cause) {
    if (cause instanceof FetchError) return cause;
    const message = cause instanceof Error ? cause.message : shown(cause);
    return new FetchError('INTERNAL', `The mock handler threw: ${message}`, { cause });
  }
}

function responseOf({ status = 200, headers = {}, body = '' }: MockReply): TransportResponse {
  if (typeof body === 'string' || body instanceof Uint8Array) {
    return { status, headers, body, decoded: true, complete: 'framed' };
  }
  throw new TypeError(`'body' must be a string or a Uint8Array: current value is ${shown(body)}`);
}
