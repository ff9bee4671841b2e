import { read } from 'node:fs';
import { promisify } from 'node:util';
import { OutputError } from '../outputs/files/output-error.ts';
import { maxIndex } from './equal-records.ts';
import { faultOf, isWholeObject, readEntry, readPlainEntry, type Entry } from './record-line.ts';

/** How a file of records is read back. */
export interface Reading {
  readonly take: (entry: Entry) => void;
  /** Ends it early. */
  readonly signal?: AbortSignal | undefined;
}

/** What a file of records came to. */
export interface ReadBack {
  /** How many bytes the whole records take: what is behind them is torn. */
  readonly wholeBytes: number;
  /** Whether the last one of them lacks its line break. */
  readonly lacksLineBreak: boolean;
}

/**
 * Reads a file of records, from its start and piece by piece. Its last line may be torn; anything else that is no record
 * is refused with an {@link OutputError}, since whatever wrote it was not us. Rejects with the reason of the signal once that
 * is aborted.
 *
 * @param name what messages call the file
 */
export async function readBack(file: number, name: string, { take, signal }: Reading): Promise<ReadBack> {
  const reader = new RecordReader(name, take);
  const chunk = Buffer.allocUnsafe(chunkBytes);
  for (let position = 0; ;) {
    const { bytesRead } = await readBytes(file, chunk, 0, chunk.length, position);
    if (bytesRead === 0) return reader.end();
    signal?.throwIfAborted();
    position += bytesRead;
    reader.add(chunk.subarray(0, bytesRead));
  }
}

const readBytes = promisify(read);
const chunkBytes = 1024 * 1024;
/** Longer than any record can be whose headers and URLs are within their limits. */
const maxLineBytes = 64 * 1024 * 1024;

/** A longer one would be slow to match. */
const maxPlainLineBytes = 16 * 1024;

class RecordReader {
  readonly #name: string;
  readonly #take: (entry: Entry) => void;
  #begun: Buffer[] = [];
  #begunBytes = 0;
  #wholeBytes = 0;
  #lines = 0;
  #records = 0;

  constructor(name: string, take: (entry: Entry) => void) {
    this.#name = name;
    this.#take = take;
  }

  add(chunk: Buffer): void {
    const first = chunk.indexOf(lineFeed) + 1;
    if (first > 0) {
      // What was begun in the chunk before is put together by itself: to join it with all of this one would copy all.
      this.#keep(chunk.subarray(0, first));
      this.#readLines(Buffer.concat(this.#begun));
      this.#begun = [];
      this.#begunBytes = 0;
    }
    const end = chunk.lastIndexOf(lineFeed) + 1;
    this.#readLines(chunk.subarray(first, end));
    this.#keep(Buffer.from(chunk.subarray(Math.max(first, end))));
  }

  end(): ReadBack {
    const tail = Buffer.concat(this.#begun);
    const line = tail.toString();
    const entry = tail.length > 0 ? readEntry(line) : undefined;
    if (entry) {
      this.#accept(entry);
      return { wholeBytes: this.#wholeBytes + tail.length, lacksLineBreak: true };
    }
    if (isWholeObject(line)) this.#refuse(faultOf(line));
    if (this.#records === 0) this.#requireBegun(tail);
    return { wholeBytes: this.#wholeBytes, lacksLineBreak: false };
  }

  /** A file without any record may be anything, and somebody's only copy of it: the first one must have been begun at least. */
  #requireBegun(tail: Buffer): void {
    const start = tail.toString('latin1', 0, recordStart.length);
    if (start !== '' && recordStart.startsWith(start)) return;
    if (tail.every((byte) => byte === 0)) throw this.#refusal('there is no record in it, but blank lines or NULs only');
    this.#refuse();
  }

  #keep(bytes: Buffer): void {
    this.#begunBytes += bytes.length;
    if (this.#begunBytes > maxLineBytes) this.#refuse('is longer than a record can be');
    if (bytes.length > 0) this.#begun.push(bytes);
  }

  /** Reads lines that are all there, each with its line break. */
  #readLines(bytes: Buffer): void {
    const lines = bytes.toString('latin1');
    for (let start = 0; start < lines.length;) {
      const end = lines.indexOf('\n', start) + 1;
      const plain = end - start <= maxPlainLineBytes ? readPlainEntry(lines, start, end) : undefined;
      const entry = plain ?? readEntry(bytes.toString('utf8', start, end));
      if (entry) this.#accept(entry);
      else this.#skip(bytes.toString('utf8', start, end));
      this.#lines += 1;
      start = end;
    }
    this.#wholeBytes += bytes.length;
  }

  #accept(entry: Entry): void {
    if (entry.index > maxIndex) this.#refuse('has an index that no list reaches');
    this.#records += 1;
    this.#take(entry);
  }

  /** Blank lines are nothing to mind. */
  #skip(line: string): void {
    if (!/^\s*$/.test(line)) this.#refuse(faultOf(line));
  }

  #refuse(fault = 'is no record of fetchmany'): never {
    throw this.#refusal(`its line ${this.#lines + 1} ${fault}`);
  }

  #refusal(reason: string): OutputError {
    const first = this.#records > 0 ? `keep only its first ${this.#lines} lines, ` : '';
    const ways = `${first}name another file, or move this one away`;
    return new OutputError(this.#name, `it cannot be resumed, as ${reason}; ${ways}`);
  }
}

const lineFeed = 0x0a;
const recordStart = '{"index":';
