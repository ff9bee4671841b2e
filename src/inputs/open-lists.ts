import { closeSync, constants, createReadStream, fstatSync, openSync, statSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { isatty, ReadStream as TerminalStream } from 'node:tty';
import { Forecast } from './forecast.ts';
import { InputError } from './input-error.ts';
import { readLines } from './lines.ts';

/** The URLs of one or more lists. They can be read once. */
export interface InputLines extends AsyncIterable<string> {
  /** Estimated number of URLs, from the sizes of the lists; undefined while unknown, as for a pipe. */
  readonly expected: number | undefined;
}

/**
 * Opens several lists, which are read one after the other; `-` is standard input. All are opened first, so that a wrong
 * name stops the run before its first request. Throws an {@link InputError}, now or while reading.
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
 * @param wanted the kind of file that is expected, for messages
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
        throw new InputError(name, 'it is named twice, but can be read only once');
      }
      inputs.push({ name, stream: openInput(name) });
    }
  } catch (error) {
    closeAll(inputs);
    throw error;
  }
  return inputs;
}

/** Returns the total size in bytes; undefined if an input is not a regular file. */
function sizeOf(names: readonly string[]): number | undefined {
  let size = 0;
  for (const name of names) {
    const status = name === '-' ? fstatSync(0) : statSync(name, { throwIfNoEntry: false });
    if (!status?.isFile()) return undefined;
    size += status.size;
  }
  return size;
}

function openStdin(wanted: string): Readable {
  if (fstatSync(0).isDirectory()) throw new InputError('-', `it is a directory; name ${wanted}`);
  return process.stdin;
}

function openPath(path: string, wanted: string): Readable {
  // Without O_NONBLOCK, opening a pipe without a writer would block everything, even the exit of the process.
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
    // A generator's return() waits for its pending next(), which may wait for a silent input. Closing ends both waits.
    return: async () => {
      left = true;
      closeAll(inputs);
      return lines.return();
    },
  };
}

/** Yields the bytes of an open input until its end, or until it is closed. Throws an {@link InputError}. */
export async function* readBytes(
  { name, stream }: Input,
  forecast?: Forecast,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    for await (const chunk of stream) {
      yield chunk as Uint8Array;
      // The reader asks for the next chunk once it has taken all lines of this one.
      forecast?.passed((chunk as Uint8Array).length);
    }
  } catch (cause) {
    // We closed it ourselves, because the reader has left.
    if (stream.destroyed && stream.errored === null) return;
    throw InputError.from(name, cause);
  }
}

function closeAll(inputs: readonly Input[]): void {
  for (const { stream } of inputs) stream.destroy();
}
