import { closeSync, constants, createReadStream, fstatSync, openSync, statSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { isatty, ReadStream as TerminalStream } from 'node:tty';
import type { Forecast } from './forecast.ts';
import { InputError } from './input-error.ts';

/**
 * Opens one list: `-` is standard input, everything else a path. Throws an {@link InputError}.
 *
 * @param wanted completes the message "it is a directory; name ..."
 */
export function openInput(name: string, wanted = 'a list of URLs or requests'): Readable {
  try {
    return name === '-' ? openStdin(wanted) : openPath(name, wanted);
  } catch (cause) {
    throw InputError.from(name, cause);
  }
}

/** An open input. */
export interface Input {
  readonly name: string;
  readonly stream: Readable;
}

/** Returns the bytes of a list; `undefined` if it is not a regular file, or cannot be read: opening it reports why. */
export function inputSize(name: string): number | undefined {
  try {
    const status = name === '-' ? fstatSync(0) : statSync(name);
    return status.isFile() ? status.size : undefined;
  } catch {
    return undefined;
  }
}

function openStdin(wanted: string): Readable {
  if (fstatSync(0).isDirectory()) throw new InputError('-', `it is a directory; name ${wanted}`);
  return process.stdin;
}

function openPath(path: string, wanted: string): Readable {
  // Without O_NONBLOCK, opening a pipe that has no writer yet would block the process, even its exit.
  const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  const status = fstatSync(file);
  if (status.isDirectory()) {
    closeSync(file);
    throw new InputError(path, `it is a directory; name ${wanted}`);
  }
  if (status.isFIFO()) return new Socket({ fd: file, readable: true, writable: false });
  if (isatty(file)) return new TerminalStream(file);
  return createReadStream(path, { fd: file, highWaterMark: chunkBytes });
}

const chunkBytes = 256 * 1024;

/** Reads the bytes of an open input. Throws an {@link InputError}; ends when the input is closed. */
export async function* readBytes(
  { name, stream }: Input,
  forecast?: Forecast,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    for await (const chunk of stream) {
      yield chunk as Uint8Array;
      // The consumer asks for the next chunk once it has taken all lines of this one.
      forecast?.passed((chunk as Uint8Array).length);
    }
  } catch (cause) {
    // We closed it ourselves, because the consumer has left.
    if (stream.destroyed && stream.errored === null) return;
    throw InputError.from(name, cause);
  }
}
