import { expect, test } from 'vitest';
import { BodyBudget, type BufferedBody } from '../../../src/transports/response/body-budget.ts';

class FakeBody implements BufferedBody {
  isAwaited = true;
  proceeded = 0;
  proceed(): void {
    this.proceeded += 1;
  }
}

const microtasks = async (): Promise<void> => void (await new Promise((resolve) => setImmediate(resolve)));

test('BodyBudget lets bodies grow up to its bound', () => {
  const budget = new BodyBudget(100);
  expect(budget.grow(new FakeBody(), 60)).toBe(true);
  expect(budget.grow(new FakeBody(), 40)).toBe(true);
  expect(budget.hasRoom).toBe(true);
});

test('BodyBudget lets one body go on beyond its bound, and the next one after that', async () => {
  const budget = new BodyBudget(100);
  const first = new FakeBody();
  const second = new FakeBody();
  expect(budget.grow(first, 101)).toBe(true);
  expect(budget.grow(second, 10)).toBe(false);
  expect(budget.grow(first, 50)).toBe(true);
  budget.remove(first, 151);
  await microtasks();
  expect(second.proceeded).toBe(1);
});

test('BodyBudget lets a body go on beyond its bound only if a consumer waits for it', async () => {
  const budget = new BodyBudget(100);
  const body = new FakeBody();
  body.isAwaited = false;
  expect(budget.grow(body, 101)).toBe(false);
  budget.review();
  await microtasks();
  expect(body.proceeded).toBe(0);
  body.isAwaited = true;
  budget.review();
  await microtasks();
  expect(body.proceeded).toBe(1);
});

test('BodyBudget passes the right to go on from a body that is no longer waited for to one that is', () => {
  const budget = new BodyBudget(100);
  const first = new FakeBody();
  const second = new FakeBody();
  expect(budget.grow(first, 101)).toBe(true);
  first.isAwaited = false;
  expect(budget.grow(second, 10)).toBe(true);
  expect(budget.grow(first, 10)).toBe(false);
});

test('BodyBudget counts unread results', async () => {
  const budget = new BodyBudget(100);
  let unread = 90;
  budget.countUnread(() => unread);
  const bodies = [new FakeBody(), new FakeBody(), new FakeBody()];
  expect(bodies.map((body) => budget.grow(body, 20))).toEqual([true, false, false]);
  unread = 0;
  budget.review();
  await microtasks();
  expect(bodies.map(({ proceeded }) => proceeded)).toEqual([0, 1, 1]);
});
