import { errorCount, type LevelFigures } from './level-figures.ts';

/** What keeps a level from being faster. */
export type LevelBound = 'client-cpu' | 'per-host' | 'level' | 'server';

/** The level to take. */
export interface Choice {
  readonly level: number;
  readonly bound: LevelBound;
}

/** How the level is chosen, in words. */
export const choiceRule =
  'the smallest level within 5% of the best throughput, of those that fail no more often than level 1 and whose p99 is at most three times its p99, or 50 ms more';

const nearTheBest = 0.95;
const slowerAtMost = 3;
/** On a fast server three times as long is still nothing. */
const slackMs = 50;
/** One in a hundred more is chance. */
const slackErrors = 0.01;

/** Chooses by {@link choiceRule}, from levels in ascending order. Undefined if nothing was ok. */
export function choose(levels: readonly LevelFigures[], mostInFlight: number): Choice | undefined {
  const first = levels[0]!;
  if (levels.every(({ ok }) => ok === 0)) return undefined;
  const fit = levels.filter((figures) => figures === first || isFit(figures, first));
  const best = Math.max(...fit.map(({ perSecond }) => perSecond.median));
  const chosen = fit.find(({ perSecond }) => perSecond.median >= nearTheBest * best)!;
  return { level: chosen.level, bound: boundOf(chosen, levels, mostInFlight) };
}

function isFit(figures: LevelFigures, first: LevelFigures): boolean {
  // Where level 1 brought nothing there is nothing to hold against the others.
  const longestMs = first.ok === 0 ? Infinity : Math.max(slowerAtMost * first.p99Ms, first.p99Ms + slackMs);
  return figures.p99Ms <= longestMs && errorShare(figures) <= errorShare(first) + slackErrors;
}

function errorShare(figures: LevelFigures): number {
  const errors = errorCount(figures);
  return errors / (errors + figures.ok);
}

/** A core that is as busy as this does hardly anything else. */
const fullCore = 0.85;
/** Each in flight still goes this fast, against one alone. */
const nearlyAlone = 0.7;

function boundOf(chosen: LevelFigures, levels: readonly LevelFigures[], mostInFlight: number): LevelBound {
  if (chosen.cpuShare >= fullCore) return 'client-cpu';
  const inFlight = Math.min(chosen.level, mostInFlight);
  const isHighest = chosen === levels.at(-1);
  const scales = chosen.speedUp >= nearlyAlone * inFlight;
  const isHeldBack = levels.some(({ level }) => level > mostInFlight);
  if (scales && isHeldBack) return 'per-host';
  return scales && isHighest ? 'level' : 'server';
}
