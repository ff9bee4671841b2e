import { close, fdatasync, fstatSync, ftruncateSync, readSync, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import { closedError, type Output } from '../outputs/files/batch.ts';
import { OutputError, requireUnchanged } from '../outputs/files/output-error.ts';

/**
 * When records are flushed to disk, safe from a loss of power. A record is safe from a kill of the process as soon as
 * it is written.
 */
export type FsyncPolicy = (typeof fsyncPolicies)[number];

/** Every fsync policy, the weakest first. */
export const fsyncPolicies = ['never', 'second', 'record'] as const;

/** An open file of records, to append to. */
export interface RecordsOutput extends Output {
  /** Resolves once everything written so far is safe from a loss of power; with the policy `never`, at once. */
  sync(): Promise<void>;
}

/** An open file of records. */
export interface RecordFile {
  /** The file descriptor, opened for reading and appending. */
  readonly file: number;
  readonly path: string;
  /** The size of the file in bytes. */
  readonly size: number;
}

/**
 * Appends records to a file. Each is handed to the system before `write()` returns, which takes some microseconds: a
 * record lost with the process would be a request made again. A record that does not fit, or that follows someone
 * else's truncation, is removed again completely.
 */
export class Appender implements RecordsOutput {
  readonly #file: number;
  readonly #path: string;
  readonly #policy: FsyncPolicy;
  readonly #timer: NodeJS.Timeout;
  #size: number;
  #isSynced = true;
  #failure: OutputError | undefined;
  #closing: Promise<void> | undefined;

  constructor({ file, path, size }: RecordFile, policy: FsyncPolicy) {
    this.#file = file;
    this.#path = path;
    this.#size = size;
    this.#policy = policy;
    this.#timer = setInterval(() => void this.#check(), checkMs);
    this.#timer.unref();
  }

  write(text: string): Promise<void> | undefined {
    if (this.#closing !== undefined) return Promise.reject(closedError(this.#path));
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const bytes = Buffer.from(text);
    if (this.#policy === 'record') return this.#writeDurably(bytes);
    try {
      this.#append(bytes);
      return undefined;
    } catch (cause) {
      return Promise.reject(this.#fail(cause));
    }
  }

  async sync(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#policy === 'never') return;
    try {
      await this.#sync();
    } catch (cause) {
      throw this.#fail(cause);
    }
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#finish());
  }

  #append(bytes: Buffer): void {
    try {
      for (let done = 0; done < bytes.length;) done += writeSync(this.#file, bytes, done);
    } catch (cause) {
      cutBack(this.#file, this.#size);
      throw cause;
    }
    this.#size += bytes.length;
    this.#isSynced = false;
    try {
      requireUnchanged(this.#file, this.#path, this.#size);
    } catch (cause) {
      removeFromEnd(this.#file, bytes);
      throw cause;
    }
  }

  async #writeDurably(bytes: Buffer): Promise<void> {
    try {
      this.#append(bytes);
      await this.#sync();
    } catch (cause) {
      throw this.#fail(cause);
    }
  }

  async #sync(): Promise<void> {
    if (this.#isSynced) return;
    this.#isSynced = true;
    await syncData(this.#file);
  }

  /** Checks the file from time to time. The next `write()` rejects with what is found. */
  async #check(): Promise<void> {
    try {
      requireUnchanged(this.#file, this.#path, this.#size);
      if (this.#policy === 'second') await this.#sync();
    } catch (cause) {
      this.#fail(cause);
    }
  }

  async #finish(): Promise<void> {
    clearInterval(this.#timer);
    try {
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#policy !== 'never') await this.#sync();
      requireUnchanged(this.#file, this.#path, this.#size);
    } catch (cause) {
      throw this.#fail(cause);
    } finally {
      await closeFile(this.#file).catch((cause: unknown) => this.#fail(cause));
    }
  }

  #fail(cause: unknown): OutputError {
    this.#failure ??= OutputError.from(this.#path, cause);
    return this.#failure;
  }
}

/** Half of the promised second: the sync itself takes time too. */
const checkMs = 500;

const syncData = promisify(fdatasync);
const closeFile = promisify(close);

/** Shortens a file to a size in bytes. Never lengthens it: another process may have cut off more. */
function cutBack(file: number, size: number): void {
  try {
    if (fstatSync(file).size > size) ftruncateSync(file, size);
  } catch {
    // The first error is the one that matters, and reading back cuts an incomplete line.
  }
}

/** Removes a record from the end of a file, where it may follow half of another one. */
function removeFromEnd(file: number, bytes: Buffer): void {
  try {
    const start = fstatSync(file).size - bytes.length;
    const end = Buffer.alloc(bytes.length);
    if (start >= 0 && readSync(file, end, 0, end.length, start) === end.length && end.equals(bytes)) {
      ftruncateSync(file, start);
    }
  } catch {
    // The first error is the one that matters.
  }
}
