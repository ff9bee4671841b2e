import type { Stats } from '../../src/stats/stats.ts';

/** Measurements of one round of a level. */
export interface Round {
  /** Number of successful requests. */
  readonly ok: number;
  readonly wallMs: number;
  /** CPU time of this process in milliseconds. */
  readonly cpuMs: number;
}

/** Everything measured at one level. */
export interface LevelRecord {
  readonly level: number;
  readonly rounds: readonly Round[];
  /** Totals of the successful requests only. Requests that fail at once would make their level look fast. */
  readonly stats: Stats;
  /** Number of results that are not ok, by status or error code. */
  readonly errors: ReadonlyMap<string, number>;
}

/** Figures of one level: medians over its rounds, and percentiles over all of its requests. */
export interface LevelFigures {
  /** Number of requests in flight at once. */
  readonly level: number;
  /** Successful requests per second: median, slowest and fastest round. */
  readonly perSecond: { readonly median: number; readonly least: number; readonly most: number };
  /** Range of the throughput as a share of its median: 0.1 is 10%; null if there is only one round. */
  readonly spread: number | null;
  /** Median throughput as a multiple of that of level 1. */
  readonly speedUp: number;
  /** Median duration of a round in milliseconds. */
  readonly wallMs: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  /** CPU time of this process as a share of one core, from 0 to 1 (more with several threads). */
  readonly cpuShare: number;
  /** Number of successful requests over all rounds. */
  readonly ok: number;
  /** Number of results that are not ok, by status or error code. */
  readonly errors: Readonly<Record<string, number>>;
}

/** Computes the figures of a level; `first` is level 1. */
export function levelFigures({ level, rounds, stats, errors }: LevelRecord, first: LevelRecord): LevelFigures {
  const speeds = rounds.map(perSecond);
  const typical = median(speeds);
  const least = Math.min(...speeds);
  const most = Math.max(...speeds);
  return {
    level,
    perSecond: { median: typical, least, most },
    spread: rounds.length > 1 ? (most - least) / typical : null,
    speedUp: typical / median(first.rounds.map(perSecond)),
    wallMs: median(rounds.map(({ wallMs }) => wallMs)),
    p50Ms: stats.percentileMs(50),
    p90Ms: stats.percentileMs(90),
    p99Ms: stats.percentileMs(99),
    cpuShare: median(rounds.map(({ cpuMs, wallMs }) => cpuMs / wallMs)),
    ok: stats.ok,
    errors: Object.fromEntries(errors),
  };
}

/** Counts the results that are not ok. */
export function errorCount({ errors }: LevelFigures): number {
  return Object.values(errors).reduce((sum, times) => sum + times, 0);
}

function perSecond({ ok, wallMs }: Round): number {
  return ok / (wallMs / 1000);
}

/** Returns the median of some figures, which is the mean of the middle two if their number is even; NaN if there are none. */
export function median(figures: readonly number[]): number {
  const sorted = figures.toSorted((one, other) => one - other);
  const upper = sorted.length >> 1;
  const lower = sorted.length % 2 === 0 ? upper - 1 : upper;
  return (sorted[lower]! + sorted[upper]!) / 2;
}
