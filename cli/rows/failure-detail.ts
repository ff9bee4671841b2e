import { printable } from '../../src/text/printable.ts';
import type { FetchResult } from '../../src/http/result.ts';

/** Explains on one line why a request failed, with the chain of causes; undefined unless it failed. */
export function failureDetail(result: FetchResult): string | undefined {
  if (result.kind !== 'failure') return undefined;
  const { code, message } = result.error;
  return printable(
    `#${result.index} ${result.url}: ${code}: ${[message, ...causes(result.error)].join('; caused by: ')}`,
  );
}

function causes(error: Error): string[] {
  const found: string[] = [];
  for (let cause = error.cause; cause instanceof Error && found.length < maxCauses; cause = cause.cause) {
    const code = 'code' in cause && !cause.message.includes(String(cause.code)) ? ` (${String(cause.code)})` : '';
    // OpenSSL ends its messages with a line break.
    found.push(`${cause.message.trim() || cause.name}${code}`);
  }
  return found;
}

/** The chain of causes may be circular. */
const maxCauses = 5;
