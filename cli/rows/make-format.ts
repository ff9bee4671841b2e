import { isatty } from 'node:tty';
import type { Format } from '../../src/outputs/formats/format.ts';
import type { FormatName } from './format-name.ts';

/** What decides how rows look. */
export interface Look {
  readonly format: FormatName;
  /** Response headers, where there is a place for them. */
  readonly includeHeaders: boolean;
  readonly output: string | undefined;
}

/** The format that was asked for. Only that one is loaded: a run starts the sooner. */
export async function makeFormat({ format, includeHeaders, output }: Look, color: boolean): Promise<Format> {
  const isTerminal = (output === undefined || output === '-') && isatty(1);
  switch (format) {
    case 'text':
      return (await import('../../src/outputs/formats/text.ts')).text({ color });
    case 'jsonl':
      return (await import('../../src/outputs/formats/jsonl.ts')).jsonl({ includeHeaders });
    case 'json':
      return (await import('../../src/outputs/formats/json.ts')).json({ includeHeaders });
    case 'csv':
      return (await import('../../src/outputs/formats/csv.ts')).csv({ forTerminal: isTerminal });
    case 'table': {
      const columns = isTerminal ? () => process.stdout.columns || narrowest : undefined;
      return (await import('../../src/outputs/formats/table.ts')).table({ color, columns });
    }
    default:
      return format satisfies never;
  }
}

/** What a terminal has that does not say. */
const narrowest = 80;
