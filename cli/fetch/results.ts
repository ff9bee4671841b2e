import type { Fetcher } from '../../src/fetcher/fetcher.ts';
import type { Resumption } from '../../src/journal/resumption.ts';
import { inOrder } from '../../src/async/in-order.ts';
import { resolveOptions } from '../../src/fetcher/options.ts';
import type { FetchResult } from '../../src/http/result.ts';
import { withoutUndefined } from '../flags/given.ts';
import type { Intake } from './intake.ts';
import type { Halt } from './stop/halt.ts';
import type { FetchPlan } from './fetch-plan.ts';

/** The parts of a run that {@link results} needs. */
export interface RunParts {
  readonly fetcher: Fetcher;
  readonly intake: Intake;
  readonly halt: Halt;
  /** Knows the index of each request in the whole list, if a part of it is already done. */
  readonly resumption?: Resumption | undefined;
}

/** Yields the results of a run in the order of its mode. A halt ends them with cancelled results, without an error. */
export async function* results(plan: FetchPlan, parts: RunParts): AsyncGenerator<FetchResult, void, undefined> {
  const { halt, intake, resumption } = parts;
  const { cancel } = halt;
  const settled = (result: FetchResult): FetchResult => {
    const known = intake.settle(result);
    return resumption?.renumber(known) ?? known;
  };
  try {
    for await (const result of inModeOrder(plan, parts)) yield settled(result);
  } catch (reason) {
    if (!cancel.aborted || reason !== cancel.reason) throw reason;
  }
  if (!plan.recordUnstarted || halt.cause === undefined) return;
  for await (const result of intake.unstarted()) yield settled(result);
}

function inModeOrder(plan: FetchPlan, { fetcher, intake: requests, halt }: RunParts): AsyncIterable<FetchResult> {
  const signals = { stop: halt.stop, signal: halt.cancel };
  switch (plan.mode) {
    case 'as-completed':
      return fetcher.asCompleted(requests, signals);
    case 'sequential':
      return fetcher.sequential(requests, { ...signals, ...withoutUndefined({ intervalMs: plan.intervalMs }) });
    case 'gather': {
      // Hold back as many results as are read ahead: the order costs no speed unless one request outlasts all of them.
      const { readAhead, concurrency } = resolveOptions(plan.fetcher);
      // Results with bodies take memory.
      const most = plan.keep?.capture ? 4 * concurrency : readAhead + concurrency;
      return inOrder((source) => fetcher.asCompleted(source, signals), requests, most);
    }
    default:
      return plan.mode satisfies never;
  }
}
