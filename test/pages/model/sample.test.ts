import { expect, test } from 'vitest';
import { Sample } from '../../../src/pages/model/sample.ts';

function sampleOf(count: number, max: number): Sample<number> {
  const sample = new Sample<number>(max);
  for (let item = 0; item < count; item += 1) sample.offer(() => item);
  return sample;
}

test('Sample keeps everything while there is room', () => {
  expect(sampleOf(5, 5).items).toEqual([0, 1, 2, 3, 4]);
});

test('Sample chooses evenly, without repeats, and reproducibly', () => {
  const { items, count } = sampleOf(100_000, 10_000);
  expect(count).toBe(100_000);
  expect(new Set(items).size).toBe(10_000);
  expect(sampleOf(100_000, 10_000).items).toEqual(items);
  for (let tenth = 0; tenth < 10; tenth += 1) {
    const inside = items.filter((item) => Math.floor(item / 10_000) === tenth).length;
    // Five standard deviations of 30.
    expect(inside, `tenth ${tenth}`).toSatisfy((number: number) => number > 850 && number < 1150);
  }
});
