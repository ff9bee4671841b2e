import { InputError } from '../input-error.ts';
import { maxEntryBytes } from '../request-item.ts';
import { ArrayFinder } from './array-finder.ts';

/**
 * Splits one array of a JSON document into the texts of its elements, holding one at a time. Gives `undefined` for an
 * element that is too long to keep. A document that is an object counts as an array of one.
 */
export class JsonElements {
  readonly #name: string;
  readonly #isPartOfDocument: boolean;
  readonly #maxBytes: number;
  #finder: ArrayFinder | undefined;
  #place: Place = 'first';
  /** The document is an object, not an array. */
  #isSingle = false;
  #depth = 0;
  #isInString = false;
  #isEscaped = false;
  #held: Buffer[] = [];
  #heldBytes = 0;
  #line = 1;
  #elementLine = 1;

  /** @param path keys that lead to the array; empty if the document is the array */
  constructor(name: string, path: readonly string[], maxBytes: number = maxEntryBytes) {
    this.#name = name;
    this.#isPartOfDocument = path.length > 0;
    this.#maxBytes = maxBytes;
    this.#finder = new ArrayFinder(path);
  }

  /** Line on which the last element began, from 1. */
  get line(): number {
    return this.#elementLine;
  }

  *read(chunk: Buffer): Generator<string | undefined, void, undefined> {
    if (this.#finder === undefined) {
      yield* this.#elements(chunk);
      return;
    }
    const at = this.#finder.find(chunk);
    if (at === undefined) throw this.#error('it is not a JSON array');
    this.#line += countLines(at < 0 ? chunk : chunk.subarray(0, at));
    if (at < 0) return;
    this.#finder = undefined;
    this.#isSingle = chunk[at] === openingBrace;
    yield* this.#elements(chunk.subarray(this.#isSingle ? at : at + 1));
  }

  /** Checks that the document is whole. Throws an `InputError`. */
  requireEnd(): void {
    if (this.#finder !== undefined) {
      throw this.#error(this.#isPartOfDocument ? 'it does not contain the expected list' : 'it is not a JSON array');
    }
    if (this.#place !== 'after') throw this.#error(`it ends on line ${this.#line}, before the array is closed`);
  }

  *#elements(chunk: Buffer): Generator<string | undefined, void, undefined> {
    let start = 0;
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at]!;
      if (byte === lineFeed) this.#line += 1;
      if (this.#isInString) {
        this.#inString(byte);
        continue;
      }
      if (isSpace(byte)) continue;
      if (this.#place === 'after') {
        if (this.#isPartOfDocument) return;
        throw this.#error(
          `there is more on line ${this.#line}, after the end of the array; if the file is JSON Lines, use the format jsonl`,
        );
      }
      if (this.#depth === 0 && !this.#isSingle && (byte === comma || byte === closingBracket)) {
        if (this.#place === 'element') yield this.#take(chunk.subarray(start, at));
        else if (byte === comma || this.#place === 'next')
          throw this.#error(`there is no element before a '${String.fromCharCode(byte)}' on line ${this.#line}`);
        this.#place = byte === comma ? 'next' : 'after';
        continue;
      }
      if (this.#place !== 'element') {
        this.#place = 'element';
        this.#elementLine = this.#line;
        start = at;
      }
      this.#inElement(byte);
      if (this.#isSingle && this.#depth === 0) {
        yield this.#take(chunk.subarray(start, at + 1));
        this.#place = 'after';
      }
    }
    if (this.#place === 'element') this.#hold(chunk.subarray(start));
  }

  #inElement(byte: number): void {
    if (byte === quotationMark) this.#isInString = true;
    else if (byte === openingBrace || byte === openingBracket) this.#depth += 1;
    else if (byte === closingBrace || byte === closingBracket) this.#depth -= 1;
    if (this.#depth < 0) throw this.#error(`there is a '}' out of place on line ${this.#line}`);
  }

  #inString(byte: number): void {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (byte === backslash) this.#isEscaped = true;
    else if (byte === quotationMark) this.#isInString = false;
  }

  /** Keeps a copy, as long as the element is not too long. */
  #hold(bytes: Buffer): void {
    this.#heldBytes += bytes.length;
    if (this.#heldBytes > this.#maxBytes) this.#held = [];
    else this.#held.push(Buffer.from(bytes));
  }

  #take(end: Buffer): string | undefined {
    const isTooLong = this.#heldBytes + end.length > this.#maxBytes;
    const text = isTooLong ? undefined : Buffer.concat([...this.#held, end]).toString();
    this.#held = [];
    this.#heldBytes = 0;
    return text;
  }

  #error(reason: string): InputError {
    return new InputError(this.#name, reason);
  }
}

/** Position of the parser: before the first element, in an element, after a comma, or after the array. */
type Place = 'first' | 'element' | 'next' | 'after';

function countLines(bytes: Buffer): number {
  let count = 0;
  for (const byte of bytes) if (byte === lineFeed) count += 1;
  return count;
}

// Not shared with `ArrayFinder`: they are read for every byte, and imported constants made it 14 % slower.
const lineFeed = 0x0a;
const quotationMark = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const openingBracket = 0x5b;
const closingBracket = 0x5d;
const openingBrace = 0x7b;
const closingBrace = 0x7d;

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
