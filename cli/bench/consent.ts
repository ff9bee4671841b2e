import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { isatty } from 'node:tty';
import { formatCount, plural } from '../../src/text/quantity.ts';
import { UsageError } from '../flags/usage-error.ts';

/** Names some hosts: the first, and the number of the others. */
function hostWords(origins: readonly string[]): string {
  const [first = '', ...others] = origins;
  const { host } = new URL(first);
  return others.length === 0 ? host : `${host} and ${plural(others.length, 'other host')}`;
}

/**
 * Asks on the terminal whether a benchmark may send its requests to somebody else's hosts. Throws a {@link UsageError}
 * where nobody can be asked.
 *
 * @param origins hosts that are not this machine, at least one
 * @param readsStdin true if the list comes from standard input, which then cannot carry an answer
 */
export async function askConsent(origins: readonly string[], requests: number, readsStdin: boolean): Promise<boolean> {
  const sends = `${formatCount(requests)} requests to ${hostWords(origins)}`;
  if (readsStdin || !isatty(0) || !isatty(2)) {
    throw new UsageError(`this sends ${sends}; add --yes to allow it, or --once to send each URL only twice`);
  }
  const lines = createInterface({ input: process.stdin });
  process.stderr.write(`Send ${sends}? [y/N] `);
  try {
    const [answer = ''] = (await Promise.race([once(lines, 'line'), once(lines, 'close')])) as [string?];
    return /^y(?:es)?$/i.test(answer.trim());
  } finally {
    lines.close();
  }
}
