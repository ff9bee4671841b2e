import { isFilePath, openLocked } from '../../src/outputs/files/open-locked.ts';
import { openRecords } from '../../src/journal/open-records.ts';
import type { Resumption } from '../../src/journal/resumption.ts';
import type { Output } from '../../src/outputs/files/batch.ts';
import { json } from '../../src/outputs/formats/json.ts';
import { openOutput } from '../../src/outputs/files/open-output.ts';
import { withoutUndefined } from '../flags/given.ts';
import { isResumable, type FetchPlan } from './fetch-plan.ts';

/**
 * Opens the output of a run. Locks a file of any format; writes a JSON Lines file so that it can be resumed.
 *
 * @param resumption receives the records of earlier runs, if this run resumes them
 * @param stop ends the reading of those records; the promise then resolves with undefined
 * @param above turns a text for the terminal into one that leaves the progress display intact
 */
export async function openDestination(
  plan: FetchPlan,
  resumption: Resumption | undefined,
  stop: AbortSignal,
  above?: (text: string) => string,
): Promise<Output | undefined> {
  const { output: path, overwrite, fsync } = plan;
  if (path !== undefined && (resumption || leavesRecords(plan))) {
    const start = resumption ? 'resume' : overwrite ? 'overwrite' : 'new';
    return unlessStopped(
      stop,
      openRecords(path, { start, fsync, signal: stop, take: (entry) => resumption?.add(entry) }),
    );
  }
  // An array of JSON is valid even if the disk is full.
  const tail = plan.format === 'json' ? json().tail?.() : undefined;
  const open = (): Promise<Output> => openOutput(path, { overwrite, ...withoutUndefined({ above, tail }) });
  return path !== undefined && path !== '-' && isFilePath(path) ? openLocked(path, open) : open();
}

async function unlessStopped(stop: AbortSignal, opening: Promise<Output>): Promise<Output | undefined> {
  try {
    return await opening;
  } catch (error) {
    if (stop.aborted && error === stop.reason) return undefined;
    throw error;
  }
}

/** Tells whether a later run can read back what this run writes. */
export function leavesRecords(plan: FetchPlan): boolean {
  return isResumable(plan) && isFilePath(plan.output ?? '-');
}
