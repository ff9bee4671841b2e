import { parseHeaders } from '../../src/http/headers.ts';
import { quoted } from './quoted.ts';
import { UsageError } from './usage-error.ts';

/** Reads `Name: value`. A message about a wrong one shows its first word only: the rest may be a secret. */
export function readHeader(text: string): readonly [name: string, value: string] {
  const colon = text.indexOf(':');
  if (colon < 0) {
    const start = quoted(text.split(/\s/)[0] ?? '');
    throw new UsageError(
      `-H must be a name, a colon and a value, such as -H "Accept: text/html": got ${start} and no colon`,
    );
  }
  const header = [text.slice(0, colon).trim(), text.slice(colon + 1).trim()] as const;
  try {
    parseHeaders([header]);
  } catch (cause) {
    const example = 'such as -H "Accept: text/html"';
    throw new UsageError(`-H must be a header that can be sent, ${example}: ${(cause as Error).message}`, { cause });
  }
  return header;
}
