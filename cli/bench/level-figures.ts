import type { Stats } from '../../src/stats/stats.ts';
import { median } from './median.ts';

/** What one level did in one round. */
export interface Round {
  readonly ok: number;
  readonly wallMs: number;
  /** The CPU time of this process. */
  readonly cpuMs: number;
}

/** All that was seen of one level. */
export interface LevelRecord {
  readonly level: number;
  readonly rounds: readonly Round[];
  /** Of the results that are ok; one that fails at once would make its level look fast. */
  readonly stats: Stats;
  /** How many had each status or code, of those that are not ok. */
  readonly errors: ReadonlyMap<string, number>;
}

/** What one level came to: medians over its rounds. */
export interface LevelFigures {
  /** How many were in flight at once. */
  readonly level: number;
  /** Results that are ok, per second. */
  readonly perSecond: { readonly median: number; readonly least: number; readonly most: number };
  /** Against level 1 in the same round. */
  readonly speedUp: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  /** Of one core: 1 is a core that did nothing else. */
  readonly cpuShare: number;
  /** Results that are ok, over all rounds. */
  readonly ok: number;
  /** How many had each status or code, of those that are not. */
  readonly errors: Readonly<Record<string, number>>;
}

/** Sums up a level; `first` is level 1. */
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

/** How many results were not ok. */
export function errorCount({ errors }: LevelFigures): number {
  return Object.values(errors).reduce((sum, times) => sum + times, 0);
}

function perSecond({ ok, wallMs }: Round): number {
  return ok / (wallMs / 1000);
}
