import { maxRecordBytes, parseRecord, recordStart, type ResultRecord } from '../http/record.ts';
import { InputError } from './input-error.ts';
import { plainText } from './plain-text.ts';
import { unpack } from './gunzip.ts';

/**
 * Yields the records of a JSON Lines file as they arrive; gzip is unpacked. Blank lines are skipped, and so is an
 * incomplete last line, which a killed run may leave. Throws an {@link InputError} that names the line for any other
 * line that is not a record, after the records before it.
 *
 * @param name the name of the file in messages
 * @param torn receives the number of an incomplete last line, from 1
 */
export async function* readRecords(
  chunks: AsyncIterable<Uint8Array>,
  name: string,
  torn: (line: number) => void,
): AsyncGenerator<ResultRecord, void, undefined> {
  let begun: Buffer[] = [];
  let begunBytes = 0;
  let line = 1;
  let isBegun = false;
  for await (const chunk of plainText(unpack(chunks, name), name)) {
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); end >= 0; end = chunk.indexOf(lineFeed, start)) {
      const piece = chunk.subarray(start, end);
      const text = (begunBytes > 0 ? Buffer.concat([...begun, piece]) : piece).toString();
      const record = parseRecord(text);
      if (record) yield record;
      else if (text.trim() !== '') throw noRecord(name, line);
      isBegun ||= record !== undefined;
      begun = [];
      begunBytes = 0;
      line += 1;
      start = end + 1;
    }
    begunBytes += chunk.length - start;
    if (begunBytes > maxRecordBytes) throw noRecord(name, line);
    // A copy: a slice of the chunk would keep all of it in memory.
    if (start < chunk.length) begun.push(Buffer.from(chunk.subarray(start)));
  }
  const text = Buffer.concat(begun).toString();
  const record = parseRecord(text);
  if (record) yield record;
  else if (text.trim() === '') return;
  else if (isBegun || recordStart.startsWith(text.slice(0, recordStart.length))) torn(line);
  else throw noRecord(name, line);
}

const lineFeed = 0x0a;

function noRecord(name: string, line: number): InputError {
  return new InputError(name, `line ${line} is not a record of fetchmany; name a file that --format jsonl wrote`);
}
