import type { ResultRecord } from '../../src/http/record.ts';
import type { Output } from '../../src/outputs/files/batch.ts';
import type { Format } from '../../src/outputs/formats/format.ts';

/** Passes records on, each once it was written, with what stands before and after them; then closes the output. */
export async function* written(
  records: AsyncIterable<ResultRecord>,
  { format, output }: { readonly format: Format; readonly output: Output },
): AsyncGenerator<ResultRecord, void, undefined> {
  try {
    if (format.head) await output.write(format.head());
    for await (const record of records) {
      const room = output.write(format.row(record));
      if (room !== undefined) await room;
      yield record;
    }
    if (format.tail) await output.write(format.tail());
  } finally {
    await output.close();
  }
}
