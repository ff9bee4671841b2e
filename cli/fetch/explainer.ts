import type { FetchErrorCode } from '../../src/http/error.ts';
import type { ResultRecord } from '../../src/http/record.ts';
import type { FetchResult } from '../../src/http/result.ts';
import { failureDetail } from '../rows/failure-detail.ts';
import { say } from '../rows/say.ts';

/**
 * Returns a function, to be called for each result, that explains failures on standard error: all of them with `-v`, else
 * the first entries that cannot be sent: a row of text has no room for the reason.
 */
export function explainer({
  isVerbose,
  isQuiet,
}: {
  readonly isVerbose: boolean;
  readonly isQuiet: boolean;
}): (result: FetchResult | ResultRecord) => void {
  let left = isVerbose ? Infinity : isQuiet ? 0 : maxExplained;
  return (result) => {
    if (left === 0 || result.kind !== 'failure' || !(isVerbose || unsendable.has(result.error.code))) return;
    left -= 1;
    const detail = failureDetail(result);
    if (detail !== undefined) say(detail);
    if (left === 0) say('-v explains every failure');
  };
}

const maxExplained = 3;

const unsendable: ReadonlySet<FetchErrorCode> = new Set<FetchErrorCode>([
  'URL_INVALID',
  'URL_SCHEME',
  'URL_TOO_LONG',
  'REQUEST_INVALID',
]);
