import type { HaltCause } from './halt.ts';

/** What a script can tell from how we ended. */
export const exitCodes = {
  ok: 0,
  notOk: 1,
  usage: 2,
  input: 3,
  output: 4,
  internal: 5,
  deadline: 7,
} as const;

/** How a run ended. */
export interface Ending {
  /** What ended it before its list did. */
  readonly halted: HaltCause | undefined;
  /** Whether a list broke off. */
  readonly inputFailed: boolean;
  /** Whether records could not be written, or their reader had enough of them. */
  readonly output: 'written' | 'failed' | 'closed';
  /** Whether every record is ok. */
  readonly allOk: boolean;
}

/**
 * The exit code of a run. Where several would fit, it is the one that says most about why there are not more records: a
 * lost output, then whoever interrupted, then a reader that had enough, a broken list, a deadline. Only a run that did all
 * it was asked for is judged by its records.
 */
export function exitCode({ halted, inputFailed, output, allOk }: Ending): number {
  if (output === 'failed') return exitCodes.output;
  if (halted === 'SIGINT' || halted === 'SIGTERM') return interruptedCode(halted);
  if (output === 'closed') return exitCodes.ok;
  if (inputFailed) return exitCodes.input;
  if (halted === 'deadline') return exitCodes.deadline;
  return allOk ? exitCodes.ok : exitCodes.notOk;
}

/** What shells use for a process that a signal ended: 128 and the number of the signal. */
export function interruptedCode(signal: 'SIGINT' | 'SIGTERM'): number {
  return signal === 'SIGINT' ? 130 : 143;
}
