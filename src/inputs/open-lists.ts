import { closeSync, constants, createReadStream, fstatSync, openSync, statSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { isatty, ReadStream as TerminalStream } from 'node:tty';
import { Forecast } from './forecast.ts';
import { InputError } from './input-error.ts';
import { readLines } from './lines.ts';

/** The URLs of several lists, to be read once. */
export interface InputLines extends AsyncIterable<string> {
  /** Number of URLs to expect, by the sizes of the lists; `undefined` while that is not known, as for a pipe. */
  readonly expected: number | undefined;
}

/**
 * Reads the URLs of several lists, one list after the other; `-` is standard input. Opens all of them at once, so that a
 * wrong name stops the run before its first request. Throws an {@link InputError}, here or while reading.
 */
export function readInputs(names: readonly string[]): InputLines {
  const inputs = openAll(names);
  const forecast = new Forecast(sizeOf(names));
  return {
    [Symbol.asyncIterator]: () => readAll(inputs, forecast),
    get expected() {
      return forecast.lines;
    },
  };
}

/**
 * Opens one list: `-` is standard input, everything else a path. Throws an {@link InputError}.
 *
 * @param wanted completes the message "it is a directory; name ..."
 */
export function openInput(name: string, wanted = 'a file with one URL per line'): Readable {
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

function openAll(names: readonly string[]): Input[] {
  const inputs: Input[] = [];
  try {
    for (const name of names) {
      if (name === '-' && inputs.some((input) => input.name === '-')) {
        throw new InputError(name, 'it is named twice, but can only be read once');
      }
      inputs.push({ name, stream: openInput(name) });
    }
  } catch (error) {
    closeAll(inputs);
    throw error;
  }
  return inputs;
}

/** Adds up the bytes of several lists; `undefined` if one of them is not a regular file. */
function sizeOf(names: readonly string[]): number | undefined {
  let sum = 0;
  for (const name of names) {
    const size = inputSize(name);
    if (size === undefined) return undefined;
    sum += size;
  }
  return sum;
}

/** Returns the bytes of a list; `undefined` if it is not a regular file. */
export function inputSize(name: string): number | undefined {
  const status = name === '-' ? fstatSync(0) : statSync(name, { throwIfNoEntry: false });
  return status?.isFile() === true ? status.size : undefined;
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

function readAll(inputs: readonly Input[], forecast: Forecast): AsyncIterator<string, void, undefined> {
  let left = false;
  const lines = (async function* () {
    try {
      for (const input of inputs) {
        for await (const line of readLines(readBytes(input, forecast), input.name)) {
          if (left) return;
          forecast.line();
          yield line;
        }
      }
    } finally {
      closeAll(inputs);
    }
  })();
  return {
    next: () => lines.next(),
    // A generator's own return() waits for its pending next(), which may wait for a silent input. Closing ends both.
    return: async () => {
      left = true;
      closeAll(inputs);
      return lines.return();
    },
  };
}

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

function closeAll(inputs: readonly Input[]): void {
  for (const { stream } of inputs) stream.destroy();
}
