import { reasonOf, type Expected } from '../../src/outputs/formats/reason.ts';
import { printable } from '../../src/text/printable.ts';
import type { ListEntry } from '../../src/http/list-entry.ts';
import type { ResultRecord } from '../../src/http/record.ts';
import type { FetchResult } from '../../src/http/result.ts';

/**
 * Explains on one line why a request failed, with the chain of causes, or what is unexpected about its response; undefined if
 * it is ok or was cancelled.
 */
export function failureDetail(result: FetchResult | ResultRecord, expected?: Expected): string | undefined {
  if (result.ok || result.kind === 'cancelled') return undefined;
  if (result.kind === 'response') {
    return printable(`${subjectOf(result)}: ${reasonOf(result, expected)}`);
  }
  const { code, message } = result.error;
  const reasons = [message, ...causes(result.error)].join('; caused by: ');
  return printable(`${subjectOf(result)}: ${code}: ${reasons}`);
}

/** Returns the URL with its line, and the name of its list if there are several. */
function subjectOf({ url, line, source }: ListEntry & Pick<ResultRecord, 'url'>): string {
  if (line === undefined) return `${url}${source === undefined ? '' : ` (${source})`}`;
  return `${url} (line ${line}${source === undefined ? '' : ` of ${source === '-' ? 'standard input' : source}`})`;
}

/** Lists the causes of an error, without those that the message before them quotes. Those of a record are not known. */
function causes({ message, cause: first }: { readonly message: string; readonly cause?: unknown }): string[] {
  const found: string[] = [];
  let cause = first;
  for (let depth = 0; cause instanceof Error && depth < maxCauses; depth += 1) {
    const code = 'code' in cause && !cause.message.includes(String(cause.code)) ? ` (${String(cause.code)})` : '';
    // OpenSSL ends its messages with a line break.
    const text = `${inOurWords(cause.message.trim()) || cause.name}${code}`;
    if (!(found.at(-1) ?? message).includes(text)) found.push(text);
    ({ cause } = cause);
  }
  return found;
}

/** Node's advice is for the command line of Node. */
function inOurWords(message: string): string {
  return message.replace(/try running Node\.js with --use-system-ca/, 'try --ca system');
}

/** The chain of causes may be circular. */
const maxCauses = 5;
