import { expect, test } from 'vitest';
import { isExceeded, type ErrorBudget } from '../../../../cli/fetch/stop/error-budget.ts';

const records = (max: number): ErrorBudget => ({ max, unit: 'records' });
const percent = (max: number): ErrorBudget => ({ max, unit: 'percent' });

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
])('isExceeded(%j) with %i records, %i of them not ok, is %j', (budget, count, errors, expected) => {
  expect(isExceeded(budget, { count, ok: count - errors, cancelled: 0 })).toBe(expected);
});

test('isExceeded() does not count cancelled requests', () => {
  expect(isExceeded(records(0), { count: 9, ok: 2, cancelled: 7 })).toBe(false);
});
