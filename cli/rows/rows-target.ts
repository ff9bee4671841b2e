import { fstatSync, statSync, type Stats } from 'node:fs';
import { isatty } from 'node:tty';

/** What the rows of a run are written to. The `terminal` is that of standard error too. */
export type RowsTarget = 'file' | 'pipe' | 'terminal' | 'device';

/** Tells where rows go. */
export function whereRowsGo(output: string | undefined): RowsTarget {
  const isStdout = output === undefined || output === '-';
  if (isStdout && isatty(1)) return fstatSync(1).rdev === fstatSync(2).rdev ? 'terminal' : 'file';
  const status = isStdout ? fstatSync(1) : statSync(output, { throwIfNoEntry: false });
  if (status?.isFIFO() || status?.isSocket()) return 'pipe';
  return status?.isCharacterDevice() && !isNull(status) ? 'device' : 'file';
}

function isNull({ rdev }: Stats): boolean {
  return rdev === statSync('/dev/null', { throwIfNoEntry: false })?.rdev;
}
