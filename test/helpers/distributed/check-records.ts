import { readFileSync } from 'node:fs';
import { parseRecord, type ResultRecord } from '../../../src/http/record.ts';

/** Reads a file of records. Throws unless each line is a whole record. */
export function recordsOf(path: string): ResultRecord[] {
  const text = readFileSync(path, 'utf8');
  if (text !== '' && !text.endsWith('\n')) throw new Error('The last line is torn');
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const record = parseRecord(line);
      if (record === undefined) throw new Error(`Not a record: ${line}`);
      return record;
    });
}

/** Counts the records that are lost, doubled, or of another URL than their line of the list. */
export function compared(
  records: readonly ResultRecord[],
  urls: readonly string[],
): Record<'lost' | 'doubled' | 'wrong', number> {
  const seen = new Set<number>();
  let doubled = 0;
  let wrong = 0;
  for (const { index, url } of records) {
    if (seen.has(index)) doubled += 1;
    seen.add(index);
    if (urls[index] !== url) wrong += 1;
  }
  return { lost: urls.length - seen.size, doubled, wrong };
}

/** What {@link compared} returns for a file with one record for each line. */
export const exactlyOne: Record<'lost' | 'doubled' | 'wrong', number> = { lost: 0, doubled: 0, wrong: 0 };
