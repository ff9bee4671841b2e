import { existsSync, openSync, closeSync, readSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { ArchivePlace } from '../../http/exchange-archive.ts';
import { fileError } from '../bodies/file-error.ts';
import { refuseContent } from '../files/open-output.ts';
import { OutputError } from '../files/output-error.ts';
import { headerBytes, memberLength } from './members.ts';
import { WarcFile, type RecordBytes, type WarcFileOptions } from './warc-file.ts';

/** Options of {@link WarcFiles}. */
export interface WarcFilesOptions extends WarcFileOptions {
  /** A file that has so many bytes gets no more records: the next ones go to another file. @default Infinity */
  readonly maxBytes?: number;
}

/**
 * The files of one archive, each begun once the one before it is full: `crawl.warc.gz`, `crawl-00001.warc.gz`, ... The first one
 * is locked until the end, whichever is written.
 */
export class WarcFiles {
  readonly #path: string;
  readonly #options: WarcFilesOptions;
  readonly #opening: (name: string) => Uint8Array;
  readonly #first: WarcFile;
  /** Bytes of whole records that were there at the start, by the name of their file. */
  readonly #earlier = new Map<string, number>();
  #current: WarcFile;
  #number = 0;
  /** The current file, once the one before it is closed: a torn record can only be in the last one. */
  #ready: Promise<WarcFile>;
  #isChanging = false;
  #isBegun = false;
  #failure: unknown;

  /**
   * Opens and locks the first file, and that which is to be continued. Throws an `OutputError`.
   *
   * @param opening makes the first record of a file of this name
   */
  constructor(path: string, options: WarcFilesOptions, opening: (name: string) => Uint8Array) {
    this.#path = path;
    this.#options = options;
    this.#opening = opening;
    this.#first = new WarcFile(path, options);
    this.#current = this.#first;
    try {
      if (options.start === 'resume') this.#continue();
      else removeFollowing(path, options.start);
    } catch (cause) {
      this.#first.release();
      throw cause;
    }
    this.#ready = Promise.resolve(this.#current);
  }

  /** True once a write has failed: nothing more can be appended. */
  get isBroken(): boolean {
    return this.#failure !== undefined || this.#current.isBroken;
  }

  /** Tells whether a record of an earlier run is there. */
  holds({ file, offset }: ArchivePlace): boolean {
    return offset < (this.#earlier.get(file) ?? 0);
  }

  /** Appends records, one behind the other, all to one file. Resolves with the place of the first; rejects with a `FetchError`. */
  async append(records: readonly RecordBytes[]): Promise<ArchivePlace> {
    const { maxBytes = Infinity } = this.#options;
    if (this.#current.size >= maxBytes && !this.#isChanging && !this.isBroken) this.#ready = this.#change();
    const file = await this.#ready;
    if (!this.#isBegun) this.#begin(file);
    const offset = await file.append(records);
    return { file: basename(file.path), offset };
  }

  /** Writes the rest, and closes the files. May be called again. */
  async close(): Promise<void> {
    // Its failure has been told to those who wanted to append.
    await this.#ready.catch(() => {});
    try {
      await this.#current.close();
    } finally {
      this.#first.release();
    }
  }

  /** A run that fetches nothing leaves an empty file, which the next one may use. */
  #begin(file: WarcFile): void {
    this.#isBegun = true;
    // If it cannot be written, nor can what follows, which tells so.
    file.append([this.#opening(basename(file.path))]).catch(() => {});
  }

  /** Goes on in the last file of an earlier run. Those before it are whole. */
  #continue(): void {
    this.#earlier.set(basename(this.#path), this.#first.size);
    for (let path = this.#next(); existsSync(path); path = this.#next()) {
      this.#number += 1;
      this.#earlier.set(basename(path), statSync(path).size);
    }
    if (this.#number === 0) return;
    this.#first.seal();
    this.#current = new WarcFile(numbered(this.#path, this.#number), this.#options);
    this.#earlier.set(basename(this.#current.path), this.#current.size);
  }

  #next(): string {
    return numbered(this.#path, this.#number + 1);
  }

  async #change(): Promise<WarcFile> {
    this.#isChanging = true;
    const full = this.#current;
    const path = this.#next();
    try {
      await (full === this.#first ? full.finish() : full.close());
      this.#current = new WarcFile(path, { ...this.#options, start: 'new' });
      this.#number += 1;
      this.#isBegun = false;
      return this.#current;
    } catch (cause) {
      this.#failure ??= fileError(cause, path);
      throw this.#failure;
    } finally {
      this.#isChanging = false;
    }
  }
}

/** Puts a number before the extension: `crawl-00001.warc.gz`. */
function numbered(path: string, number: number): string {
  const name = basename(path);
  const [extension = ''] = /(?:\.warc)?(?:\.[a-z0-9]+)?$/i.exec(name) ?? [];
  const stem = name.slice(0, name.length - extension.length);
  return join(dirname(path), `${stem}-${String(number).padStart(5, '0')}${extension}`);
}

/** The files that an earlier archive of this name went on in would be taken for a part of this one. */
function removeFollowing(path: string, start: 'new' | 'overwrite'): void {
  for (let number = 1; existsSync(numbered(path, number)); number += 1) {
    const following = numbered(path, number);
    if (start === 'new') refuseContent(following);
    if (!isOurs(following))
      throw new OutputError(following, 'it is not an archive written by fetchmany; choose another file');
    rmSync(following);
  }
}

function isOurs(path: string): boolean {
  const header = Buffer.alloc(headerBytes);
  const file = openSync(path, 'r');
  try {
    return memberLength(header.subarray(0, readSync(file, header))) !== undefined;
  } finally {
    closeSync(file);
  }
}
