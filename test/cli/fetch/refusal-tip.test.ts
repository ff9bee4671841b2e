import { expect, test } from 'vitest';
import type { FetchPlan } from '../../../cli/fetch/fetch-plan.ts';
import { refusalTip } from '../../../cli/fetch/refusal-tip.ts';
import { createStats, type Stats } from '../../../src/stats/stats.ts';
import { failure, response } from '../../helpers/results.ts';

function statsOf(...results: Parameters<Stats['add']>[0][]): Stats {
  const stats = createStats();
  for (const result of results) stats.add(result);
  return stats;
}

const refused = statsOf(response({ status: 429, ok: false }));

test.each<[string, FetchPlan['fetcher'], string]>([
  ['what is left to do', {}, 'tip: 1 URL ended with 429; --host-rate N/s keeps below the limit of the server, '],
  ['--retries 0', { retry: { retries: 0 } }, 'tip: 1 URL ended with 429; without --retries 0, '],
  ['--no-pace', { pace: false }, 'tip: 1 URL ended with 429; without --no-pace, '],
])('refusalTip() names %s when refusals cost URLs', (_, fetcher, tip) => {
  expect(refusalTip({ stats: refused }, { fetcher }).join('\n')).toContain(tip);
});

test('refusalTip() names quotas that were used up, and says nothing else', () => {
  const stats = statsOf(failure('RATE_LIMITED'), failure('RATE_LIMITED'));
  expect(refusalTip({ stats }, { fetcher: {} })).toEqual([
    'tip: 2 URLs exceeded a quota; --max-wait TIME waits longer, --resume --retry-failed later',
  ]);
  expect(refusalTip({ stats: statsOf(response({ status: 500, ok: false })) }, { fetcher: {} })).toEqual([]);
});
