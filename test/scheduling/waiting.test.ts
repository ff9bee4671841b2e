import { expect, test } from 'vitest';
import { Waiting } from '../../src/scheduling/waiting.ts';

const add = (waiting: Waiting, index: number): number =>
  waiting.add(`http://a.test/${index}`, 'http://a.test', index, index * 10);

const rowOf = (index: number): object => ({
  item: `http://a.test/${index}`,
  origin: 'http://a.test',
  index,
  since: index * 10,
});

test('Waiting returns each row as it was added, in whatever order they are taken', () => {
  const waiting = new Waiting();
  const tickets = [0, 1, 2, 3].map((index) => add(waiting, index));
  expect(new Set(tickets).size).toBe(4);
  for (const index of [2, 0, 3, 1]) {
    expect(waiting.originOf(tickets[index]!)).toBe('http://a.test');
    expect(waiting.itemOf(tickets[index]!)).toBe(`http://a.test/${index}`);
    expect(waiting.take(tickets[index]!)).toEqual(rowOf(index));
  }
});

test('Waiting gives out the ticket of a row that was taken again, and no other', () => {
  const waiting = new Waiting();
  const first = add(waiting, 0);
  const second = add(waiting, 1);
  waiting.take(first);
  expect(add(waiting, 2)).toBe(first);
  expect(add(waiting, 3)).not.toBe(second);
  expect(waiting.take(second)).toEqual(rowOf(1));
  expect(waiting.take(first)).toEqual(rowOf(2));
});

test('Waiting gives out the ticket of a removed row only after its queue has passed it over', () => {
  const waiting = new Waiting();
  const first = add(waiting, 0);
  waiting.remove(first);
  const second = add(waiting, 1);
  expect(second).not.toBe(first);
  expect(waiting.reclaim(second)).toBe(false);
  expect(waiting.reclaim(first)).toBe(true);
  expect(add(waiting, 2)).toBe(first);
});
