import type { ResultRecord } from '../../src/http/record.ts';
import type { FetchResult } from '../../src/http/result.ts';
import { readRecords } from '../../src/inputs/read-records.ts';
import { mustBeSentAgain } from '../../src/journal/record-line.ts';
import { SupersededRecords } from '../../src/journal/superseded.ts';
import { openWholeFile, type WholeFile } from '../../src/outputs/files/open-whole-file.ts';
import { junit } from '../../src/outputs/formats/junit.ts';
import type { Expected } from '../../src/outputs/formats/reason.ts';

/** The records of earlier runs, in the file that this run resumes. */
export interface EarlierRecords {
  readonly path: string;
  /** Those that are not ok are fetched again. */
  readonly retryFailed: boolean;
}

/**
 * Writes a JUnit report of all results, those of earlier runs included, beside the records. It replaces the one of an earlier run, as a whole or not at all.
 * Opened at once, so that a wrong name is reported before anything is sent. Rejects with an `OutputError`.
 */
export async function openJunitReport(
  path: string,
  expected: Expected,
  earlier?: EarlierRecords,
): Promise<(results: AsyncIterable<FetchResult>) => AsyncGenerator<FetchResult, void, undefined>> {
  const file = await openWholeFile(path, { overwrite: true, mode: 0o666 });
  return (results) => writing(results, file, { expected, earlier });
}

async function* writing(
  results: AsyncIterable<FetchResult>,
  file: WholeFile,
  { expected, earlier }: { readonly expected: Expected; readonly earlier: EarlierRecords | undefined },
): AsyncGenerator<FetchResult, void, undefined> {
  const { head, row, tail } = junit({ expected });
  let isComplete = false;
  try {
    await file.write(head!());
    // Before the first result is asked for, so that the file holds nothing of this run.
    if (earlier !== undefined) for await (const record of recordsToKeep(earlier)) await file.write(row(record));
    for await (const result of results) {
      const room = file.write(row(result));
      if (room !== undefined) await room;
      yield result;
    }
    await file.write(tail!());
    isComplete = true;
  } finally {
    // An error while closing must not hide the one that ended the loop.
    if (isComplete) await file.close();
    else await file.discard().catch(() => {});
  }
}

async function* recordsToKeep({ path, retryFailed }: EarlierRecords): AsyncGenerator<ResultRecord, void, undefined> {
  const superseded = new SupersededRecords();
  for await (const record of readRecords(path)) superseded.note(record);
  for await (const record of readRecords(path)) {
    const isReplaced = superseded.isSuperseded(record);
    if (!isReplaced && !mustBeSentAgain(record) && (record.ok || !retryFailed)) yield record;
  }
}
