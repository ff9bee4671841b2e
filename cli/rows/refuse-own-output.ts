import { fstatSync, statSync, type Stats } from 'node:fs';
import { quoted } from '../flags/quoted.ts';
import { UsageError } from '../flags/usage-error.ts';

/** Refuses to write where a run reads: what is overwritten is lost before it is read. */
export function refuseOwnOutput(inputs: readonly string[], output: string | undefined, flag = '-o'): void {
  const target = output === undefined || output === '-' ? undefined : statusOf(output);
  if (!target?.isFile()) return;
  for (const name of inputs) {
    const status = statusOf(name);
    if (status?.ino !== target.ino || status.dev !== target.dev) continue;
    throw new UsageError(`${flag} ${quoted(output!)} is read by this run itself; name another file`);
  }
}

/** Undefined of what cannot be looked at: whoever opens it will say why. */
function statusOf(name: string): Stats | undefined {
  try {
    return name === '-' ? fstatSync(0) : statSync(name);
  } catch {
    return undefined;
  }
}
