import type { FetchRequest } from '../http/request.ts';
import type { Call } from './call.ts';
import type { Done, Outcome } from './outcome.ts';

/**
 * Sends one request and calls `done` once with the outcome, whatever happens. A callback and not a promise: a
 * successful outcome passes every policy in one call, where promises would cost a microtask and some garbage each.
 */
export type Send = (request: FetchRequest, call: Call, done: Done) => void;

/**
 * Wraps a {@link Send}: `(send) => wrapped`. Policies are layers of an onion: a request goes in through the outermost,
 * and its outcome comes back out through the same layers in reverse.
 */
export type Policy = (send: Send) => Send;

/** A built-in transport: sends the request of a {@link Call}. Others write a `Transport`, which is adapted to this. */
export interface CallTransport {
  /** Sends one request. It follows no redirect and retries nothing. */
  readonly send: Send;
  /** Aborts what is in flight and closes every socket and timer. */
  close(): Promise<void>;
}

/** Wraps `send` in policies, the first one outermost. */
export function compose(send: Send, policies: readonly Policy[]): Send {
  return policies.reduceRight((inner, policy) => policy(inner), send);
}

/**
 * Makes a policy that looks at each outcome on its way back. Nearly all pass straight through, in the same call; for
 * one that needs more (a retry, a redirect) `look` returns a promise of the outcome that replaces it. An exception is an
 * outcome for the layers outside.
 */
export function onOutcome(
  look: (outcome: Outcome, request: FetchRequest, call: Call, send: Send) => Outcome | Promise<Outcome>,
): Policy {
  return (send) => (request, call, done) =>
    send(request, call, (outcome) => {
      let next: Outcome | Promise<Outcome>;
      try {
        next = look(outcome, request, call, send);
      } catch (cause) {
        next = call.outcomeOfBug(cause);
      }
      if (next instanceof Promise) void finishAsync(next, call, done);
      else done(next);
    });
}

/** {@link Send} as a promise, for paths that are asynchronous anyway (retry, redirect). */
export function sendAsync(send: Send, request: FetchRequest, call: Call): Promise<Outcome> {
  return new Promise((resolve) => send(request, call, resolve));
}

/** Delivers an outcome that is still being worked on. A rejection is an outcome too. */
async function finishAsync(outcome: Promise<Outcome>, call: Call, done: Done): Promise<void> {
  try {
    done(await outcome.catch((cause: unknown) => call.outcomeOfBug(cause)));
  } catch (cause) {
    call.fail(cause);
  }
}
