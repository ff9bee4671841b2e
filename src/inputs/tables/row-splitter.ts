import { InputError } from '../input-error.ts';
import { maxEntryBytes } from '../request-item.ts';
import { cellsOf } from './cells.ts';
import { findDelimiter, isDelimiterLine } from './delimiter.ts';

/** One row, or `undefined` in place of a row that is too long to keep. */
export type Row = string[] | undefined;

/**
 * Splits delimited text (RFC 4180) into rows of cells. A quotation mark counts as one only at the start of a cell;
 * anywhere else it is text, as it is in a quoted cell with more text after it. Empty lines are skipped.
 */
export class RowSplitter {
  readonly #name: string;
  #delimiter: string | undefined;
  #delimiterByte = 0;
  #lineEnd = lineFeed;
  /** Chunks of the row that is not complete yet. */
  #held: Buffer[] = [];
  #heldBytes = 0;
  #scan: Scan = newScan();
  #isSkipping = false;
  #nextLine = 1;
  #line = 1;

  /** @param delimiter one ASCII character; taken from the first line if undefined */
  constructor(name: string, delimiter: string | undefined) {
    this.#name = name;
    this.#delimiter = delimiter;
  }

  /** The delimiter; `undefined` until it is found. */
  get delimiter(): string | undefined {
    return this.#delimiter;
  }

  /** Line on which the last row began, from 1. */
  get line(): number {
    return this.#line;
  }

  *read(chunk: Buffer): Generator<Row, void, undefined> {
    if (this.#delimiterByte === 0) {
      const isEnough = chunk.includes(lineFeed) || this.#heldBytes + chunk.length >= frontBytes;
      if (isEnough) yield* this.#rows(this.#begin(this.#join(chunk)), false);
      else this.#hold(chunk);
    } else if (this.#canEndIn(chunk)) {
      yield* this.#rows(this.#join(chunk), false);
    } else {
      this.#hold(chunk);
    }
    if (this.#heldBytes > maxEntryBytes) yield* this.#dropLongRow();
  }

  *end(): Generator<Row, void, undefined> {
    const rest = this.#join(Buffer.alloc(0));
    const text = this.#delimiterByte === 0 ? this.#begin(rest) : rest;
    yield* this.#rows(text, true);
  }

  /** Finds the delimiter and the line end, which is CR in files of old Macintosh programs. */
  #begin(front: Buffer): Buffer {
    const feed = front.indexOf(lineFeed);
    const carriage = front.indexOf(carriageReturn);
    if (feed < 0 && carriage >= 0) this.#lineEnd = carriageReturn;
    const end = front.indexOf(this.#lineEnd);
    const first = front.toString('utf8', 0, Math.min(end < 0 ? front.length : end, frontBytes));
    const isSettings = isDelimiterLine(first);
    const given = isSettings ? first[4] : this.#delimiter;
    this.#delimiter = given ?? findDelimiter(front.toString('utf8', 0, frontBytes));
    this.#delimiterByte = this.#delimiter.charCodeAt(0);
    if (!isSettings) return front;
    this.#nextLine = 2;
    return end < 0 ? Buffer.alloc(0) : front.subarray(end + 1);
  }

  *#rows(text: Buffer, isLast: boolean): Generator<Row, void, undefined> {
    let start = 0;
    let quote = nextOf(text, quotationMark, 0);
    while (start < text.length) {
      let end = text.indexOf(this.#lineEnd, start);
      if (quote < start) quote = nextOf(text, quotationMark, start);
      if (this.#isSkipping) {
        if (end < 0) break;
        this.#isSkipping = false;
        this.#nextLine += 1;
        start = end + 1;
        continue;
      }
      if (quote < (end < 0 ? text.length : end)) end = this.#endOfQuotedRow(text, start, isLast);
      if (end < 0) {
        if (!isLast) break;
        end = text.length;
      }
      const row = this.#rowOf(text, start, end, quote < end);
      if (row !== undefined) yield row;
      start = end + 1;
    }
    this.#heldBytes = 0;
    if (!isLast && start < text.length && !this.#isSkipping) this.#hold(text.subarray(start));
  }

  #rowOf(text: Buffer, start: number, end: number, isQuoted: boolean): string[] | undefined {
    this.#line = this.#nextLine;
    this.#nextLine += 1 + (isQuoted ? countOf(text, this.#lineEnd, start, end) : 0);
    this.#scan = newScan();
    const last = text[end - 1] === carriageReturn && this.#lineEnd === lineFeed ? end - 1 : end;
    if (last <= start) return undefined;
    const row = text.toString('utf8', start, last);
    return isQuoted ? cellsOf(row, this.#delimiter!) : row.split(this.#delimiter!);
  }

  /** Finds the line end outside quotes; -1 if it has not arrived. Continues where the last call stopped. */
  #endOfQuotedRow(text: Buffer, start: number, isLast: boolean): number {
    const scan = this.#scan;
    for (let at = start + scan.offset; at < text.length; at += 1) {
      const byte = text[at]!;
      if (scan.place === 'quoted') {
        const close = text.indexOf(quotationMark, at);
        if (close < 0) break;
        at = close;
        scan.place = 'quote';
        continue;
      }
      if (byte === this.#lineEnd) return at;
      scan.place = placeAfter(scan.place, byte, this.#delimiterByte);
    }
    scan.offset = text.length - start;
    if (isLast && scan.place === 'quoted') throw this.#unclosed();
    return -1;
  }

  #canEndIn(chunk: Buffer): boolean {
    return this.#scan.place === 'quoted' ? chunk.includes(quotationMark) : chunk.includes(this.#lineEnd);
  }

  /** Keeps a copy: a part of the chunk would keep all of it in memory. */
  #hold(bytes: Buffer): void {
    if (this.#isSkipping) return;
    this.#held.push(Buffer.from(bytes));
    this.#heldBytes += bytes.length;
  }

  #join(chunk: Buffer): Buffer {
    if (this.#held.length === 0) return chunk;
    const all = Buffer.concat([...this.#held, chunk]);
    this.#held = [];
    this.#heldBytes = 0;
    return all;
  }

  *#dropLongRow(): Generator<Row, void, undefined> {
    if (this.#scan.place === 'quoted') throw this.#unclosed();
    this.#held = [];
    this.#heldBytes = 0;
    this.#scan = newScan();
    this.#isSkipping = true;
    this.#line = this.#nextLine;
    yield undefined;
  }

  #unclosed(): InputError {
    return new InputError(this.#name, `the row on line ${this.#nextLine} opens a quotation mark that is never closed`);
  }
}

interface Scan {
  /** Bytes of the row that have been scanned. */
  offset: number;
  place: Place;
}

/** Position of a scan: at the start of a cell, in a cell, in quotes, or after a quotation mark that may close them. */
type Place = 'start' | 'cell' | 'quoted' | 'quote';

function newScan(): Scan {
  return { offset: 0, place: 'start' };
}

function placeAfter(place: Place, byte: number, delimiter: number): Place {
  if (byte === delimiter) return 'start';
  if (byte === quotationMark && (place === 'start' || place === 'quote')) return 'quoted';
  return 'cell';
}

function nextOf(text: Buffer, byte: number, from: number): number {
  const at = text.indexOf(byte, from);
  return at < 0 ? text.length : at;
}

function countOf(text: Buffer, byte: number, start: number, end: number): number {
  let count = 0;
  for (let at = text.indexOf(byte, start); at >= 0 && at < end; at = text.indexOf(byte, at + 1)) count += 1;
  return count;
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const quotationMark = 0x22;
/** Bytes that are searched for a line feed before the list counts as one without. */
const frontBytes = 64 * 1024;
