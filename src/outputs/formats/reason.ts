import type { ResultRecord } from '../../http/record.ts';
import type { FetchResult, Missed } from '../../http/result.ts';
import { defaultStatuses, parseStatusList } from '../../http/status-list.ts';
import { printable } from '../../text/printable.ts';
import { formatDuration } from '../../text/quantity.ts';

/** What was expected of the responses of a run, as its command line says it. */
export interface Expected {
  /** A list of statuses, such as `200-399`. */
  readonly statuses?: string;
  /** A list of media types. */
  readonly type?: string;
  /** A regular expression. */
  readonly body?: string;
  readonly withinMs?: number;
}

/**
 * Explains in one printable line why a result is not ok, such as `404, expected 200-399`. What was expected is named as far as
 * it is known.
 */
export function reasonOf(result: FetchResult | ResultRecord, expected: Expected = {}): string {
  if (result.kind !== 'response') return printable(`${result.error.code}: ${result.error.message}`);
  const { unexpected, status } = result;
  // Nothing else is known to be missing, so it is the status.
  if (unexpected === undefined) return `status ${status}${wanted(expected.statuses)}`;
  const others = unexpected.map((missed) => shortfall(missed, result, expected));
  if (!isStatusMissed(result, expected)) return printable(others.join('; '));
  const statuses = expected.statuses === undefined ? '' : wanted(expected.statuses);
  return printable([`status ${status}${statuses}`, ...others].join('; '));
}

/** Tells whether the status of a response is not as expected, or not ok as far as it is known. */
export function isStatusMissed({ status }: { readonly status: number }, { statuses }: Expected = {}): boolean {
  const isExpected = parseStatusList(statuses ?? defaultStatuses);
  return isExpected?.(status) === false;
}

function shortfall(
  missed: Missed,
  { mediaType, elapsedMs }: { readonly mediaType?: string; readonly elapsedMs: number },
  { type, body, withinMs }: Expected,
): string {
  switch (missed) {
    case 'type':
      return `type ${mediaType || 'unknown'}${wanted(type)}`;
    case 'body':
      return body === undefined ? 'body is unexpected' : `body does not match ${body}`;
    case 'time':
      return `took ${formatDuration(elapsedMs)}${withinMs === undefined ? '' : `, expected at most ${formatDuration(withinMs)}`}`;
    default:
      // A record of a later version may have other words.
      return `unexpected ${String(missed satisfies never)}`;
  }
}

function wanted(text: string | undefined): string {
  return text === undefined ? ' is unexpected' : `, expected ${text}`;
}
