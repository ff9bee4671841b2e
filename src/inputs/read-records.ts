import { fileURLToPath } from 'node:url';
import type { ResultRecord } from '../http/record.ts';
import { complaint } from '../check.ts';
import { openInput, readBytes } from './open-input.ts';
import { readRecords as parseRecords } from './records.ts';

/**
 * A source of records: a file by its path or `file:` URL (`-` is standard input), or an iterable. An iterable yields
 * lines as strings, as `readline` does, or the bytes of a file in pieces of any size, as a stream does.
 */
export type RecordSource = string | URL | Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>;

/** Options of {@link readRecords}. */
export interface ReadRecordsOptions {
  /**
   * Called with the number of the last line, from 1, if that line is incomplete and was skipped: a run that was killed
   * may leave one. @default it is skipped silently
   */
  readonly onTornLine?: (line: number) => void;
}

/**
 * Reads the records of a JSON Lines file that an earlier run wrote, one by one and in bounded memory; gzip is
 * recognised. A record is plain data: checked, without a body, and with an `error` that is not an `Error`. After a run
 * that was resumed with `--retry-failed` a file may hold several records for one input; the last one counts.
 *
 * ```ts
 * for await (const record of readRecords('results.jsonl')) {
 *   if (!record.ok) console.log(record.url);
 * }
 * ```
 *
 * @throws {InputError} while iterating, if the source cannot be read, or names the first line that is not a record
 */
export async function* readRecords(
  source: RecordSource,
  { onTornLine = () => {} }: ReadRecordsOptions = {},
): AsyncGenerator<ResultRecord, void, undefined> {
  if (typeof source === 'string') yield* readFile(source, onTornLine);
  else if (source instanceof URL) yield* readFile(fileURLToPath(source), onTornLine);
  else yield* parseRecords(bytesOf(source), 'the records', onTornLine);
}

async function* readFile(
  name: string,
  onTornLine: (line: number) => void,
): AsyncGenerator<ResultRecord, void, undefined> {
  const stream = openInput(name, 'a file of records');
  try {
    yield* parseRecords(readBytes({ name, stream }), name, onTornLine);
  } finally {
    stream.destroy();
  }
}

async function* bytesOf(
  source: Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  let isLineOpen = false;
  for await (const piece of source) {
    if (typeof piece !== 'string' && !(piece instanceof Uint8Array)) {
      throw new TypeError(complaint('read records', 'source', 'lines or bytes', piece));
    }
    // Before the next line, not after this one: the last line may be incomplete.
    if (isLineOpen) yield lineBreak;
    yield typeof piece === 'string' ? Buffer.from(piece) : piece;
    isLineOpen = typeof piece === 'string' && !piece.endsWith('\n');
  }
}

const lineBreak = Buffer.from('\n');
