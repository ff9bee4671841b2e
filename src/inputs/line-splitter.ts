import { isUtf8 } from 'node:buffer';
import { maxEntryBytes } from './request-item.ts';

/** Splits UTF-8 text into whole lines, without their line ends. Gives `undefined` for a line that is too long to keep. */
export class LineSplitter {
  readonly #maxBytes: number;
  #held: Buffer[] = [];
  #heldBytes = 0;
  #isSkipping = false;
  #line = 0;
  #isDamaged = false;

  /** @param maxBytes longest line that is kept, in bytes */
  constructor(maxBytes: number = maxEntryBytes) {
    this.#maxBytes = maxBytes;
  }

  /** Number of the last line, from 1. */
  get line(): number {
    return this.#line;
  }

  /** True if the last line has bytes that are not UTF-8: U+FFFD stands in their place. */
  get isDamaged(): boolean {
    return this.#isDamaged;
  }

  *read(chunk: Buffer): Generator<string | undefined, void, undefined> {
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); end >= 0; end = chunk.indexOf(lineFeed, start)) {
      const isRest = this.#isSkipping;
      this.#isSkipping = false;
      if (!isRest) yield this.#take(chunk, start, end);
      start = end + 1;
    }
    if (this.#isSkipping || start === chunk.length) return;
    // A copy: a part of the chunk would keep all of it in memory.
    this.#held.push(Buffer.from(chunk.subarray(start)));
    this.#heldBytes += chunk.length - start;
    if (this.#heldBytes > this.#maxBytes) {
      this.#isSkipping = true;
      this.#take(chunk, 0, 0);
      yield undefined;
    }
  }

  /** Gives the last line, if it has no line end. */
  *end(): Generator<string, void, undefined> {
    if (this.#heldBytes > 0) yield this.#take(Buffer.alloc(0), 0, 0)!;
  }

  #take(chunk: Buffer, start: number, end: number): string | undefined {
    this.#line += 1;
    if (this.#heldBytes === 0) return this.#decode(chunk, start, end);
    const all = Buffer.concat([...this.#held, chunk.subarray(start, end)]);
    this.#held = [];
    this.#heldBytes = 0;
    return this.#decode(all, 0, all.length);
  }

  #decode(bytes: Buffer, start: number, end: number): string | undefined {
    if (end - start > this.#maxBytes) return undefined;
    const text = bytes.toString('utf8', start, end);
    this.#isDamaged = text.includes('\ufffd') && !isUtf8(bytes.subarray(start, end));
    return text;
  }
}

const lineFeed = 0x0a;
