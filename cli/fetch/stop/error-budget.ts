import type { Stats } from '../../../src/stats/stats.ts';
import type { Halt } from './halt.ts';

/** How many records may not be ok: so many, or such a part of all. */
export interface ErrorBudget {
  readonly most: number;
  readonly unit: 'records' | 'percent';
}

/** Ends a run that has more errors than it may: what is in flight still has its time. To be called after each record. */
export function watchErrors(halt: Halt, budget: ErrorBudget | undefined): (stats: Stats) => void {
  if (!budget) return () => {};
  return (stats) => {
    if (!halt.stop.aborted && isOverspent(budget, stats)) halt.stopStarting('max-errors');
  };
}

/** Whether more records are not ok than may be. What was cancelled is no error. */
export function isOverspent({ most, unit }: ErrorBudget, stats: Pick<Stats, 'count' | 'ok' | 'cancelled'>): boolean {
  const errors = stats.count - stats.ok - stats.cancelled;
  return errors > (unit === 'records' ? most : (most / 100) * Math.max(minForShare, stats.count));
}

/** A part of fewer says nothing: the first record may well be a bad one. */
const minForShare = 100;
