import { closeSync, constants, fstatSync, ftruncateSync, openSync, statSync } from 'node:fs';
import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { isatty } from 'node:tty';
import { batch, type Output } from './batch.ts';
import { OutputError } from './output-error.ts';
import { deviceWriter, ownFileWriter, sharedFileWriter, streamWriter, type Writer } from './writer.ts';

/** How an output file is opened. */
export interface OutputOptions {
  /**
   * Whether a file that holds something may be replaced.
   * @default false
   */
  readonly overwrite?: boolean;
  /**
   * Says what to write to standard output in the place of some text, if that is a terminal on which something else is shown.
   * @default the text itself
   */
  readonly above?: (text: string) => string;
}

/** Opens a file, or standard output if no path is given or it is `-`. Rejects with an {@link OutputError}. */
export async function openOutput(path?: string, { overwrite = false, above }: OutputOptions = {}): Promise<Output> {
  if (path === undefined || path === '-') return batch(stdoutWriter(above), 'standard output');
  try {
    return batch(await pathWriter(path, overwrite), path);
  } catch (cause) {
    throw OutputError.from(path, cause);
  }
}

// Node writes to a redirected file as it would to a terminal: the whole program waits. So files are written by number.
function stdoutWriter(above?: (text: string) => string): Writer {
  const status = fstatSync(stdout);
  const isFile = status.isFile() || (status.isCharacterDevice() && !isatty(stdout));
  if (isFile) return sharedFileWriter(stdout);
  const writer = streamWriter(process.stdout, async () => {});
  if (!above || !isatty(stdout)) return writer;
  return { ...writer, write: (bytes) => writer.write(Buffer.from(above(bytes.toString()))) };
}

const stdout = 1;

async function pathWriter(path: string, overwrite: boolean): Promise<Writer> {
  if (statSync(path, { throwIfNoEntry: false })?.isFIFO()) return pipeWriter(await openPipe(path));
  // To append leaves no hole where somebody else cuts the file.
  const file = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND);
  try {
    if (!fstatSync(file).isFile()) return deviceWriter(file);
    makeEmpty(file, path, overwrite);
    return ownFileWriter(file, path);
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

function makeEmpty(file: number, path: string, overwrite: boolean): void {
  if (fstatSync(file).size === 0) return;
  if (!overwrite) {
    const ways = 'add --overwrite to replace it, or name another file';
    throw new OutputError(path, `it exists and is not empty; ${ways}`);
  }
  ftruncateSync(file, 0);
}

/** Opens a named pipe once somebody reads it. Opened the ordinary way it would hold up even the exit of the process. */
async function openPipe(path: string): Promise<number> {
  for (;;) {
    try {
      return openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENXIO')) throw error;
    }
    await sleep(readerCheckMs);
  }
}

const readerCheckMs = 50;

function pipeWriter(file: number): Writer {
  const pipe = new Socket({ fd: file, readable: false, writable: true });
  return streamWriter(pipe, () => new Promise((resolve) => pipe.end(() => resolve())));
}
