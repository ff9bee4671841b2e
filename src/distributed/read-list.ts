import { createHash } from 'node:crypto';
import type { ListEntry } from '../http/list-entry.ts';
import { parseRequest, type RequestInput } from '../http/request.ts';
import { OutputError } from '../outputs/files/output-error.ts';
import type { RunName } from './run-name.ts';
import type { RunRecords } from './run-records.ts';
import type { Spool } from './spool.ts';
import { packInput } from './wire.ts';

/** One input of a list with its place there. */
export interface ListedInput extends Pick<ListEntry, 'line'> {
  readonly input: RequestInput;
}

/** Where the inputs of a list go, for {@link readList}. */
export interface ListReaders {
  readonly records: RunRecords;
  readonly spool: Spool;
  readonly name: RunName;
  /** The file of records, for messages. */
  readonly output: string;
  /** The file has records of an earlier run. */
  readonly isResumed: boolean;
  readonly stop: AbortSignal;
}

/** What is known of a list once it was read. */
export interface ReadList {
  /** Identifies the list. */
  readonly fingerprint: string;
  /** The origin of the first request that can be sent. */
  readonly firstOrigin: string | undefined;
}

/**
 * Reads a list to its end: what has no record goes into the spool; what cannot be sent gets its record.
 *
 * @throws OutputError if the records are those of another list, as a rejection
 */
export async function readList(inputs: AsyncIterable<ListedInput>, readers: ListReaders): Promise<ReadList> {
  const { records, spool, name, stop } = readers;
  const hash = createHash('sha256');
  let firstOrigin: string | undefined;
  for await (const { input, line } of inputs) {
    if (stop.aborted) break;
    const { index, isDone } = records.enter();
    if (readers.isResumed) requireSameList(index, input, readers);
    const packed = packInput(index, input, line);
    if (packed !== undefined) firstOrigin ??= originOf(input);
    hash.update(packed === undefined ? `${index}\tinvalid\n` : `${packed.line}\n`);
    if (!isDone && packed !== undefined) spool.add(packed);
    if (!isDone && packed === undefined) await records.settle(index, input, line);
    const renewed = name.renewInTime();
    if (renewed !== undefined) await renewed;
  }
  records.endOfList();
  return { fingerprint: hash.digest('hex'), firstOrigin };
}

/** A record belongs to the line of its index. In another list, the line would be taken for done. */
function requireSameList(index: number, input: RequestInput, { records, output }: ListReaders): void {
  if (records.agrees(index, input)) return;
  throw new OutputError(
    output,
    `request ${index + 1} of the list is not the one that it has under that number; resume it without --queue, or with the same list`,
  );
}

/** Returns the origin of a request that can be sent. */
function originOf(input: RequestInput): string | undefined {
  const request = parseRequest(input, []);
  return 'origin' in request ? request.origin : undefined;
}
