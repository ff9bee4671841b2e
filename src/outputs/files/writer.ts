import { close, closeSync, fstatSync, ftruncate, ftruncateSync, openSync, readSync, write, writeSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { promisify } from 'node:util';
import { requireUnchanged } from './output-error.ts';

/** A destination of bytes. One call at a time; rejects with the system's error. */
export interface Writer {
  write(bytes: Buffer): Promise<void>;
  close(): Promise<void>;
}

/** Writes to an open file that we share, and leaves it open: a redirected standard output. */
export function sharedFileWriter(file: number): Writer {
  return {
    async write(bytes) {
      for (let done = 0; done < bytes.length;) done += await writeSome(file, bytes, done);
    },
    async close() {},
  };
}

/** Writes to a device, and closes it. */
export function deviceWriter(file: number): Writer {
  return { ...sharedFileWriter(file), close: () => closeFile(file) };
}

/**
 * Appends to an empty file of our own, and closes it. A row that does not fit is removed again completely.
 *
 * @param tail makes the file valid after any row, as `]` does an array of JSON: it is written even if the disk is full
 */
export function ownFileWriter(file: number, path: string, tail?: string): Writer {
  let size = 0;
  return {
    async write(bytes) {
      let done = 0;
      try {
        while (done < bytes.length) done += await writeSome(file, bytes, done);
      } catch (error) {
        // The first error is the one that matters.
        if (done > 0) await truncate(file, size + bytes.lastIndexOf('\n', done - 1) + 1).catch(ignore);
        if (tail !== undefined) endWith(tail, file, path);
        throw error;
      }
      size += done;
      requireUnchanged(file, path, size);
    },
    async close() {
      try {
        requireUnchanged(file, path, size);
      } finally {
        await closeFile(file);
      }
    },
  };
}

/** Writes to a stream: a pipe or a terminal. */
export function streamWriter(stream: Writable, closeStream: () => Promise<void>): Writer {
  // The callback of each write reports every failure; but without a listener the event would end the process.
  stream.on('error', ignore);
  return {
    write: (bytes) =>
      new Promise((resolve, reject) => {
        stream.write(bytes, (error) => (error ? reject(error) : resolve()));
      }),
    close: closeStream,
  };
}

const writeBytes = promisify(write);
const truncate = promisify(ftruncate);
const closeFile = promisify(close);

async function writeSome(file: number, bytes: Buffer, start: number): Promise<number> {
  const { bytesWritten } = await writeBytes(file, bytes, start, bytes.length - start, null);
  return bytesWritten;
}

/** Replaces the last row, so that there is room, by the tail. A row begins behind `[` or `,` and a line break. */
function endWith(tail: string, file: number, path: string): void {
  try {
    const rowsEnd = fstatSync(file).size - 1;
    if (rowsEnd < 0) return;
    const end = Math.max(1, lineBreakBefore(rowsEnd, path) - 1);
    ftruncateSync(file, end);
    writeSync(file, tail);
  } catch {
    // The first error is the one that matters.
  }
}

/** Finds the last line break before a place in a file; 0 if there is none. */
function lineBreakBefore(place: number, path: string): number {
  const file = openSync(path, 'r');
  try {
    const piece = Buffer.alloc(pieceBytes);
    for (let end = place; end > 0; end -= pieceBytes) {
      const start = Math.max(0, end - pieceBytes);
      const read = readSync(file, piece, 0, end - start, start);
      const found = piece.subarray(0, read).lastIndexOf(0x0a);
      if (found >= 0) return start + found;
    }
    return 0;
  } finally {
    closeSync(file);
  }
}

const pieceBytes = 64 * 1024;

function ignore(): void {}
