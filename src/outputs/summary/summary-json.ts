import type { HostFigures } from '../../stats/host-stats.ts';
import type { Stats } from '../../stats/stats.ts';
import { noLimitedHosts, type LimitedHosts } from './limited-hosts.ts';

/** The summary of a run as plain data. Times are in milliseconds, sizes in bytes. */
export interface SummaryRecord extends LimitedHosts {
  /** Duration of the whole run. */
  readonly wallMs: number;
  /** All results: `responses`, `failures` and `cancelled` together. */
  readonly count: number;
  readonly responses: number;
  /** Responses with an expected status. */
  readonly ok: number;
  readonly failures: number;
  readonly cancelled: number;
  /** Responses by status. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Responses that are not `ok`, by status. */
  readonly unexpected: Readonly<Record<string, number>>;
  /** Responses that miss another expectation, by that (`type`, `body`, `time`), if any does. */
  readonly missed?: Readonly<Record<string, number>>;
  /** Failures by error code. */
  readonly codes: Readonly<Record<string, number>>;
  /** Attempts beyond the first of each request. */
  readonly retries: number;
  /** Body bytes after decoding. */
  readonly length: number;
  /** Body bytes as received. */
  readonly wireLength: number;
  /** Durations of all requests added up. */
  readonly elapsedMs: number;
  /** Results per second of the run. */
  readonly perSecond: number;
  /** `elapsedMs` divided by `wallMs`: the gain over fetching one at a time. */
  readonly speedUp: number;
  /** Percentiles of the durations of responses and failures that were tried. */
  readonly percentilesMs: { readonly p50: number; readonly p90: number; readonly p99: number; readonly max: number };
  readonly hosts: {
    /** Number of hosts counted. */
    readonly known: number;
    /** False if there were more hosts than are counted exactly (10,000). */
    readonly isExact: boolean;
    /** At most ten hosts that answered, those with the slowest answers on average first. */
    readonly slowest: readonly HostFigures[];
    /** At most ten hosts, the one with most results that are not `ok` first. */
    readonly failing: readonly HostFigures[];
  };
  /** Bottlenecks of a live run, and the share of the time, from 0 to 1, that each was one. */
  readonly bounds: readonly { readonly bound: string; readonly share: number }[];
}

/**
 * Returns the summary of a run, live or recorded, as plain data. Times are in milliseconds, sizes in bytes.
 *
 * @param wallMs duration of the run in milliseconds
 * @param bounds bottlenecks of a live run and the share of the time each was one, from 0 to 1; empty if unknown
 * @param limited hosts of a live run that did not get all that waited for them; none if unknown
 */
export function summaryRecord(
  stats: Stats,
  wallMs: number,
  bounds: readonly { readonly bound: string; readonly share: number }[] = [],
  limited: LimitedHosts = noLimitedHosts,
): SummaryRecord {
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
    ...(stats.missed.size > 0 && { missed: Object.fromEntries(stats.missed) }),
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
    pace: limited.pace.map(({ host, perSecond, from }) => ({ host, perSecond: rounded(perSecond), from })),
    atOnce: limited.atOnce,
    down: limited.down,
    waited: limited.waited.map(({ host, forMs }) => ({ host, forMs: rounded(forMs) })),
  };
}

const maxHosts = 10;

function plainFigures({ meanMs, longestMs, meanAnswerMs, ...counts }: HostFigures): HostFigures {
  return {
    ...counts,
    meanMs: rounded(meanMs),
    longestMs: rounded(longestMs),
    meanAnswerMs: rounded(meanAnswerMs),
  };
}

function rounded(number: number): number {
  return Math.round(number * 1000) / 1000;
}
