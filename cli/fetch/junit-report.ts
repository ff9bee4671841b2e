import type { FetchResult } from '../../src/http/result.ts';
import { openWholeFile, type WholeFile } from '../../src/outputs/files/open-whole-file.ts';
import { junit } from '../../src/outputs/formats/junit.ts';
import type { Expected } from '../../src/outputs/formats/reason.ts';

/**
 * Writes a JUnit report of all results beside the records. It replaces the one of an earlier run, as a whole or not at all.
 * Opened at once, so that a wrong name is reported before anything is sent. Rejects with an `OutputError`.
 */
export async function openJunitReport(
  path: string,
  expected: Expected,
): Promise<(results: AsyncIterable<FetchResult>) => AsyncGenerator<FetchResult, void, undefined>> {
  const file = await openWholeFile(path, { overwrite: true, mode: 0o666 });
  return (results) => writing(results, file, expected);
}

async function* writing(
  results: AsyncIterable<FetchResult>,
  file: WholeFile,
  expected: Expected,
): AsyncGenerator<FetchResult, void, undefined> {
  const { head, row, tail } = junit({ expected });
  let isComplete = false;
  try {
    await file.write(head!());
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
