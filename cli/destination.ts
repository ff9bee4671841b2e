import { canHoldRecords, openRecords } from '../src/journal/open-records.ts';
import type { Resumption } from '../src/journal/resumption.ts';
import type { Output } from '../src/outputs/batch.ts';
import { openOutput } from '../src/outputs/open-output.ts';
import { given } from './given.ts';
import type { FetchPlan } from './plan.ts';
import { isResumable } from './resumable.ts';

/**
 * Opens where the records of a run go. A file of JSON Lines is locked, and written so that it can be resumed.
 *
 * @param resumption takes the records of earlier runs, if this one goes on with them
 * @param above says what to write to a terminal in the place of some text
 */
export function openDestination(
  plan: FetchPlan,
  resumption: Resumption | undefined,
  above?: (text: string) => string,
): Promise<Output> {
  const { output: path, overwrite, fsync } = plan;
  if (path === undefined || !(resumption || leavesRecords(plan)))
    return openOutput(path, { overwrite, ...given({ above }) });
  const start = resumption ? 'resume' : overwrite ? 'overwrite' : 'new';
  return openRecords(path, { start, fsync, take: (entry) => resumption?.add(entry) });
}

/** Whether what a run writes stays, and can be read back by another one. */
export function leavesRecords(plan: FetchPlan): boolean {
  return isResumable(plan) && canHoldRecords(plan.output ?? '-');
}
