import type { Output } from '../../src/outputs/files/batch.ts';
import type { Format } from '../../src/outputs/formats/format.ts';
import { OutputError } from '../../src/outputs/files/output-error.ts';
import type { FetchResult } from '../../src/http/result.ts';
import { drain, type Sink } from '../../src/outputs/drain.ts';

/** Where records go, and how they look. */
export interface Recording {
  readonly format: Format;
  readonly output: Output;
  /** Takes every result that was recorded. */
  readonly recorded: Sink;
}

/**
 * Writes all results, with what stands before and after them, and closes the output. An output that fails ends it, and
 * with it the run: then it resolves with the error.
 */
export async function record(
  results: AsyncIterable<FetchResult>,
  recording: Recording,
): Promise<OutputError | undefined> {
  const { output } = recording;
  try {
    await writeAll(results, recording);
    await output.close();
    return undefined;
  } catch (error) {
    // Whatever closing says now is no news.
    await output.close().catch(() => {});
    if (error instanceof OutputError) return error;
    throw error;
  }
}

async function writeAll(results: AsyncIterable<FetchResult>, { format, output, recorded }: Recording): Promise<void> {
  if (format.head) await output.write(format.head());
  await drain(results, [(result) => output.write(format.row(result)), recorded]);
  if (format.tail) await output.write(format.tail());
}
