import { recordJson } from '../../http/record-json.ts';
import { toRecord, type RecordOptions } from '../../http/record.ts';
import { printableJson } from '../../text/printable.ts';
import type { Format } from './format.ts';

/** Creates the JSON Lines format: one record per line. */
export function jsonl(options: RecordOptions = {}): Format {
  return {
    row: (result) => `${printableJson(recordJson(toRecord(result, options)))}\n`,
  };
}
