import { maxUrlLength } from '../http/request.ts';
import { plainText } from './plain-text.ts';
import { unpack } from './gunzip.ts';

/**
 * Yields the URLs of a list, one per line, as they arrive. The list is UTF-8, or gzip of it. Blanks around a URL, blank
 * lines and whole-line `#` comments are skipped. A line too long to be a URL is cut, which bounds memory, but stays too
 * long to pass for one.
 *
 * @param name the name of the list in messages
 */
export async function* readLines(
  chunks: AsyncIterable<Uint8Array>,
  name = 'the list',
): AsyncGenerator<string, void, undefined> {
  const begun = new BegunLine();
  for await (const chunk of plainText(unpack(chunks, name), name)) {
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); end >= 0; end = chunk.indexOf(lineFeed, start)) {
      const url = begun.isEmpty ? urlIn(chunk, start, end) : urlInAll(begun.take(chunk.subarray(start, end)));
      if (url !== undefined) yield url;
      start = end + 1;
    }
    begun.add(chunk.subarray(start));
  }
  const url = urlInAll(begun.take());
  if (url !== undefined) yield url;
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const hash = 0x23;

/** Bytes that hold any URL of the greatest length: a UTF-16 unit takes at most three bytes in UTF-8. */
const maxLineBytes = 3 * (maxUrlLength + 2);

/** The start of a line whose end has not arrived yet. */
class BegunLine {
  #parts: Buffer[] = [];
  #length = 0;

  get isEmpty(): boolean {
    return this.#length === 0;
  }

  /** Keeps a copy, but no more than it takes to show that the line is too long. */
  add(bytes: Buffer): void {
    const start = this.isEmpty ? skipBlanks(bytes, 0, bytes.length) : 0;
    const part = bytes.subarray(start, start + maxLineBytes + 1 - this.#length);
    if (part.length === 0) return;
    this.#parts.push(Buffer.from(part));
    this.#length += part.length;
  }

  take(end?: Buffer): Buffer {
    if (end !== undefined) this.add(end);
    const line = Buffer.concat(this.#parts);
    this.#parts = [];
    this.#length = 0;
    return line;
  }
}

function urlInAll(line: Buffer): string | undefined {
  return urlIn(line, 0, line.length);
}

// Decode each line by itself: slices of one long string would keep all of it in memory while one of them waits.
function urlIn(bytes: Buffer, lineStart: number, lineEnd: number): string | undefined {
  const start = skipBlanks(bytes, lineStart, lineEnd);
  if (start === lineEnd || bytes[start] === hash) return undefined;
  if (lineEnd - start > maxLineBytes) return cut(bytes.toString('utf8', start, start + maxLineBytes));
  const end = skipBlanksBack(bytes, start, bytes[lineEnd - 1] === carriageReturn ? lineEnd - 1 : lineEnd);
  if (start === end) return undefined;
  const url = bytes.toString('utf8', start, end);
  return url.length > maxUrlLength ? cut(url) : url;
}

/** Cuts to one character more than a URL may have. The last one is not a blank, or trimming would shorten it. */
function cut(text: string): string {
  return text
    .slice(0, maxUrlLength)
    .trim()
    .padEnd(maxUrlLength + 1, '…');
}

function skipBlanks(bytes: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && isBlank(bytes[at])) at += 1;
  return at;
}

function skipBlanksBack(bytes: Buffer, start: number, end: number): number {
  let at = end;
  while (at > start && isBlank(bytes[at - 1])) at -= 1;
  return at;
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09;
}
