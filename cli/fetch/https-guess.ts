import type { FetchErrorCode } from '../../src/http/error.ts';
import type { ResultRecord } from '../../src/http/record.ts';
import type { FetchResult } from '../../src/http/result.ts';
import type { FetchPlan } from './fetch-plan.ts';

/** Tells whether a failure may be due to https, which a host without a scheme got: nothing there speaks TLS. */
export function isHttpsGuess(
  result: FetchResult | ResultRecord,
  { lists }: { readonly lists: Pick<FetchPlan['lists'], 'read'> },
): boolean {
  if (result.kind !== 'failure' || lists.read.defaultScheme !== 'https') return false;
  return withoutTls.has(result.error.code) && !/^\s*[a-z][a-z0-9+.-]*:\/\//i.test(result.url);
}

const withoutTls: ReadonlySet<FetchErrorCode> = new Set<FetchErrorCode>([
  'CONNECT_REFUSED',
  'CONNECT_RESET',
  'CONNECT_TIMEOUT',
  'TLS_PROTOCOL',
  'TLS_TIMEOUT',
]);
