import { closeSync, constants, fstatSync, ftruncateSync, openSync, statSync, writeSync } from 'node:fs';
import { OutputError } from '../outputs/files/output-error.ts';
import { isFilePath, openLocked } from '../outputs/files/open-locked.ts';
import { syncDirectory } from '../outputs/files/sync-directory.ts';
import { Appender, type FsyncPolicy, type RecordFile, type RecordsOutput } from './appender.ts';
import { readBack, type Reading } from './read-back.ts';

/** Options of {@link openRecords}. */
export interface RecordsOptions extends Reading {
  /** `new` refuses a file that is not empty, `overwrite` empties it, `resume` keeps its records. */
  readonly start: 'new' | 'overwrite' | 'resume';
  readonly fsync: FsyncPolicy;
}

/**
 * Opens and locks a file of records. A resumed file is read back, and an incomplete last line is cut off. Rejects with
 * an {@link OutputError}, or with the signal's reason, and leaves the file as it was.
 */
export async function openRecords(path: string, options: RecordsOptions): Promise<RecordsOutput> {
  if (!isFilePath(path)) throw new OutputError(path, 'it cannot be read back; use a regular file');
  try {
    return await openLocked(path, async () => new Appender(await openFile(path, options), options.fsync));
  } catch (error) {
    options.signal?.throwIfAborted();
    throw error;
  }
}

async function openFile(path: string, options: RecordsOptions): Promise<RecordFile> {
  const isNew = !statSync(path, { throwIfNoEntry: false });
  const file = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_APPEND, 0o600);
  try {
    await prepare(file, path, options);
    if (isNew && options.fsync !== 'never') syncDirectory(path);
    return { file, path, size: fstatSync(file).size };
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

async function prepare(file: number, path: string, options: RecordsOptions): Promise<void> {
  const { start } = options;
  const { size } = fstatSync(file);
  if (size === 0) return;
  if (start === 'resume') return cutTorn(file, path, options);
  if (start === 'overwrite') return ftruncateSync(file, 0);
  const ways = 'add --overwrite to replace it, --resume to continue it, or choose another file';
  throw new OutputError(path, `it already exists; ${ways}`);
}

async function cutTorn(file: number, path: string, reading: Reading): Promise<void> {
  const { wholeBytes, lacksLineBreak } = await readBack(file, path, reading);
  if (fstatSync(file).size > wholeBytes) ftruncateSync(file, wholeBytes);
  if (lacksLineBreak) writeSync(file, '\n');
}
