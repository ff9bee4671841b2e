import { parseHeaders } from '../../src/http/headers.ts';
import { quoted } from './quoted.ts';
import { UsageError } from './usage-error.ts';

/** Parses `Name: value`. Error messages show at most the first word: the rest may be a secret. */
export function readHeader(text: string): readonly [name: string, value: string] {
  const colon = text.indexOf(':');
  if (colon < 0) {
    const start = quoted(text.split(/\s/)[0] ?? '');
    throw new UsageError(
      `-H must be a name, a colon and a value, such as -H "Accept: text/html": got ${start} without a colon`,
    );
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
