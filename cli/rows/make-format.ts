import type { Format } from '../../src/outputs/formats/format.ts';
import type { Expected } from '../../src/outputs/formats/reason.ts';
import { withoutUndefined } from '../flags/given.ts';
import { columnsOf } from '../process/columns-of.ts';
import type { FormatName } from './format-name.ts';
import { isTerminalOutput } from './is-terminal-output.ts';
import { usesColor } from './uses-color.ts';

/** Options of {@link makeFormat}. */
export interface FormatOptions {
  readonly format: FormatName;
  /** Writes response headers, in the formats that have a place for them. */
  readonly includeHeaders: boolean;
  /** The file that rows go to; undefined or `-` is standard output. */
  readonly output: string | undefined;
  /** False if colours were refused by a flag. */
  readonly mayColor: boolean;
  /** Columns of the input, once they are known; they come first in tables. */
  readonly inputColumns?: () => readonly string[] | undefined;
  /** The delimiter of the input table, once it is known. CSV output uses the same. */
  readonly inputDelimiter?: () => string | undefined;
  /** The expectations, for formats that explain results. */
  readonly expected?: Expected;
}

/** Makes a row format. Loads that format only, which keeps the start-up short. */
export async function makeFormat({
  format,
  includeHeaders,
  output,
  mayColor,
  inputColumns,
  inputDelimiter,
  expected,
}: FormatOptions): Promise<Format> {
  const isTerminal = isTerminalOutput(output);
  const color = mayColor && usesColor({ isTerminal, env: process.env });
  switch (format) {
    case 'text':
      return (await import('../../src/outputs/formats/text.ts')).text({ color });
    case 'jsonl':
      return (await import('../../src/outputs/formats/jsonl.ts')).jsonl({ includeHeaders });
    case 'json':
      return (await import('../../src/outputs/formats/json.ts')).json({ includeHeaders });
    case 'csv':
    case 'tsv': {
      const { csv } = await import('../../src/outputs/formats/csv.ts');
      const delimiter = format === 'tsv' ? '\t' : () => csvDelimiter(inputDelimiter?.());
      return csv({ forTerminal: isTerminal, delimiter, ...(inputColumns && { inputColumns }) });
    }
    case 'table': {
      // Read for each row: the terminal may be resized.
      const columns = isTerminal ? () => columnsOf(process.stdout)! : undefined;
      return (await import('../../src/outputs/formats/table.ts')).table({ color, columns });
    }
    case 'markdown':
      return (await import('../../src/outputs/formats/markdown.ts')).markdown(withoutUndefined({ expected }));
    case 'github':
      return (await import('../../src/outputs/formats/github.ts')).github(withoutUndefined({ expected }));
    default:
      return format satisfies never;
  }
}

/** A tab would make CSV TSV, which has a name of its own. */
function csvDelimiter(given: string | undefined): string {
  return given === ';' || given === '|' ? given : ',';
}
