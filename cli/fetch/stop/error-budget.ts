import type { Stats } from '../../../src/stats/stats.ts';
import type { Halt } from './halt.ts';

/** The number or the percentage of records that may be not ok. */
export interface ErrorBudget {
  readonly max: number;
  readonly unit: 'records' | 'percent';
}

/**
 * Returns a function, to be called after each record, that stops new requests once there are more errors than allowed.
 * Running requests may finish.
 */
export function watchErrors(halt: Halt, budget: ErrorBudget | undefined): (stats: Stats) => void {
  if (!budget) return () => {};
  return (stats) => {
    if (!halt.stop.aborted && isExceeded(budget, stats)) halt.stopStarting('max-errors');
  };
}

/** Tells whether more records are not ok than allowed. Cancelled requests are not errors. */
export function isExceeded({ max, unit }: ErrorBudget, stats: Pick<Stats, 'count' | 'ok' | 'cancelled'>): boolean {
  const errors = stats.count - stats.ok - stats.cancelled;
  return errors > (unit === 'records' ? max : (max / 100) * Math.max(minRecordsForPercent, stats.count));
}

/** A percentage of fewer records means little: the first one may well be a failure. */
const minRecordsForPercent = 100;
