import { closeSync, constants, fstatSync, ftruncateSync, openSync, statSync } from 'node:fs';
import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { isatty } from 'node:tty';
import { systemCode } from '../../text/system-code.ts';
import { Batch, type Output } from './batch.ts';
import { OutputError } from './output-error.ts';
import { deviceWriter, ownFileWriter, sharedFileWriter, streamWriter, type Writer } from './writer.ts';

/** Options of {@link openOutput}. */
export interface OutputOptions {
  /**
   * Permits replacing a file that is not empty.
   * @default false
   */
  readonly overwrite?: boolean;
  /**
   * Replaces each text for a standard output that is a terminal with a progress display on it.
   * @default the text itself
   */
  readonly above?: (text: string) => string;
  /** Text that makes a file valid after any row, as `]` does an array of JSON. It is written where the disk is full. */
  readonly tail?: string;
}

/** Opens a file, or standard output if no path is given or it is `-`. Rejects with an {@link OutputError}. */
export async function openOutput(
  path?: string,
  { overwrite = false, above, tail }: OutputOptions = {},
): Promise<Output> {
  if (path === undefined || path === '-') return new Batch(stdoutWriter(above), 'standard output');
  try {
    return new Batch(await pathWriter(path, overwrite, tail), path);
  } catch (cause) {
    throw OutputError.from(path, cause);
  }
}

// Node writes to a redirected file synchronously, and the whole program waits. So files are written by descriptor.
function stdoutWriter(above?: (text: string) => string): Writer {
  const status = fstatSync(stdout);
  const isFile = status.isFile() || (status.isCharacterDevice() && !isatty(stdout));
  if (isFile) return sharedFileWriter(stdout);
  const writer = streamWriter(process.stdout, async () => {});
  if (!above || !isatty(stdout)) return writer;
  return { ...writer, write: (bytes) => writer.write(Buffer.from(above(bytes.toString()))) };
}

const stdout = 1;

async function pathWriter(path: string, overwrite: boolean, tail: string | undefined): Promise<Writer> {
  if (statSync(path, { throwIfNoEntry: false })?.isFIFO()) return pipeWriter(await openPipe(path));
  // Appending leaves no hole if another process cuts the file.
  const file = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND, 0o600);
  try {
    if (!fstatSync(file).isFile()) return deviceWriter(file);
    makeEmpty(file, path, overwrite);
    return ownFileWriter(file, path, tail);
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

function makeEmpty(file: number, path: string, overwrite: boolean): void {
  if (fstatSync(file).size === 0) return;
  if (!overwrite) refuseContent(path);
  ftruncateSync(file, 0);
}

/** Throws the {@link OutputError} for a file that is not empty and may not be replaced. */
export function refuseContent(path: string): never {
  const ways = 'add --overwrite to replace it, or choose another file';
  throw new OutputError(path, `it already exists; ${ways}`);
}

/** Opens a named pipe once it has a reader. A blocking open would delay even the exit of the process. */
async function openPipe(path: string): Promise<number> {
  for (;;) {
    try {
      return openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
    } catch (error) {
      if (systemCode(error) !== 'ENXIO') throw error;
    }
    await sleep(readerCheckMs);
  }
}

const readerCheckMs = 50;

function pipeWriter(file: number): Writer {
  const pipe = new Socket({ fd: file, readable: false, writable: true });
  return streamWriter(pipe, () => new Promise((resolve) => pipe.end(() => resolve())));
}
