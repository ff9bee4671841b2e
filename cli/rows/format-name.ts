import { wordsOf } from '../flags/flag-table.ts';
import type { Flags } from '../flags/flags.ts';
import { oneOf } from '../flags/units.ts';
import { UsageError } from '../flags/usage-error.ts';

/** The values of `--format`, with their descriptions. */
export const formatWords = {
  text: 'aligned columns',
  jsonl: 'JSON Lines: one record per line',
  csv: 'with a header row, for spreadsheets; the columns of a list come first',
  tsv: 'the same, separated by tabs',
  json: 'one array of records',
  table: 'with a header row; on a terminal, long URLs are shortened to fit',
  markdown: 'a table for step summaries and issues, at most 1 MB',
  github: 'annotations of a GitHub workflow, for the first nine records that are not ok',
} as const;

/** The type of {@link formatWords}. */
export type FormatWords = typeof formatWords;

/** The name of a row format. */
export type FormatName = keyof FormatWords;

const formats = oneOf(wordsOf({ words: formatWords }), 'jsonl');

/** Reads the format from its flags, else from the extension of the output file; undefined if neither names one. */
export function readFormat(flags: Flags<'format' | 'jsonl'>, output: string | undefined): FormatName | undefined {
  const format = flags.read('format', formats);
  if (!flags.has('jsonl')) return format ?? formatOf(output);
  if (format === undefined || format === 'jsonl') return 'jsonl';
  throw new UsageError(`-j means --format jsonl and cannot be combined with --format ${format}`);
}

const aliases = new Map<string, FormatName>([
  ['ndjson', 'jsonl'],
  ['md', 'markdown'],
]);

function formatOf(output: string | undefined): FormatName | undefined {
  const extension = /\.([a-z]+)$/i.exec(output ?? '')?.[1]?.toLowerCase();
  return aliases.get(extension ?? '') ?? formats.parse(extension ?? '');
}
