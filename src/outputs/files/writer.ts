import { close, ftruncate, write } from 'node:fs';
import type { Writable } from 'node:stream';
import { promisify } from 'node:util';
import { requireUnchanged } from './require-unchanged.ts';

/** Where bytes go. One call at a time; rejects with what the system said. */
export interface Writer {
  write(bytes: Buffer): Promise<void>;
  close(): Promise<void>;
}

/** Writes to an open file that is not ours alone, and leaves it open: a redirected standard output. */
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

/** Appends to a file of ours that was empty, and closes it. Of a row for which there was no room nothing stays. */
export function ownFileWriter(file: number, path: string): Writer {
  let size = 0;
  return {
    async write(bytes) {
      let done = 0;
      try {
        while (done < bytes.length) done += await writeSome(file, bytes, done);
      } catch (error) {
        // The first error is the one that matters.
        if (done > 0) await truncate(file, size + bytes.lastIndexOf('\n', done - 1) + 1).catch(ignore);
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
  // The callback of each write tells of every failure; but without a listener the event would end the process.
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

function ignore(): void {}
