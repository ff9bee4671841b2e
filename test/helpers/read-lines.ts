import { StreamedList } from '../../src/inputs/streamed-list.ts';

/** Reads the URLs of a plain list, as texts. */
export async function* readLines(
  chunks: AsyncIterable<Uint8Array>,
  name = 'the list',
): AsyncGenerator<string, void, undefined> {
  for await (const item of new StreamedList(chunks, { format: 'lines', givesText: true, name })) {
    yield typeof item === 'string' ? item : String(item.url);
  }
}
