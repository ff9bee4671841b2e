import {
  closeSync,
  constants,
  fdatasync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  write,
} from 'node:fs';
import { promisify } from 'node:util';
import { fileError } from '../bodies/file-error.ts';
import { lock } from '../files/lock.ts';
import { realPath } from '../files/open-locked.ts';
import { refuseContent } from '../files/open-output.ts';
import { OutputError, requireUnchanged } from '../files/output-error.ts';
import { headerBytes, memberHeader, memberLength, packMember, packPieces } from './members.ts';

/** Options of a {@link WarcFile}. */
export interface WarcFileOptions {
  /** What becomes of a file that is not empty. A resumed one is cut behind its last whole record. */
  readonly start: 'new' | 'overwrite' | 'resume';
  /** Syncs each record to disk before it counts as written. */
  readonly durable: boolean;
}

/** A record: its bytes if they are at hand, or its pieces. */
export type RecordBytes = Uint8Array | AsyncIterable<Uint8Array>;

/** A file of gzip members, one for each WARC record, held by this process alone. */
export class WarcFile {
  readonly path: string;
  readonly #file: number;
  readonly #isDurable: boolean;
  readonly #release: () => void;
  /** The end of the last whole record. */
  #size: number;
  #lastWrite: Promise<unknown> = Promise.resolve();
  #failure: unknown;
  #isSealed = false;
  /** The last records that are being compressed; the next one starts once the first of them is done. */
  readonly #packing: Promise<unknown>[] = Array.from({ length: maxPackedAtOnce }, () => Promise.resolve());

  /** Opens and locks the file. Throws an {@link OutputError}. */
  constructor(path: string, { start, durable }: WarcFileOptions) {
    this.path = path;
    this.#isDurable = durable;
    try {
      this.#release = lock(realPath(path));
    } catch (cause) {
      throw OutputError.from(path, cause);
    }
    try {
      this.#file = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
    } catch (cause) {
      this.#release();
      throw OutputError.from(path, cause);
    }
    try {
      this.#size = start === 'resume' ? wholeLength(this.#file, path) : emptied(this.#file, path, start);
      ftruncateSync(this.#file, this.#size);
    } catch (cause) {
      closeSync(this.#file);
      this.#release();
      throw OutputError.from(path, cause);
    }
  }

  /** True once a write has failed: nothing more can be appended. */
  get isBroken(): boolean {
    return this.#failure !== undefined;
  }

  /** Bytes of all whole records. */
  get size(): number {
    return this.#size;
  }

  /**
   * Appends records, one behind the other. Resolves with the place of the first one; rejects with a `FetchError`, and then
   * nothing more can be appended.
   */
  append(records: readonly RecordBytes[]): Promise<number> {
    const packed = records.map((record) => (record instanceof Uint8Array ? this.#pack(record) : packPieces(record)));
    const written = this.#lastWrite.then(() => this.#writeAll(packed));
    // The caller gets the rejection; the next write must come all the same.
    this.#lastWrite = written.catch(() => {});
    return written;
  }

  /** Writes the rest, closes the file and unlocks it. May be called again. */
  async close(): Promise<void> {
    try {
      await this.finish();
    } finally {
      this.release();
    }
  }

  /** Writes the rest and closes the file, which stays locked. May be called again. */
  async finish(): Promise<void> {
    await this.#lastWrite;
    this.seal();
  }

  /** Closes the file, to which nothing is being written; it stays locked. May be called again. */
  seal(): void {
    if (this.#isSealed) return;
    this.#isSealed = true;
    try {
      if (!this.#failure) fsyncSync(this.#file);
    } finally {
      closeSync(this.#file);
    }
  }

  /** Closes the file at once and unlocks it. May be called again. */
  release(): void {
    try {
      this.seal();
    } finally {
      this.#release();
    }
  }

  #pack(bytes: Uint8Array): Promise<Buffer> {
    const packed = this.#packing.shift()!.then(() => packMember(bytes));
    this.#packing.push(packed.catch(() => {}));
    return packed;
  }

  async #writeAll(records: readonly (Promise<Buffer> | AsyncIterable<Buffer>)[]): Promise<number> {
    try {
      // A record that another process tore or removed would be lost without a word.
      if (!this.#failure) requireUnchanged(this.#file, this.path, this.#size);
      let end = this.#size;
      for (const record of records) {
        const member = record instanceof Promise ? await record : record;
        if (this.#failure) throw this.#failure;
        end = Buffer.isBuffer(member) ? await this.#write(member, end) : await this.#writePieces(member, end);
      }
      if (this.#isDurable) await syncData(this.#file);
      const start = this.#size;
      this.#size = end;
      return start;
    } catch (cause) {
      await Promise.allSettled(records.filter((record) => record instanceof Promise));
      throw this.#fail(cause);
    }
  }

  /** The length of a member is known once it is written, so its header is written again at the end. */
  async #writePieces(pieces: AsyncIterable<Buffer>, start: number): Promise<number> {
    let end = await this.#write(memberHeader(0), start);
    for await (const piece of pieces) end = await this.#write(piece, end);
    await this.#write(memberHeader(end - start), start);
    return end;
  }

  async #write(bytes: Buffer, position: number): Promise<number> {
    for (let done = 0; done < bytes.length;) {
      const { bytesWritten } = await writeBytes(this.#file, bytes, done, bytes.length - done, position + done);
      done += bytesWritten;
    }
    return position + bytes.length;
  }

  /** Takes a torn record away again. */
  #fail(cause: unknown): unknown {
    if (this.#failure === undefined) {
      this.#failure = fileError(cause, this.path);
      try {
        ftruncateSync(this.#file, this.#size);
      } catch {
        // The first error is the one that matters, and the next run cuts the file.
      }
    }
    return this.#failure;
  }
}

/** Node's pool has four threads. */
const maxPackedAtOnce = 4;

const writeBytes = promisify(write);
const syncData = promisify(fdatasync);

function emptied(file: number, path: string, start: 'new' | 'overwrite'): number {
  if (fstatSync(file).size > 0 && start === 'new') refuseContent(path);
  return 0;
}

/** Finds the end of the last whole member. Throws an {@link OutputError} for a file that holds anything else. */
function wholeLength(file: number, path: string): number {
  const { size } = fstatSync(file);
  const header = Buffer.alloc(headerBytes);
  let end = 0;
  while (end < size) {
    const read = readSync(file, header, 0, Math.min(headerBytes, size - end), end);
    const length = memberLength(header.subarray(0, read));
    if (length === undefined)
      throw new OutputError(path, `byte ${end} does not start a fetchmany record; choose another file`);
    if (length < headerBytes || end + length > size) break;
    end += length;
  }
  return end;
}
