import { unpack } from './gunzip.ts';
import { plainText } from './plain-text.ts';
import { UrlLines } from './url-lines.ts';

/**
 * Reads the URLs of a list, one per line, as they arrive. The list may be gzip. Blanks around a URL, blank lines and
 * lines that begin with `#` are skipped.
 *
 * @param name name of the list in messages
 */
export async function* readLines(
  chunks: AsyncIterable<Uint8Array>,
  name = 'the list',
): AsyncGenerator<string, void, undefined> {
  const lines = new UrlLines();
  for await (const chunk of plainText(unpack(chunks, name), name)) {
    lines.push(chunk);
    for (let url = lines.next(); url !== undefined; url = lines.next()) yield url;
  }
  const last = lines.last();
  if (last !== undefined) yield last;
}
