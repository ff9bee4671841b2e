import { exitCodes } from '../../exit-code.ts';
import type { HaltCause, HaltSignal } from './halt.ts';

/** The facts about the end of a run that decide its exit code. */
export interface Ending {
  /** The cause that ended the run before its input did. */
  readonly halted: HaltCause | undefined;
  /** True if reading a list failed before its end. */
  readonly inputFailed: boolean;
  /** True if the input has no URL, which is an error unless it was allowed. */
  readonly isEmpty: boolean;
  /** `written`: all records were; `failed`: an error prevented it; `closed`: the reader closed the pipe. */
  readonly output: 'written' | 'failed' | 'closed';
  /** True if every record is ok. */
  readonly allOk: boolean;
}

/**
 * Returns the exit code of a run. Where several apply, the most important cause wins: a failed output, then a signal, a
 * closed pipe, a failed input, a deadline or an error budget. Only a complete run is judged by its records.
 */
export function exitCode({ halted, inputFailed, isEmpty, output, allOk }: Ending): number {
  if (output === 'failed') return exitCodes.output;
  if (halted === 'disk-full' || halted === 'archive') return exitCodes.output;
  if (halted !== undefined && halted in signalNumbers) return interruptedCode(halted as HaltSignal);
  if (output === 'closed') return exitCodes.ok;
  if (inputFailed || isEmpty) return exitCodes.input;
  if (halted !== undefined) return exitCodes.stopped;
  return allOk ? exitCodes.ok : exitCodes.notOk;
}

/** Returns the exit code of a process that a signal ended, as shells report it: 128 plus the signal's number. */
export function interruptedCode(signal: HaltSignal): number {
  return 128 + signalNumbers[signal];
}

const signalNumbers: Readonly<Record<HaltSignal, number>> = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 };
