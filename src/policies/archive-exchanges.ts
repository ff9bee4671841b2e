import { failed, type Outcome } from '../call/outcome.ts';
import { onOutcome, type Policy } from '../call/send.ts';
import { FetchError } from '../http/error.ts';
import type { ExchangeArchive, ExchangeKeeper } from '../http/exchange-archive.ts';
import { plainRequest } from '../http/request.ts';

/**
 * Innermost but one: archives each exchange, so that every hop and every attempt is there, with the headers that were sent. An outcome
 * waits until its exchange is written; one that cannot be written is a failure.
 */
export const archiveExchanges =
  (archive: ExchangeArchive): Policy =>
  (send) =>
  (request, call, done) => {
    const keeper = archive.begin(request);
    const archiving = onOutcome((outcome) => keep(keeper, outcome))(send);
    archiving({ ...plainRequest(request), part: request.part, keeper }, call, done);
  };

function keep(keeper: ExchangeKeeper, outcome: Outcome): Outcome | Promise<Outcome> {
  switch (outcome.kind) {
    case 'response':
      return keepResponse(keeper, outcome);
    case 'failure':
      return keepFailure(keeper, outcome);
    case 'cancelled':
      keeper.drop();
      return outcome;
    default:
      return outcome satisfies never;
  }
}

async function keepResponse(keeper: ExchangeKeeper, outcome: Extract<Outcome, { kind: 'response' }>): Promise<Outcome> {
  try {
    return { ...outcome, warc: await keeper.keep() };
  } catch (cause) {
    return { ...failed(toFetchError(cause), outcome.finalUrl), redirects: outcome.redirects };
  }
}

async function keepFailure(keeper: ExchangeKeeper, outcome: Extract<Outcome, { kind: 'failure' }>): Promise<Outcome> {
  try {
    await keeper.keepFailure(outcome.error);
    return outcome;
  } catch (cause) {
    return { ...outcome, error: toFetchError(cause) };
  }
}

function toFetchError(cause: unknown): FetchError {
  return cause instanceof FetchError ? cause : new FetchError('INTERNAL', 'The archive failed', { cause });
}
