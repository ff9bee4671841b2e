import { expect, test } from 'vitest';
import { Overload } from '../../src/scheduling/overload.ts';

test('503 for nearly every first attempt is an overload', () => {
  const overload = new Overload();
  for (let count = 0; count < 16; count += 1) overload.note(true, true);
  expect(overload.refuses(false)).toBe(true);
});

test('503 for one page in ten, and for each of its retries, is none', () => {
  const overload = new Overload();
  for (let count = 0; count < 1000; count += 1) {
    overload.note(count % 10 === 0, true);
    if (count % 10 === 0) overload.note(true, false);
    expect(overload.refuses(true)).toBe(false);
  }
});

test('503 for every first attempt is none if the retries help', () => {
  const overload = new Overload();
  for (let count = 0; count < 1000; count += 1) {
    overload.note(true, true);
    overload.note(false, false);
  }
  expect(overload.refuses(false)).toBe(false);
});

test('one of a first attempt, or three in a row, are enough once a host was overloaded', () => {
  const overload = new Overload();
  for (let count = 0; count < 16; count += 1) overload.note(true, true);
  for (let count = 0; count < 100; count += 1) overload.note(false, true);
  expect(overload.refuses(true)).toBe(true);
  expect(overload.refuses(false)).toBe(false);
  for (let count = 0; count < 3; count += 1) overload.note(true, true);
  expect(overload.refuses(false)).toBe(true);
});
