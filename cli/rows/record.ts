import type { Output } from '../../src/outputs/files/batch.ts';
import type { WholeFile } from '../../src/outputs/files/open-whole-file.ts';
import type { Format } from '../../src/outputs/formats/format.ts';
import { OutputError } from '../../src/outputs/files/output-error.ts';
import type { FetchResult } from '../../src/http/result.ts';

/** The format of the rows and the output they go to. */
export interface RowsDestination {
  readonly format: Format;
  readonly output: Output | WholeFile;
  /** Tells whether rows are missing: then an older file stays as it is. @default () => false */
  readonly isPartial?: () => boolean;
}

/**
 * Writes a row for each result, between the head and the tail of the format, then passes the result on. Closes the
 * output in any case. The first error ends it; so does a consumer that leaves.
 */
export async function* writeRows<Result extends Parameters<Format['row']>[0]>(
  results: AsyncIterable<Result>,
  { format, output, isPartial = () => false }: RowsDestination,
): AsyncGenerator<Result, void, undefined> {
  let isComplete = false;
  try {
    if (format.head) await output.write(format.head());
    for await (const result of results) {
      const room = output.write(format.row(result));
      // Awaiting undefined would still cost a microtask for each result.
      if (room !== undefined) await room;
      yield result;
    }
    if (format.tail) await output.write(format.tail());
    isComplete = !(isReplacing(output) && isPartial());
  } finally {
    if (isComplete) await output.close();
    // An error while closing must not hide the one that ended the loop.
    else await ('discard' in output ? output.discard() : output.close()).catch(() => {});
  }
}

function isReplacing(output: Output | WholeFile): boolean {
  return 'isReplacing' in output && output.isReplacing;
}

/**
 * Writes all results and calls `recorded` after each. Resolves with the error of an output that failed, which ends the
 * run; rejects with any other error.
 */
export async function record(
  results: AsyncIterable<FetchResult>,
  destination: RowsDestination,
  recorded: (result: FetchResult) => void,
): Promise<OutputError | undefined> {
  try {
    for await (const result of writeRows(results, destination)) recorded(result);
    return undefined;
  } catch (error) {
    if (error instanceof OutputError) return error;
    throw error;
  }
}
