import { expect, test } from 'vitest';
import { RetryBudget } from '../../src/scheduling/retry-budget.ts';

function spendAll(budget: RetryBudget): number {
  let spent = 0;
  while (budget.spend()) spent += 1;
  return spent;
}

test('an empty retry budget may help while a retry is in flight', () => {
  const budget = new RetryBudget();
  const spent = spendAll(budget);
  expect(budget.mayHelp).toBe(true);
  for (let count = 0; count < spent; count += 1) budget.end();
  expect(budget.mayHelp).toBe(false);
});

test('a retry budget starts with 20 retries', () => {
  expect(spendAll(new RetryBudget())).toBe(20);
});

test.each([
  ['ten for a success after a retry', true, 1, 10],
  ['one for ten successes at the first attempt', false, 10, 1],
  ['none for nine', false, 9, 0],
  ['100 at most', true, 1000, 100],
])('an empty retry budget earns %s', (_, isAfterRetry, successes, expected) => {
  const budget = new RetryBudget();
  spendAll(budget);
  for (let count = 0; count < successes; count += 1) budget.earn(isAfterRetry);
  expect(spendAll(budget)).toBe(expected);
});
