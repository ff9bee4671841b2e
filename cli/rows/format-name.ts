import { wordsOf } from '../flags/flag-table.ts';
import type { Flags } from '../flags/flags.ts';
import { oneOf } from '../flags/units.ts';
import { UsageError } from '../flags/usage-error.ts';

/** The words of `--format`, with their descriptions. */
export const formatWords = {
  text: 'aligned columns',
  jsonl: 'JSON Lines, one record on each line',
  csv: 'with a head line, for spreadsheets',
  json: 'one array of records',
  table: 'with a head line; fits a terminal, where long URLs are cut',
} as const;

/** The type of {@link formatWords}. */
export type FormatWords = typeof formatWords;

/** The name of a row format. */
export type FormatName = keyof FormatWords;

const formats = oneOf(wordsOf({ words: formatWords }), 'jsonl');

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
