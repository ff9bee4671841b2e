import { fstatSync, statSync, type Stats } from 'node:fs';
import { quoted } from '../flags/quoted.ts';
import { UsageError } from '../flags/usage-error.ts';

/**
 * Refuses an output file that is also an input: it would be overwritten before it is read. Throws a {@link UsageError}.
 */
export function refuseOwnOutput(inputs: readonly string[], output: string | undefined, flag = '-o'): void {
  const target = output === undefined || output === '-' ? undefined : statusOf(output);
  if (!target?.isFile()) return;
  for (const name of inputs) {
    const status = statusOf(name);
    if (status?.ino !== target.ino || status.dev !== target.dev) continue;
    throw new UsageError(`${flag} ${quoted(output!)} is also an input; choose another file`);
  }
}

/** Undefined if it cannot be stat'ed; opening it reports the reason. */
function statusOf(name: string): Stats | undefined {
  try {
    return name === '-' ? fstatSync(0) : statSync(name);
  } catch {
    return undefined;
  }
}
