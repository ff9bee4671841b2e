import type { HostFigures } from '../../stats/host-stats.ts';
import type { Stats } from '../../stats/stats.ts';

/**
 * Returns the summary of a run, live or recorded, as plain data. Times are in milliseconds, sizes in bytes.
 *
 * @param wallMs duration of the run in milliseconds
 * @param bounds bottlenecks of a live run and the share of the time each was one, from 0 to 1; empty if unknown
 */
export function summaryRecord(
  stats: Stats,
  wallMs: number,
  bounds: readonly { readonly bound: string; readonly share: number }[] = [],
): object {
  const { count, responses, ok, failures, cancelled, retries, length, wireLength, elapsedMs, hosts } = stats;
  return {
    wallMs: rounded(wallMs),
    count,
    responses,
    ok,
    failures,
    cancelled,
    statuses: Object.fromEntries(stats.statuses),
    unexpected: Object.fromEntries(stats.unexpected),
    codes: Object.fromEntries(stats.codes),
    retries,
    length,
    wireLength,
    elapsedMs: rounded(elapsedMs),
    perSecond: rounded((count * 1000) / Math.max(wallMs, 1)),
    speedUp: rounded(elapsedMs / Math.max(wallMs, 1)),
    percentilesMs: {
      p50: rounded(stats.percentileMs(50)),
      p90: rounded(stats.percentileMs(90)),
      p99: rounded(stats.percentileMs(99)),
      max: rounded(stats.longestMs),
    },
    hosts: {
      known: hosts.size,
      isExact: hosts.isExact,
      slowest: hosts.slowest(maxHosts).map(plainFigures),
      failing: hosts.failing(maxHosts).map(plainFigures),
    },
    bounds: bounds.map(({ bound, share }) => ({ bound, share: rounded(share) })),
  };
}

const maxHosts = 10;

function plainFigures({ meanMs, longestMs, ...counts }: HostFigures): HostFigures {
  return { ...counts, meanMs: rounded(meanMs), longestMs: rounded(longestMs) };
}

function rounded(number: number): number {
  return Math.round(number * 1000) / 1000;
}
