import type { Flags } from '../flags/flags.ts';
import { quoted } from '../flags/quoted.ts';
import * as unit from '../flags/units.ts';
import { UsageError } from '../flags/usage-error.ts';

/** A queue as a command line names it. */
export interface QueueAddress {
  readonly queue: string;
  readonly name: string;
}

/** Reads `--queue` or FETCHMANY_QUEUE, and `--name`; undefined if there is no queue. Throws a {@link UsageError}. */
export function readQueue(flags: Flags<'queue' | 'name'>, env: NodeJS.ProcessEnv): QueueAddress | undefined {
  const queue = flags.all('queue').at(-1) ?? env['FETCHMANY_QUEUE'] ?? '';
  const name = flags.read('name', unit.name('nightly')) ?? 'fetchmany';
  if (!/^[\w.-]{1,64}$/.test(name)) {
    throw new UsageError(`--name must be 1 to 64 letters, digits, dots, hyphens or underscores: got ${quoted(name)}`);
  }
  return queue === '' || queue === 'none' ? undefined : { queue, name };
}

/** Reads the queue of a command that needs one. Throws a {@link UsageError}. */
export function requireQueue(flags: Flags<'queue' | 'name'>, env: NodeJS.ProcessEnv): QueueAddress {
  const address = readQueue(flags, env);
  if (address !== undefined) return address;
  throw new UsageError('no queue given; add --queue redis://HOST:6379/0, or set FETCHMANY_QUEUE');
}
