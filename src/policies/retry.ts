import pRetry from 'p-retry';
import type { Call } from '../call/call.ts';
import type { Outcome, ResponseOutcome } from '../call/outcome.ts';
import { onOutcome, sendAsync, type Policy } from '../call/send.ts';
import { traceRetry } from '../call/telemetry.ts';
import { hasHeader } from '../http/headers.ts';
import { idempotentMethods, type FetchRequest } from '../http/request.ts';
import type { RetryBudget } from '../scheduling/retry-budget.ts';
import type { Scheduler } from '../scheduling/scheduler.ts';
import { orderedWaitMs } from './honor-retry-after.ts';
import { backoffMs, defaultBackoff, waitToRetry, type Backoff } from './wait-to-retry.ts';

/** Statuses that another attempt may change. */
const retryStatuses: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524]);

/** Which requests are sent again, and when. */
export interface RetryRules extends Backoff {
  /** Attempts after the first. */
  readonly retries: number;
  /** Methods that may be sent again, in upper case. */
  readonly methods: ReadonlySet<string>;
  /** Tells whether another attempt may change a status. */
  readonly isRetried: (status: number) => boolean;
}

/** The rules unless a user changes them. */
export const defaultRetryRules: RetryRules = {
  retries: 2,
  methods: idempotentMethods,
  isRetried: (status) => retryStatuses.has(status),
  ...defaultBackoff,
};

/** Codes of requests that were not sent, as their host is given up or denies them: another run may try again, this one does not. */
const unsentCodes: ReadonlySet<string> = new Set(['HOST_DOWN', 'RATE_LIMITED', 'ROBOTS_DENIED']);

/** Times that a request is sent again at no cost because its host refused it. */
const maxRefusals = 10;
/** Times that a request is sent again at no cost because its host does not answer. */
const maxHolds = 20;

/** Carries an outcome through p-retry, which expects exceptions where we have values. It never leaves this file. */
class RetryableError extends Error {
  readonly outcome: Outcome;

  constructor(outcome: Outcome) {
    super('worth another attempt');
    this.outcome = outcome;
  }
}

/**
 * Sends a request again when another attempt may succeed and does no harm. A retry comes after a backoff with full
 * jitter, and the host must have earned it. It costs no retry to send again what the host refused, after the wait
 * that it ordered or its pace demands, or what failed while the host did not answer. A request may have a number of
 * retries of its own.
 */
export const retry = (rules: RetryRules, scheduler: Scheduler): Policy =>
  onOutcome((outcome, request, call, send) => {
    if (!isWorthAnotherAttempt(outcome, request, call, rules)) return outcome;
    const retries = request.limits?.retries ?? rules.retries;
    if (retries === 0) return outcome;
    const budget = new Budget({ ...rules, retries }, scheduler, call);
    const isWorthAnother: Decision = (ended) => isWorthAnotherAttempt(ended, request, call, rules);
    return sendAgain(outcome, budget, isWorthAnother, () => sendAsync(send, request, call));
  });

/** Decides whether an outcome is worth another attempt. */
type Decision = (outcome: Outcome) => boolean;

/** Makes the attempts after the first, and resolves with the last outcome. */
async function sendAgain(
  first: Outcome,
  budget: Budget,
  isWorthAnother: Decision,
  send: () => Promise<Outcome>,
): Promise<Outcome> {
  let final: Outcome | undefined;
  try {
    return await pRetry(
      async (attempt) => {
        const outcome = attempt === 1 ? first : await send();
        budget.endRetry();
        if (isWorthAnother(outcome)) throw new RetryableError(outcome);
        return outcome;
      },
      {
        retries: budget.maxRetries,
        minTimeout: 0,
        shouldRetry: async ({ error }) => {
          if (!(error instanceof RetryableError)) return false;
          const wait = budget.nextWait(error.outcome);
          if (wait !== undefined) traceRetry(budget.call, wait.ms, error.outcome);
          if (wait !== undefined)
            final = inPlaceOf(error.outcome, await waitToRetry(wait.ms, budget.call, wait.isLast));
          if (wait === undefined || (final === undefined && !budget.spend(wait))) final = error.outcome;
          return final === undefined;
        },
      },
    );
  } catch (error) {
    if (error instanceof RetryableError) return final ?? error.outcome;
    throw error;
  }
}

/** What a request came to stays its result if its host lets it not be sent again: `HOST_DOWN` would hide a slow page. */
function inPlaceOf(ended: Outcome, stopped: Outcome | undefined): Outcome | undefined {
  return stopped?.kind === 'failure' && unsentCodes.has(stopped.error.code) ? ended : stopped;
}

/** The wait before an attempt. */
interface Wait {
  readonly ms: number;
  /** True to send everything else that waits for the host first: this one request may be what the host fails at. */
  readonly isLast: boolean;
  /** True if the attempt costs a retry. */
  readonly isRetry: boolean;
}

/** The retries of one call. */
class Budget {
  readonly call: Call;
  readonly #rules: RetryRules;
  readonly #scheduler: Scheduler;
  #retries = 0;
  #refusals = 0;
  #holds = 0;
  /** The budget of the host that a retry in flight was taken from. */
  #spent: RetryBudget | undefined;

  constructor(rules: RetryRules, scheduler: Scheduler, call: Call) {
    this.#rules = rules;
    this.call = call;
    this.#scheduler = scheduler;
  }

  /** Attempts after the first that are possible at most. */
  get maxRetries(): number {
    return this.#rules.retries + maxRefusals + maxHolds;
  }

  /** Returns the wait before the next attempt; undefined if there is none. */
  nextWait(outcome: Outcome): Wait | undefined {
    const { hosts } = this.#scheduler.limits;
    const { verdict } = this.call;
    const orderedMs = orderedWaitMs(outcome);
    if (orderedMs > hosts.settings.maxWaitMs) return undefined;
    if ((orderedMs > 0 || verdict === 'refused' || verdict === 'overloaded') && this.#refusals < maxRefusals) {
      this.#refusals += 1;
      return { ms: orderedMs, isLast: orderedMs === 0, isRetry: false };
    }
    if (verdict === 'held' && this.#holds < maxHolds) {
      this.#holds += 1;
      return { ms: 0, isLast: true, isRetry: false };
    }
    if (this.#retries >= this.#rules.retries) return undefined;
    if (hosts.retryBudget(this.call.origin)?.mayHelp === false) return undefined;
    return { ms: Math.max(orderedMs, backoffMs(this.#retries, this.#rules)), isLast: false, isRetry: true };
  }

  /**
   * Spends what the next attempt costs, once the call has its slot: by then the retries before it may have earned more.
   * Returns false if the budget of the host is empty.
   */
  spend({ isRetry }: Wait): boolean {
    // A hook may answer the next attempt in place of the host.
    this.call.verdict = undefined;
    if (!isRetry) return true;
    const budget = this.#scheduler.limits.hosts.retryBudget(this.call.origin);
    if (budget?.spend() === false) return false;
    this.#spent = budget;
    this.#retries += 1;
    this.call.retries += 1;
    return true;
  }

  /** Notes that an attempt has ended. */
  endRetry(): void {
    this.#spent?.end();
    this.#spent = undefined;
  }
}

function isWorthAnotherAttempt(outcome: Outcome, request: FetchRequest, call: Call, rules: RetryRules): boolean {
  switch (outcome.kind) {
    case 'response':
      return isRetried(outcome, call, rules) && (maySendAgain(request, rules) || isUnprocessed(outcome, call));
    case 'failure':
      return outcome.error.retryable && !unsentCodes.has(outcome.error.code) && maySendAgain(request, rules);
    case 'cancelled':
      return false;
    default:
      return outcome satisfies never;
  }
}

/** A refusal is a 429, whatever its status is. */
function isRetried({ status }: ResponseOutcome, { verdict }: Call, rules: RetryRules): boolean {
  return rules.isRetried(status) || (verdict === 'refused' && rules.isRetried(429));
}

/** An idempotent request does no harm when it is processed twice, nor does one that its server recognizes by a key. */
function maySendAgain({ method, headers }: FetchRequest, { methods }: RetryRules): boolean {
  return methods.has(method) || hasHeader(headers, 'idempotency-key');
}

/** A refused request was not processed. At the end of a redirect it was: the redirect was the answer. */
function isUnprocessed(outcome: ResponseOutcome, { verdict }: Call): boolean {
  const isRefused =
    outcome.status === 429 || verdict === 'refused' || (outcome.status === 503 && orderedWaitMs(outcome) > 0);
  return isRefused && outcome.redirects === 0;
}
