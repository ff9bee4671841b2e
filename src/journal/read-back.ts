import { read } from 'node:fs';
import { promisify } from 'node:util';
import { OutputError } from '../outputs/files/output-error.ts';
import { maxIndex } from './equal-records.ts';
import { maxRecordBytes, recordStart } from '../http/record.ts';
import { faultOf, isWholeObject, readEntry, readPlainEntry, type Entry } from './record-line.ts';

/** Options of {@link readBack}. */
export interface Reading {
  /** Receives each record. */
  readonly take: (entry: Entry) => void;
  /** Stops the reading early. */
  readonly signal?: AbortSignal | undefined;
}

/** The extent of the complete records of a file. */
export interface ReadBack {
  /** Size of the complete records in bytes; the rest of the file is an incomplete record. */
  readonly wholeBytes: number;
  /** The last complete record has no line break. */
  readonly lacksLineBreak: boolean;
}

/**
 * Reads a file of records piece by piece from its start. The last line may be incomplete; any other line that is not a
 * record is refused with an {@link OutputError}, as the file is not ours. Rejects with the signal's reason once it is
 * aborted.
 *
 * @param name the file's name in messages
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
/** Longer lines are slow to match. */
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
      // Completes the line that the previous chunk began, without copying the rest of this chunk.
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

  /** Without a single record the file may not be ours. Accepts it only if it is the start of a first record. */
  #requireBegun(tail: Buffer): void {
    const start = tail.toString('latin1', 0, recordStart.length);
    if (start !== '' && recordStart.startsWith(start)) return;
    if (tail.every((byte) => byte === 0)) throw this.#refusal('it contains no records, only blank lines or NULs');
    this.#refuse();
  }

  #keep(bytes: Buffer): void {
    this.#begunBytes += bytes.length;
    if (this.#begunBytes > maxRecordBytes) this.#refuse('is too long for a record');
    if (bytes.length > 0) this.#begun.push(bytes);
  }

  /** Reads complete lines, each with its line break. */
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
    if (entry.index > maxIndex) this.#refuse('has an impossible index');
    this.#records += 1;
    this.#take(entry);
  }

  /** Skips a blank line, and refuses any other. */
  #skip(line: string): void {
    if (!/^\s*$/.test(line)) this.#refuse(faultOf(line));
  }

  #refuse(fault = 'is not a fetchmany record'): never {
    throw this.#refusal(`line ${this.#lines + 1} ${fault}`);
  }

  #refusal(reason: string): OutputError {
    const first = this.#records > 0 ? `keep only its first ${this.#lines} lines, ` : '';
    const ways = `${first}choose another file, or move this one away`;
    return new OutputError(this.#name, `it cannot be resumed, as ${reason}; ${ways}`);
  }
}

const lineFeed = 0x0a;
