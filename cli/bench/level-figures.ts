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

/** Figures of one level: medians over its rounds. */
export interface LevelFigures {
  /** Number of requests in flight at once. */
  readonly level: number;
  /** Successful requests per second: median, slowest and fastest round. */
  readonly perSecond: { readonly median: number; readonly least: number; readonly most: number };
  /** Throughput as a multiple of that of level 1 in the same round. */
  readonly speedUp: number;
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
  return {
    level,
    perSecond: { median: median(speeds), least: Math.min(...speeds), most: Math.max(...speeds) },
    speedUp: median(speeds.map((speed, round) => speed / perSecond(first.rounds[round]!))),
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

/** Returns the middle of some figures, the upper of the two if their number is even; NaN if there are none. */
export function median(figures: readonly number[]): number {
  return figures.toSorted((one, other) => one - other)[Math.floor(figures.length / 2)] ?? Number.NaN;
}
