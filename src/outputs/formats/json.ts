import { recordJson } from '../../http/record-json.ts';
import { toRecord, type RecordOptions } from '../../http/record.ts';
import { printableJson } from '../../text/printable.ts';
import type { Format } from './format.ts';

/** Creates the JSON format: one array, one record per line. An empty run is an empty array. */
export function json(options: RecordOptions = {}): Format {
  let separator = '\n';
  return {
    head: () => '[',
    row(result) {
      const row = separator + printableJson(recordJson(toRecord(result, options)));
      separator = ',\n';
      return row;
    },
    tail: () => '\n]\n',
  };
}
