import { verdictOf } from '../../src/http/result.ts';
import type { ResultRecord } from '../../src/http/record.ts';
import type { FetchResult } from '../../src/http/result.ts';

/** The values of `--only`, with their descriptions. Each record has exactly one of the first four; `not-ok` is the last three. */
export const outcomeWords = {
  ok: 'responses that are as expected',
  unexpected: 'responses with another status, or that miss another expectation',
  failed: 'requests without a response',
  cancelled: 'requests that were cancelled',
  'not-ok': 'any of the last three',
} as const;

/** The type of {@link outcomeWords}. */
export type OutcomeWords = typeof outcomeWords;

/** A value of `--only`. */
export type OutcomeName = keyof OutcomeWords;

/** Tells whether a result or a record has an outcome. */
export function isOutcome(result: FetchResult | ResultRecord, outcome: OutcomeName): boolean {
  return outcome === 'not-ok' ? !result.ok : verdictOf(result) === outcome;
}
