import { maxRecordBytes, parseRecord, recordStart, type ResultRecord } from '../http/record.ts';
import { InputError } from './input-error.ts';
import { plainText } from './plain-text.ts';
import { unpack } from './gunzip.ts';

/**
 * Reads the records of a JSON Lines file as they arrive. The file may be gzip. Skips blank lines, and a torn last line,
 * which a killed run may leave. Throws an {@link InputError} for any other line that is not a record, after the records
 * before it.
 *
 * @param name name of the file in messages
 * @param torn receives the number of a torn last line, from 1
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
      // Blank lines first: a parser takes microseconds to refuse one.
      const isBlank = text.trim() === '';
      const record = isBlank ? undefined : parseRecord(text);
      if (record) yield record;
      else if (!isBlank) throw noRecord(name, line, text);
      isBegun ||= record !== undefined;
      begun = [];
      begunBytes = 0;
      line += 1;
      start = end + 1;
    }
    begunBytes += chunk.length - start;
    if (begunBytes > maxRecordBytes) throw noRecord(name, line);
    // A copy: a piece of the chunk would keep all of it alive.
    if (start < chunk.length) begun.push(Buffer.from(chunk.subarray(start)));
  }
  const text = Buffer.concat(begun).toString();
  const record = parseRecord(text);
  if (record) yield record;
  else if (text.trim() === '') return;
  else if (isBegun || recordStart.startsWith(text.slice(0, recordStart.length))) torn(line);
  else throw noRecord(name, line, text);
}

const lineFeed = 0x0a;

function noRecord(name: string, line: number, text = ''): InputError {
  const other = line === 1 ? otherFormats.find(({ start }) => start.test(text)) : undefined;
  const reason = other ? `it is ${other.kind}, not JSON Lines` : `line ${line} is not a fetchmany record`;
  return new InputError(name, `${reason}; records are read from files written with --format jsonl`);
}

/** Files that fetchmany writes in other formats, by their first line. */
const otherFormats = [
  { kind: 'a JSON array', start: /^\s*\[/ },
  { kind: 'a CSV or TSV table', start: /(?:^|[,\t])(?:fetch_)*index[,\t](?:fetch_)*url[,\t](?:fetch_)*method[,\t]/ },
];
