import { expect, test } from 'vitest';
import { isOverspent, type ErrorBudget } from '../../../../cli/fetch/stop/error-budget.ts';

const records = (most: number): ErrorBudget => ({ most, unit: 'records' });
const percent = (most: number): ErrorBudget => ({ most, unit: 'percent' });

test.each<[ErrorBudget, number, number, boolean]>([
  [records(0), 5, 0, false],
  [records(0), 5, 1, true],
  [records(3), 5, 3, false],
  [records(3), 1000, 4, true],
  [percent(5), 1000, 50, false],
  [percent(5), 1000, 51, true],
  [percent(5), 10, 5, false],
  [percent(5), 10, 6, true],
  [percent(0), 10, 1, true],
  [percent(100), 500, 500, false],
])('isOverspent(%j) of %i records of which %i are not ok: %j', (budget, count, errors, expected) => {
  expect(isOverspent(budget, { count, ok: count - errors, cancelled: 0 })).toBe(expected);
});

test('isOverspent() does not count what was cancelled', () => {
  expect(isOverspent(records(0), { count: 9, ok: 2, cancelled: 7 })).toBe(false);
});
