import { formatCount } from '../../src/text/quantity.ts';
import type { FetchPlan } from './fetch-plan.ts';
import type { RunEnd } from './run-end.ts';

/** Says what helps when limits of servers cost URLs. */
export function refusalTip({ stats }: Pick<RunEnd, 'stats'>, { fetcher }: Pick<FetchPlan, 'fetcher'>): string[] {
  const unsent = stats.codes.get('RATE_LIMITED') ?? 0;
  const refused = stats.unexpected.get(429) ?? 0;
  const tips: string[] = [];
  if (unsent > 0)
    tips.push(`tip: ${urls(unsent)} exceeded a quota; --max-wait TIME waits longer, --resume --retry-failed later`);
  if (refused > 0) tips.push(`tip: ${urls(refused)} ended with 429; ${remedy(fetcher)}`);
  return tips;
}

function remedy({ retry, pace }: FetchPlan['fetcher']): string {
  if (retry?.retries === 0) return 'without --retries 0, refused requests are sent again';
  if (pace === false) return 'without --no-pace, the host gets as many requests as it accepts';
  return '--host-rate N/s keeps below the limit of the server, --max-wait TIME waits longer';
}

function urls(count: number): string {
  return count === 1 ? '1 URL' : `${formatCount(count)} URLs`;
}
