import { isatty } from 'node:tty';
import { csv } from '../src/outputs/csv.ts';
import type { Format } from '../src/outputs/format.ts';
import { json } from '../src/outputs/json.ts';
import { jsonl } from '../src/outputs/jsonl.ts';
import { text } from '../src/outputs/text.ts';
import type { FormatName } from './format-name.ts';

/** What decides how rows look. */
export interface Look {
  readonly format: FormatName;
  /** Response headers, where there is a place for them. */
  readonly includeHeaders: boolean;
  readonly output: string | undefined;
}

/** The format that was asked for. */
export function makeFormat({ format, includeHeaders, output }: Look, color: boolean): Format {
  switch (format) {
    case 'text':
      return text({ color });
    case 'jsonl':
      return jsonl({ includeHeaders });
    case 'json':
      return json({ includeHeaders });
    case 'csv':
      return csv({ forTerminal: (output === undefined || output === '-') && isatty(1) });
    default:
      return format satisfies never;
  }
}
