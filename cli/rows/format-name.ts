import { fetchFlags } from '../fetch/fetch-flags.ts';
import { wordsOf } from '../flags/flag-table.ts';
import type { Flags } from '../flags/flags.ts';
import { oneOf } from '../flags/units.ts';
import { UsageError } from '../flags/usage-error.ts';

/** The formats there are. */
export type FormatName = keyof typeof fetchFlags.format.words;

const formats = oneOf(wordsOf(fetchFlags.format), 'jsonl');

/** The format that was asked for, or that the name of the output file promises; undefined if neither says one. */
export function readFormat(flags: Flags<'format' | 'jsonl'>, output: string | undefined): FormatName | undefined {
  const format = flags.read('format', formats);
  if (!flags.has('jsonl')) return format ?? formatOf(output);
  if (format === undefined || format === 'jsonl') return 'jsonl';
  throw new UsageError(`-j is --format jsonl, and contradicts --format ${format}; leave one out`);
}

function formatOf(output: string | undefined): FormatName | undefined {
  const ending = /\.([a-z]+)$/i.exec(output ?? '')?.[1]?.toLowerCase();
  return ending === 'ndjson' ? 'jsonl' : formats.parse(ending ?? '');
}
