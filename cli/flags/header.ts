import { parseHeaders } from '../../src/http/headers.ts';
import { InputError } from '../../src/inputs/input-error.ts';
import { readFile } from './read-file.ts';
import { UsageError } from './usage-error.ts';

/** A header, as a flag gives it. */
export type Header = readonly [name: string, value: string];

/** Parses a value of `-H`: a header, or `@` and a file with a header on each line. Throws a {@link UsageError} or an `InputError`. */
export function readHeaders(text: string): readonly Header[] {
  return text.startsWith('@') ? readHeaderFile(text.slice(1)) : [readHeader(text)];
}

/** Blank lines are skipped. Error messages show nothing of the file: it is there to keep secrets. */
function readHeaderFile(path: string): Header[] {
  const lines = readFile(path).toString().split(/\r?\n/);
  return lines.flatMap((line, at): Header[] => {
    if (line.trim() === '') return [];
    const colon = line.indexOf(':');
    const header = [line.slice(0, colon).trim(), line.slice(colon + 1).trim()] as const;
    if (colon > 0 && isSendable(header)) return [header];
    throw new InputError(
      path,
      `line ${at + 1} is not a header: a name, a colon and a value, such as Accept: text/html`,
    );
  });
}

/** Tells whether a header can be sent. */
export function isSendable(header: Header): boolean {
  try {
    return parseHeaders([header]).length > 0;
  } catch {
    return false;
  }
}

/** Parses `Name: value`. Error messages show nothing of a text without a name: it may be a secret. */
function readHeader(text: string): Header {
  const colon = text.indexOf(':');
  if (colon < 0) {
    throw new UsageError('-H must be a name, a colon and a value, such as -H "Accept: text/html": got no colon');
  }
  const header = [text.slice(0, colon).trim(), text.slice(colon + 1).trim()] as const;
  try {
    parseHeaders([header]);
  } catch (cause) {
    const example = 'such as -H "Accept: text/html"';
    throw new UsageError(`-H must be a valid header, ${example}: ${(cause as Error).message}`, { cause });
  }
  return header;
}
