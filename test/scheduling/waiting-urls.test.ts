import { expect, test } from 'vitest';
import { WaitingUrls } from '../../src/scheduling/waiting-urls.ts';

const add = (urls: WaitingUrls, index: number): number =>
  urls.add(`http://a.test/${index}`, 'http://a.test', index, index * 10);

const told = (urls: WaitingUrls, place: number): unknown[] => [
  urls.hostOf(place),
  urls.take(place),
  urls.indexOf(place),
  urls.sinceOf(place),
];

test('WaitingUrls knows of each what it was told, in whatever order they are taken', () => {
  const urls = new WaitingUrls();
  const places = [0, 1, 2, 3].map((index) => add(urls, index));
  expect(new Set(places).size).toBe(4);
  for (const index of [2, 0, 3, 1]) {
    expect(told(urls, places[index]!)).toEqual(['http://a.test', `http://a.test/${index}`, index, index * 10]);
  }
});

test('WaitingUrls gives the place of one that was taken to another, and only then', () => {
  const urls = new WaitingUrls();
  const first = add(urls, 0);
  const second = add(urls, 1);
  urls.take(first);
  expect(add(urls, 2)).toBe(first);
  expect(add(urls, 3)).not.toBe(second);
  expect(told(urls, second)).toEqual(['http://a.test', 'http://a.test/1', 1, 10]);
  expect(told(urls, first)).toEqual(['http://a.test', 'http://a.test/2', 2, 20]);
});
