import type { Flags } from '../../flags/flags.ts';
import * as unit from '../../flags/units.ts';
import { UsageError } from '../../flags/usage-error.ts';
import { readQueue, type QueueAddress } from '../../queue/read-queue.ts';
import type { FetchFlag } from '../fetch-flags.ts';

/** A run whose requests are made by workers. */
export interface QueuePlan extends QueueAddress {
  readonly leaseMs: number | undefined;
}

/**
 * Reads the flags of a run with a queue; undefined if it has none. Throws a {@link UsageError} for what works in one
 * process only.
 */
export function readQueuePlan(flags: Flags<FetchFlag>, isFileOfRecords: boolean): QueuePlan | undefined {
  const address = readQueue(flags, process.env);
  const leaseMs = flags.read('lease', unit.duration('30s'));
  if (address === undefined) {
    const lonely = (['name', 'lease'] as const).find((name) => flags.has(name));
    if (lonely !== undefined) throw new UsageError(`--${lonely} needs --queue`);
    return undefined;
  }
  if (leaseMs !== undefined && leaseMs < minLeaseMs) throw new UsageError('--lease must be at least 500ms');
  for (const [name, reason] of refused) {
    if (flags.has(name)) throw new UsageError(`--${name} and --queue cannot be combined: ${reason}`);
  }
  if (!['as-completed', undefined].includes(flags.all('mode').at(-1))) {
    throw new UsageError('--mode and --queue cannot be combined: workers complete requests in any order');
  }
  if (flags.has('shuffle') && !flags.has('seed')) {
    throw new UsageError('--shuffle needs --seed with --queue: to resume, the list must come in the same order');
  }
  if (!isFileOfRecords) throw new UsageError('--queue needs a JSON Lines file: add -o results.jsonl');
  return { ...address, leaseMs };
}

/** With a shorter lease, a busy machine would lose its work. */
const minLeaseMs = 500;

const bodies = 'bodies stay with the worker that received them';

/** Flags that a queue does not support, with the reason. */
const refused: readonly (readonly [FetchFlag, string])[] = [
  ['rate', 'each worker would count for itself; use --host-rate, or fetchmany worker --rate'],
  ['save', bodies],
  ['include-body', bodies],
  ['hash', bodies],
  ['if-changed', 'the earlier records are on this machine only'],
  ['cookie-jar', 'cookies that servers set stay with one worker; -b sends fixed ones'],
  ['warc', 'exchanges stay with the worker that made them'],
  ['only', 'the file must have every record, as it says what is done'],
  ['junit', 'a JUnit report needs a run without a queue'],
  ['record-unstarted', 'requests that never started stay in the list; --resume makes them'],
];
