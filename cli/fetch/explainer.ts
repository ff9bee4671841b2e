import type { FetchErrorCode } from '../../src/http/error.ts';
import type { ResultRecord } from '../../src/http/record.ts';
import type { FetchResult } from '../../src/http/result.ts';
import { failureDetail } from '../rows/failure-detail.ts';
import type { FetchPlan } from './fetch-plan.ts';
import { isHttpsGuess } from './https-guess.ts';
import { say } from '../rows/say.ts';

/**
 * Returns a function that takes each result, and explains on standard error why it is not ok. With `-v` it explains every
 * result; otherwise only the first entries that cannot be sent, as a row of text has no room for the reason.
 */
export function explainer({
  isVerbose,
  isQuiet,
  expected,
  lists,
}: Pick<FetchPlan, 'isVerbose' | 'isQuiet' | 'expected' | 'lists'>): (result: FetchResult | ResultRecord) => void {
  let left = isVerbose ? Infinity : isQuiet ? 0 : maxExplained;
  return (result) => {
    if (left === 0 || !(isVerbose || isUnsendable(result))) return;
    const detail = failureDetail(result, expected);
    if (detail === undefined) return;
    left -= 1;
    say(isHttpsGuess(result, { lists }) ? `${detail}; it has no scheme, and got https: see --default-scheme` : detail);
    if (left === 0) say('-v explains every failure');
  };
}

function isUnsendable(result: FetchResult | ResultRecord): boolean {
  return result.kind === 'failure' && unsendable.has(result.error.code);
}

const maxExplained = 3;

const unsendable: ReadonlySet<FetchErrorCode> = new Set<FetchErrorCode>([
  'URL_INVALID',
  'URL_SCHEME',
  'URL_TOO_LONG',
  'REQUEST_INVALID',
]);
