import {
  close,
  fdatasync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  closeSync,
  readSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import type { Output } from '../outputs/files/batch.ts';
import { OutputError } from '../outputs/files/output-error.ts';
import { requireUnchanged } from '../outputs/files/require-unchanged.ts';

/** When a file is told to be safe from a loss of power. From a kill of the process a record is safe as soon as it is written. */
export type FsyncPolicy = (typeof fsyncPolicies)[number];

/** All of them, the least first. */
export const fsyncPolicies = ['never', 'second', 'record'] as const;

/** An open file of records. */
export interface RecordFile {
  readonly file: number;
  readonly path: string;
  /** How many bytes it holds. */
  readonly size: number;
}

/**
 * Appends records to a file. Each is with the system when `write` returns: it waits for no batch, since a record that is
 * lost with the process is a request that is made again. That takes a few microseconds. Of a record for which there was no
 * room nothing stays; nor of one that came too late, when somebody else had cut the file.
 */
export function appender(records: RecordFile, policy: FsyncPolicy): Output {
  const { file, path } = records;
  let { size } = records;
  let isSynced = true;
  let failure: OutputError | undefined;
  let closing: Promise<void> | undefined;
  const timer = setInterval(() => void look(), lookMs);
  timer.unref();

  function fail(cause: unknown): OutputError {
    failure ??= OutputError.from(path, cause);
    return failure;
  }

  function append(bytes: Buffer): void {
    try {
      for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done);
    } catch (cause) {
      cutBack(file, size);
      throw cause;
    }
    size += bytes.length;
    isSynced = false;
    try {
      requireUnchanged(file, path, size);
    } catch (cause) {
      takeBack(file, bytes);
      throw cause;
    }
  }

  async function sync(): Promise<void> {
    if (isSynced) return;
    isSynced = true;
    await syncData(file);
  }

  /** Looks after the file every now and then. What it finds is told to whoever writes next. */
  async function look(): Promise<void> {
    try {
      requireUnchanged(file, path, size);
      if (policy === 'second') await sync();
    } catch (cause) {
      fail(cause);
    }
  }

  async function writeDurably(bytes: Buffer): Promise<void> {
    try {
      append(bytes);
      await sync();
    } catch (cause) {
      throw fail(cause);
    }
  }

  async function finish(): Promise<void> {
    clearInterval(timer);
    try {
      if (failure !== undefined) throw failure;
      if (policy !== 'never') await sync();
      requireUnchanged(file, path, size);
    } catch (cause) {
      throw fail(cause);
    } finally {
      await closeFile(file).catch(fail);
    }
  }

  return {
    write(text) {
      if (closing !== undefined) return Promise.reject(new TypeError(`Cannot write to ${path}: it was closed`));
      if (failure !== undefined) return Promise.reject(failure);
      const bytes = Buffer.from(text);
      if (policy === 'record') return writeDurably(bytes);
      try {
        append(bytes);
        return undefined;
      } catch (cause) {
        return Promise.reject(fail(cause));
      }
    },
    close: () => (closing ??= finish()),
  };
}

/** Makes the name of a new file safe from a loss of power, as far as its directory can be told to. */
export function syncDirectory(path: string): void {
  try {
    const directory = openSync(dirname(path), 'r');
    try {
      fsyncSync(directory);
    } finally {
      closeSync(directory);
    }
  } catch {
    // Not every system lets a directory be opened or synced, and the file itself is there.
  }
}

/** A record is safe within a second: a look, and the time that the sync itself takes. */
const lookMs = 500;

const syncData = promisify(fdatasync);
const closeFile = promisify(close);

/** Never makes a file longer: somebody else may have cut it by more. */
function cutBack(file: number, size: number): void {
  try {
    if (fstatSync(file).size > size) ftruncateSync(file, size);
  } catch {
    // The first error is the one that matters, and a torn line is cut off by whoever reads it back.
  }
}

/** Takes a record from the end of a file again: there it may stand behind half of another one. */
function takeBack(file: number, bytes: Buffer): void {
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
