import { fstatSync, statSync, type Stats } from 'node:fs';
import { isTerminalOutput } from './is-terminal-output.ts';

/** The kind of file that rows are written to. `terminal` is the one that standard error writes to as well. */
export type RowsTarget = 'file' | 'pipe' | 'terminal' | 'device';

/** Tells which kind of file rows are written to. */
export function whereRowsGo(output: string | undefined): RowsTarget {
  if (isTerminalOutput(output)) return fstatSync(1).rdev === fstatSync(2).rdev ? 'terminal' : 'file';
  const isStdout = output === undefined || output === '-';
  const status = isStdout ? fstatSync(1) : statSync(output, { throwIfNoEntry: false });
  if (status?.isFIFO() || status?.isSocket()) return 'pipe';
  return status?.isCharacterDevice() && !isNullDevice(status) ? 'device' : 'file';
}

function isNullDevice({ rdev }: Stats): boolean {
  return rdev === statSync('/dev/null', { throwIfNoEntry: false })?.rdev;
}
