import { isUtf8 } from 'node:buffer';
import { maxUrlLength } from '../http/request.ts';

/**
 * Splits UTF-8 text into URLs, one per line. Skips blank lines and lines that begin with `#`. A line that is too long to
 * be a URL is cut to one character more than a URL may have, so that it is refused and memory stays flat.
 *
 * Not a generator: that would add a quarter to the time that a line takes.
 */
export class UrlLines {
  readonly #begun = new BegunLine();
  #chunk: Buffer = Buffer.alloc(0);
  /** False if the chunk has bytes that are not UTF-8, or begins or ends within a character. */
  #isChunkUtf8 = true;
  #start = 0;
  #line = 0;
  #isDamaged = false;

  /** Line of the last URL, from 1. */
  get line(): number {
    return this.#line;
  }

  /** True if the last URL has bytes that are not UTF-8: U+FFFD replaces them. */
  get isDamaged(): boolean {
    return this.#isDamaged;
  }

  /** Adds a chunk. All URLs of the previous one must have been taken. */
  push(chunk: Buffer): void {
    this.#chunk = chunk;
    this.#isChunkUtf8 = isUtf8(chunk);
    this.#start = 0;
  }

  /** Takes the next URL whose line is complete; `undefined` if there is none in this chunk. */
  next(): string | undefined {
    const chunk = this.#chunk;
    for (let end = chunk.indexOf(lineFeed, this.#start); end >= 0; end = chunk.indexOf(lineFeed, this.#start)) {
      const start = this.#start;
      this.#start = end + 1;
      this.#line += 1;
      const isWhole = this.#begun.isEmpty;
      const url = isWhole ? urlIn(chunk, start, end) : this.#urlInBegun(chunk.subarray(start, end));
      if (url === undefined) continue;
      if (isWhole) this.#isDamaged = !this.#isChunkUtf8 && isDamaged(url, chunk.subarray(start, end));
      return url;
    }
    this.#begun.add(chunk.subarray(this.#start));
    this.#start = chunk.length;
    return undefined;
  }

  /** Takes the URL of the last line if that has no line end. */
  last(): string | undefined {
    this.#line += 1;
    return this.#urlInBegun();
  }

  #urlInBegun(end?: Buffer): string | undefined {
    const line = this.#begun.take(end);
    const url = urlIn(line, 0, line.length);
    this.#isDamaged = url !== undefined && isDamaged(url, line);
    return url;
  }
}

/** A URL that is too long may have been cut within a character. */
function isDamaged(url: string, line: Buffer): boolean {
  return url.length <= maxUrlLength && url.includes('\ufffd') && !isUtf8(line);
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const hash = 0x23;

/** Bytes that the longest URL can take: a UTF-16 unit is at most three bytes of UTF-8. */
const maxLineBytes = 3 * (maxUrlLength + 2);

/** The beginning of a line whose end has not arrived. */
class BegunLine {
  #parts: Buffer[] = [];
  #length = 0;

  get isEmpty(): boolean {
    return this.#length === 0;
  }

  /** Keeps a copy of at most one byte more than a line may have. */
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

// Each line is decoded on its own: slices of one long string would keep all of it in memory as long as one of them is in use.
function urlIn(bytes: Buffer, lineStart: number, lineEnd: number): string | undefined {
  const start = skipBlanks(bytes, lineStart, lineEnd);
  if (start === lineEnd || bytes[start] === hash) return undefined;
  if (lineEnd - start > maxLineBytes) return cut(bytes.toString('utf8', start, start + maxLineBytes));
  const end = skipBlanksBack(bytes, start, bytes[lineEnd - 1] === carriageReturn ? lineEnd - 1 : lineEnd);
  if (start === end) return undefined;
  const url = bytes.toString('utf8', start, end);
  return url.length > maxUrlLength ? cut(url) : url;
}

/** Cuts a text to one character more than a URL may have. The last one is not a blank, which trimming would remove. */
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
