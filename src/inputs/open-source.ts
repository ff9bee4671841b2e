import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { Forecast } from './forecast.ts';
import { InputError } from './input-error.ts';
import { inputSize, openInput, readBytes } from './open-input.ts';

/** A list: a path, `-` for standard input, a `file:` URL, or the content itself. */
export type ListSource = string | URL | AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>;

/** An open list. */
export interface OpenSource {
  readonly name: string;
  readonly forecast: Forecast;
  readonly bytes: () => AsyncIterable<Uint8Array>;
  /** Closes the list, also while it is being read. */
  readonly close: () => void;
}

/**
 * Opens a list. Throws an {@link InputError} for a file that cannot be opened.
 *
 * @param forecast counts the bytes of a file; by default each file has its own
 */
export function openSource(source: ListSource, name: string | undefined, forecast?: Forecast): OpenSource {
  if (typeof source === 'string') return openFile(source, name, forecast);
  if (source instanceof URL) return openFile(fileURLToPath(source), name, forecast);
  return openContent(source, name);
}

function openContent(source: Exclude<ListSource, string | URL>, name: string | undefined): OpenSource {
  const forecast = new Forecast(undefined);
  const known = name ?? 'the list';
  if (!(source instanceof Readable))
    return { name: known, forecast, bytes: () => bytesOf(source, known), close: () => {} };
  const input = { name: known, stream: source };
  return { name: known, forecast, bytes: () => bytesOf(readBytes(input), known), close: () => source.destroy() };
}

function openFile(path: string, name = path, shared?: Forecast): OpenSource {
  // A file may be called so, but hardly is.
  if (/^https?:\/\//i.test(path) && inputSize(path) === undefined) throw new InputError(path, isUrl);
  const stream = openInput(path);
  const forecast = shared ?? new Forecast(inputSize(path));
  return { name, forecast, bytes: () => readBytes({ name, stream }, forecast), close: () => stream.destroy() };
}

const isUrl =
  'it is a URL, not a file: --sitemap URL reads a sitemap; a list is piped in, as with curl -s URL | fetchmany';

async function* bytesOf(
  source: Exclude<ListSource, string | URL>,
  name: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of source as AsyncIterable<unknown>) {
    if (typeof chunk === 'string') yield Buffer.from(chunk);
    else if (chunk instanceof Uint8Array) yield chunk;
    else throw new InputError(name, `its chunks must be bytes or strings, not of type ${typeof chunk}`);
  }
}
