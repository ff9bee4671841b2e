import pRetry from 'p-retry';
import type { Call } from '../call/call.ts';
import type { Outcome } from '../call/outcome.ts';
import { onOutcome, sendAsync, type Policy } from '../call/send.ts';
import { traceRetry } from '../call/telemetry.ts';
import { idempotentMethods } from '../http/request.ts';
import { maxOrderedWaitMs, orderedWaitMs } from './honor-retry-after.ts';
import { backoffMs, waitToRetry } from './wait-to-retry.ts';

const retryStatuses = new Set([408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524]);

/** Waits ordered by the server that cost no retry. */
const maxOrderedWaits = 10;

/** Carries an outcome through p-retry, which expects exceptions where we have values. It never leaves this file. */
class RetryableError extends Error {
  readonly outcome: Outcome;

  constructor(outcome: Outcome) {
    super('worth another attempt');
    this.outcome = outcome;
  }
}

/**
 * Sends a request again when another attempt may succeed: idempotent methods only, after a backoff with full jitter, or
 * after the wait that the server ordered, which costs no retry. A request may have a number of retries of its own.
 */
export const retry = (retries: number): Policy =>
  onOutcome((outcome, request, call, send) => {
    if (!isWorthAnotherAttempt(outcome) || !idempotentMethods.has(request.method)) return outcome;
    const maxRetries = request.limits?.retries ?? retries;
    if (maxRetries === 0) return outcome;
    return sendAgain(outcome, new Budget(maxRetries), () => sendAsync(send, request, call), call);
  });

/** Makes the attempts after the first, and resolves with the last outcome. */
async function sendAgain(first: Outcome, budget: Budget, send: () => Promise<Outcome>, call: Call): Promise<Outcome> {
  let final: Outcome | undefined;
  try {
    return await pRetry(
      async (attempt) => {
        const outcome = attempt === 1 ? first : await send();
        if (isWorthAnotherAttempt(outcome)) throw new RetryableError(outcome);
        return outcome;
      },
      {
        retries: budget.maxRetries,
        minTimeout: 0,
        shouldRetry: async ({ error }) => {
          if (!(error instanceof RetryableError)) return false;
          const waitMs = budget.spend(error.outcome);
          if (waitMs !== undefined) traceRetry(call, waitMs, error.outcome);
          final = waitMs === undefined ? error.outcome : await waitToRetry(waitMs, call);
          return final === undefined;
        },
      },
    );
  } catch (error) {
    if (error instanceof RetryableError) return final ?? error.outcome;
    throw error;
  }
}

/** The retries of one call. */
class Budget {
  readonly #retries: number;
  #spent = 0;
  #ordered = 0;

  constructor(retries: number) {
    this.#retries = retries;
  }

  /** Retries that are possible at most, those after an ordered wait included. */
  get maxRetries(): number {
    return this.#retries + maxOrderedWaits;
  }

  /** Returns the milliseconds to wait before the next attempt; undefined if there is none. */
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

function isWorthAnotherAttempt(outcome: Outcome): boolean {
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
