import { errorCount, type LevelFigures } from './level-figures.ts';

/** Bottleneck of a level: this process, the limit per host, the level itself, or the server. */
export type LevelBottleneck = 'client-cpu' | 'per-host' | 'level' | 'server';

/** The recommended level. */
export interface Choice {
  readonly level: number;
  /** Bottleneck that keeps it from being faster. */
  readonly bound: LevelBottleneck;
}

/** The rule of {@link choose} in words; it follows the name of a level. */
export const choiceRule: string =
  'the lowest level within 5% of the best throughput, among those with no more errors than level 1 ' +
  'and a p99 of at most 3 times that of level 1, or 50 ms more';

const minShareOfBest = 0.95;
const maxSpread = 0.3;
const maxSlowdown = 3;
/** On a fast server, three times the latency still does not matter. */
const maxExtraMs = 50;
/** One error in a hundred more may be chance. */
const maxExtraErrorShare = 0.01;

/**
 * Chooses a level by {@link choiceRule}; undefined if no request succeeded, or if the figures are too noisy.
 *
 * @param levels in ascending order, beginning with level 1
 * @param maxInFlight limit on requests in flight that holds at every level
 */
export function choose(levels: readonly LevelFigures[], maxInFlight: number): Choice | undefined {
  if (levels.every(({ ok }) => ok === 0) || noisyLevels(levels).length > 0) return undefined;
  const fit = fitLevels(levels);
  const best = bestOf(fit);
  const chosen = fit.find(({ perSecond }) => perSecond.median >= minShareOfBest * best)!;
  return { level: chosen.level, bound: bottleneckOf(chosen, levels, maxInFlight) };
}

/**
 * Returns the levels that make a choice a matter of luck: their rounds differ by more than 30% of the median, and their
 * fastest round comes within 5% of the best level's median.
 */
export function noisyLevels(levels: readonly LevelFigures[]): LevelFigures[] {
  const fit = fitLevels(levels);
  const best = bestOf(fit);
  return fit.filter(
    ({ spread, perSecond }) => spread !== null && spread > maxSpread && perSecond.most >= minShareOfBest * best,
  );
}

function fitLevels(levels: readonly LevelFigures[]): LevelFigures[] {
  const first = levels[0]!;
  return levels.filter((figures) => figures === first || isFit(figures, first));
}

function bestOf(levels: readonly LevelFigures[]): number {
  return Math.max(...levels.map(({ perSecond }) => perSecond.median));
}

function isFit(figures: LevelFigures, first: LevelFigures): boolean {
  // If every request of level 1 failed, there is no latency to compare with.
  const maxP99Ms = first.ok === 0 ? Infinity : Math.max(maxSlowdown * first.p99Ms, first.p99Ms + maxExtraMs);
  return figures.p99Ms <= maxP99Ms && errorShare(figures) <= errorShare(first) + maxExtraErrorShare;
}

function errorShare(figures: LevelFigures): number {
  const errors = errorCount(figures);
  return errors / (errors + figures.ok);
}

/** Share of a core from which this process is the bottleneck. */
const minBusyCpuShare = 0.85;
/** Share of ideal scaling from which concurrency is the bottleneck. */
const minScaling = 0.7;

function bottleneckOf(chosen: LevelFigures, levels: readonly LevelFigures[], maxInFlight: number): LevelBottleneck {
  if (chosen.cpuShare >= minBusyCpuShare) return 'client-cpu';
  const inFlight = Math.min(chosen.level, maxInFlight);
  const isHighest = chosen === levels.at(-1);
  const scales = chosen.speedUp >= minScaling * inFlight;
  const isHeldBack = levels.some(({ level }) => level > maxInFlight);
  if (scales && isHeldBack) return 'per-host';
  return scales && isHighest ? 'level' : 'server';
}
