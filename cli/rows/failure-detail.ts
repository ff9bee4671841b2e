import { printable } from '../../src/text/printable.ts';
import type { FetchResult } from '../../src/http/result.ts';

/** All there is to say about why a request has no response, on one line; undefined of one that has. */
export function failureDetail(result: FetchResult): string | undefined {
  if (result.kind !== 'failure') return undefined;
  const { code, message } = result.error;
  return printable(
    `#${result.index} ${result.url}: ${code}: ${[message, ...causes(result.error)].join('; because: ')}`,
  );
}

function causes(error: Error): string[] {
  const found: string[] = [];
  for (let cause = error.cause; cause instanceof Error && found.length < maxCauses; cause = cause.cause) {
    const code = 'code' in cause && !cause.message.includes(String(cause.code)) ? ` (${String(cause.code)})` : '';
    // OpenSSL ends its own with a line break.
    found.push(`${cause.message.trim() || cause.name}${code}`);
  }
  return found;
}

/** A chain of causes may be a circle. */
const maxCauses = 5;
