import type { LevelFigures } from '../../cli/bench/level-figures.ts';
import { readBenchPlan, type BenchPlan } from '../../cli/bench/bench-plan.ts';
import type { Report } from '../../cli/bench/report.ts';

/** Makes the figures of a level with a given throughput; level 1 is assumed to do 50 per second. */
export function levelOf(level: number, perSecond: number, errors: Readonly<Record<string, number>> = {}): LevelFigures {
  return {
    level,
    perSecond: { median: perSecond, least: perSecond * 0.95, most: perSecond * 1.05 },
    spread: 0.1,
    wallMs: 96_000 / perSecond,
    speedUp: perSecond / 50,
    p50Ms: 20,
    p90Ms: 30,
    p99Ms: 40,
    cpuShare: 0.5,
    ok: 96,
    errors,
  };
}

/** Makes the report of a benchmark. */
export function benchReport(levels: readonly LevelFigures[], chosen: number | undefined): Report {
  return {
    source: 'embedded server',
    plan: readBenchPlan([]) as BenchPlan,
    urls: 1,
    hosts: 1,
    levels,
    choice: chosen === undefined ? undefined : { level: chosen, bound: 'server' },
  };
}
