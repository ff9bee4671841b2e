import { isFilePath, openLocked } from '../../src/outputs/files/open-locked.ts';
import { openRecords } from '../../src/journal/open-records.ts';
import type { Resumption } from '../../src/journal/resumption.ts';
import type { Output } from '../../src/outputs/files/batch.ts';
import { openOutput } from '../../src/outputs/files/open-output.ts';
import { withoutUndefined } from '../flags/given.ts';
import type { FetchPlan } from './fetch-plan.ts';
import { isResumable } from './resumable.ts';

/**
 * Opens where the records of a run go. A file is locked, whatever stands in it; one of JSON Lines is written so that it can
 * be resumed.
 *
 * @param resumption takes the records of earlier runs, if this one goes on with them
 * @param stop ends the reading back of these; then it resolves with nothing
 * @param above says what to write to a terminal in the place of some text
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
  const open = (): Promise<Output> => openOutput(path, { overwrite, ...withoutUndefined({ above }) });
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

/** Whether what a run writes stays, and can be read back by another one. */
export function leavesRecords(plan: FetchPlan): boolean {
  return isResumable(plan) && isFilePath(plan.output ?? '-');
}
