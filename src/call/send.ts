import type { Call } from './call.ts';
import type { Done, Outcome } from './outcome.ts';
import type { FetchRequest } from '../http/request.ts';

/**
 * Sends one request, and tells once what that came to, whatever happens. By a callback, not a promise: an outcome that went
 * well passes all policies in one call, where promises would take a turn and some garbage for each.
 */
export type Send = (request: FetchRequest, call: Call, done: Done) => void;

/** Something around a sending: takes a {@link Send} and gives one back. */
export type Policy = (send: Send) => Send;

/** A built-in transport: sends the request of a {@link Call}. Others write a `Transport`, which is adapted to this. */
export interface CallTransport {
  /** One request, one answer: no redirect is followed here, nothing is tried again. */
  readonly send: Send;
  /** Ends what is under way and lets go of every socket and timer. */
  close(): Promise<void>;
}

/** Puts policies around a sending, the first one outermost. */
export function compose(send: Send, policies: readonly Policy[]): Send {
  return policies.reduceRight((inner, policy) => policy(inner), send);
}

/** The same as a promise: for what takes its time anyway. */
export function sendAsync(send: Send, request: FetchRequest, call: Call): Promise<Outcome> {
  return new Promise((resolve) => send(request, call, resolve));
}

/** Goes on by promises, where an outcome needs more than a look. */
export async function finishAsync(outcome: Promise<Outcome>, call: Call, done: Done): Promise<void> {
  try {
    done(await outcome);
  } catch (cause) {
    call.fail(cause);
  }
}
