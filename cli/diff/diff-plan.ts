import { statSync } from 'node:fs';
import { extname } from 'node:path';
import { wordsOf } from '../flags/flag-table.ts';
import { readFlags } from '../flags/flags.ts';
import { quoted } from '../flags/quoted.ts';
import * as unit from '../flags/units.ts';
import { UsageError } from '../flags/usage-error.ts';
import { refuseOwnOutput } from '../rows/refuse-own-output.ts';
import { diffFlags } from './diff-flags.ts';

/** The parsed command line of `fetchmany diff`. */
export interface DiffPlan {
  /** Files of records. */
  readonly old: string;
  readonly fresh: string;
  readonly format: keyof typeof diffFlags.format.words;
  readonly output: string | undefined;
  readonly overwrite: boolean;
  readonly isQuiet: boolean;
}

/** Parses the command line of `fetchmany diff`. Throws a {@link UsageError}. */
export function readDiffPlan(argv: readonly string[]): DiffPlan | 'help' {
  const flags = readFlags(argv, diffFlags, 'fetchmany diff');
  if (flags.has('help')) return 'help';
  const [old, fresh, ...more] = flags.words;
  if (old === undefined || fresh === undefined || more.length > 0) {
    throw new UsageError('diff needs two files of records, such as fetchmany diff old.jsonl new.jsonl');
  }
  for (const name of [old, fresh]) requireFile(name);
  const output = flags.read('output', unit.name('changes.html'));
  refuseOwnOutput([old, fresh], output);
  const format = flags.read('format', formats) ?? formats.parse(extname(output ?? '').slice(1));
  return {
    old,
    fresh,
    format: format ?? diffFlags.format.byDefault,
    output,
    overwrite: flags.has('overwrite'),
    isQuiet: flags.has('quiet'),
  };
}

const formats = unit.oneOf(wordsOf(diffFlags.format), 'json');

/** A pipe can be read only once, and the old run is read twice. A missing file is reported when it is opened. */
function requireFile(name: string): void {
  const status = name === '-' ? undefined : statSync(name, { throwIfNoEntry: false });
  const isReadOnce = name === '-' || status?.isFIFO() || status?.isCharacterDevice();
  if (isReadOnce) throw new UsageError(`diff reads its files more than once: got ${quoted(name)}, which is not a file`);
}
