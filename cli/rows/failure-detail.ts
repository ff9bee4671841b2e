import { printable } from '../../src/text/printable.ts';
import type { ListEntry } from '../../src/http/list-entry.ts';
import type { ResultRecord } from '../../src/http/record.ts';
import type { FetchResult } from '../../src/http/result.ts';

/** Explains on one line why a request failed, with the chain of causes; undefined unless it failed. */
export function failureDetail(result: FetchResult | ResultRecord): string | undefined {
  if (result.kind !== 'failure') return undefined;
  const { code, message } = result.error;
  const reasons = [message, ...causes(result.error as { readonly cause?: unknown })].join('; caused by: ');
  return printable(`#${result.index} ${result.url}${placeOf(result)}: ${code}: ${reasons}`);
}

/** Returns the line of an entry, and the name of its list if there are several. */
function placeOf({ line, source }: ListEntry): string {
  if (line === undefined) return source === undefined ? '' : ` (${source})`;
  return source === undefined ? ` (line ${line})` : ` (line ${line} of ${source === '-' ? 'standard input' : source})`;
}

/** Lists the causes of an error. Those of a record are not known. */
function causes(error: { readonly cause?: unknown }): string[] {
  const found: string[] = [];
  for (let { cause } = error; cause instanceof Error && found.length < maxCauses; cause = cause.cause) {
    const code = 'code' in cause && !cause.message.includes(String(cause.code)) ? ` (${String(cause.code)})` : '';
    // OpenSSL ends its messages with a line break.
    found.push(`${cause.message.trim() || cause.name}${code}`);
  }
  return found;
}

/** The chain of causes may be circular. */
const maxCauses = 5;
