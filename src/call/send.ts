import type { Call } from './call.ts';
import type { Done, Outcome } from './outcome.ts';
import type { FetchRequest } from '../http/request.ts';

/**
 * Sends one request and calls `done` once with its outcome, whatever happens. A callback, not a promise: most outcomes pass all
 * policies in one call, where each promise would cost a turn and some garbage.
 */
export type Send = (request: FetchRequest, call: Call, done: Done) => void;

/** A layer around a {@link Send}: takes one and returns one. */
export type Policy = (send: Send) => Send;

/** Carries requests: over real sockets, or a mock. */
export interface Transport {
  /** Sends one request once. It follows no redirects and retries nothing. */
  readonly send: Send;
  /** Ends all exchanges and frees every socket and timer. */
  close(): Promise<void>;
}

/** Puts policies around a send, the first one outermost. */
export function compose(send: Send, policies: readonly Policy[]): Send {
  return policies.reduceRight((inner, policy) => policy(inner), send);
}

/** Sends and returns a promise, for paths that are slow anyway. */
export function sendAsync(send: Send, request: FetchRequest, call: Call): Promise<Outcome> {
  return new Promise((resolve) => send(request, call, resolve));
}

/** Delivers an outcome that is still being worked on; a rejection becomes the call's failure. */
export async function finishAsync(outcome: Promise<Outcome>, call: Call, done: Done): Promise<void> {
  try {
    done(await outcome);
  } catch (cause) {
    call.fail(cause);
  }
}
