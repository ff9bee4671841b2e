import pRetry from 'p-retry';
import { backoffMs } from './backoff-delay.ts';
import type { Call } from '../call/call.ts';
import type { Outcome } from '../call/outcome.ts';
import { idempotentMethods } from '../http/request.ts';
import { finishAsync, sendAsync, type Policy } from '../call/send.ts';
import { backOff } from './wait-to-retry.ts';
import { maxOrderedWaitMs, orderedWaitMs } from './honor-retry-after.ts';

const retryStatuses = new Set([408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524]);

/** How often a wait that the server ordered is free of charge. */
const maxOrderedWaits = 10;

/** Carries an outcome through p-retry, which wants exceptions where we have values. It never leaves this file. */
class Again extends Error {
  readonly outcome: Outcome;

  constructor(outcome: Outcome) {
    super('worth another try');
    this.outcome = outcome;
  }
}

/**
 * Sends again what another try may mend: idempotent methods only, after a back-off with full jitter, or after the wait
 * that the server ordered, which costs no retry.
 */
export const retry =
  (retries: number): Policy =>
  (send) =>
  (request, call, done) =>
    send(request, call, (outcome) => {
      if (!isWorthAnotherTry(outcome) || !idempotentMethods.has(request.method)) return done(outcome);
      void finishAsync(
        again(outcome, new Budget(retries), () => sendAsync(send, request, call), call),
        call,
        done,
      );
    });

/** The tries after the first. */
async function again(first: Outcome, budget: Budget, send: () => Promise<Outcome>, call: Call): Promise<Outcome> {
  let final: Outcome | undefined;
  try {
    return await pRetry(
      async (attempt) => {
        const outcome = attempt === 1 ? first : await send();
        if (isWorthAnotherTry(outcome)) throw new Again(outcome);
        return outcome;
      },
      {
        retries: budget.most,
        minTimeout: 0,
        shouldRetry: async ({ error }) => {
          if (!(error instanceof Again)) return false;
          const waitMs = budget.spend(error.outcome);
          final = waitMs === undefined ? error.outcome : await backOff(waitMs, call);
          return final === undefined;
        },
      },
    );
  } catch (error) {
    if (error instanceof Again) return final ?? error.outcome;
    throw error;
  }
}

/** How long to wait before the next try, in milliseconds; undefined if there is none. */
class Budget {
  readonly #retries: number;
  #spent = 0;
  #ordered = 0;

  constructor(retries: number) {
    this.#retries = retries;
  }

  /** How many further tries there can be at all. */
  get most(): number {
    return this.#retries + maxOrderedWaits;
  }

  spend(outcome: Outcome): number | undefined {
    const orderedMs = orderedWaitMs(outcome);
    if (orderedMs > maxOrderedWaitMs) return undefined;
    if (orderedMs > 0 && this.#ordered < maxOrderedWaits) {
      this.#ordered += 1;
      return orderedMs;
    }
    if (this.#spent >= this.#retries) return undefined;
    this.#spent += 1;
    return Math.max(orderedMs, backoffMs(this.#spent - 1));
  }
}

function isWorthAnotherTry(outcome: Outcome): boolean {
  switch (outcome.kind) {
    case 'response':
      return retryStatuses.has(outcome.status);
    case 'failure':
      return outcome.error.retryable;
    case 'cancelled':
      return false;
    default:
      return outcome satisfies never;
  }
}
