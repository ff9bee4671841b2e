import { spliceBody } from './record-body-json.ts';
import type { ResultRecord } from './record.ts';

/** Converts a record to JSON on one line. A JSON body becomes part of it to the letter. */
export function recordJson(record: ResultRecord): string {
  if (record.kind !== 'response' || (record.bodyEncoding ?? record.bodyOmitted) === undefined) {
    return JSON.stringify(record);
  }
  const { bodyEncoding, body, bodyOmitted, ...others } = record;
  const present = Object.entries({ bodyEncoding, body, bodyOmitted }).filter(([, value]) => value !== undefined);
  return spliceBody(JSON.stringify(others), Object.fromEntries(present));
}
