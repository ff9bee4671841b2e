import { exitCodes } from '../../exit-code.ts';
import type { HaltCause, HaltSignal } from './halt.ts';

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
 * lost output, then whoever interrupted, then a reader that had enough, a broken list, a deadline or a budget. Only a run that did all
 * it was asked for is judged by its records.
 */
export function exitCode({ halted, inputFailed, output, allOk }: Ending): number {
  if (output === 'failed') return exitCodes.output;
  if (halted !== undefined && halted in signalNumbers) return interruptedCode(halted as HaltSignal);
  if (output === 'closed') return exitCodes.ok;
  if (inputFailed) return exitCodes.input;
  if (halted !== undefined) return exitCodes.stopped;
  return allOk ? exitCodes.ok : exitCodes.notOk;
}

/** What shells use for a process that a signal ended: 128 and the number of the signal. */
export function interruptedCode(signal: HaltSignal): number {
  return 128 + signalNumbers[signal];
}

const signalNumbers: Readonly<Record<HaltSignal, number>> = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 };
