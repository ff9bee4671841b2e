import { expect, test } from 'vitest';
import { bottleneckWords } from '../../../../cli/fetch/watch/bottleneck-words.ts';
import type { Bottleneck } from '../../../../src/scheduling/bottleneck.ts';

const limits = {
  concurrency: 50,
  isElastic: false,
  rate: 10,
  perHost: { concurrency: 6, isElastic: false, rate: 0.5 },
  intervalMs: 500,
};

test.each<[bound: Bottleneck, words: string]>([
  ['concurrency', '-c 50'],
  ['hostConcurrency', '--per-host 6'],
  ['rate', '--rate 10/s'],
  ['hostRate', '--host-rate 30/m'],
  ['interval', '--delay 500 ms'],
  ['hold', 'unresponsive hosts'],
  ['quota', 'rate limits sent by servers'],
  ['pace', 'rates learned from 429s'],
  ['shortage', "this machine's resources (too few for -c 50)"],
])('bottleneckWords() names %s: %s', (bound, words) => {
  expect(bottleneckWords(bound, limits)).toBe(words);
});

test.each<[bound: Bottleneck, words: string]>([
  ['concurrency', '-c auto:400'],
  ['hostConcurrency', '--per-host auto:50'],
])('bottleneckWords() names a learned %s: %s', (bound, words) => {
  const learned = { concurrency: 400, isElastic: true, perHost: { concurrency: 50, isElastic: true, rate: Infinity } };
  expect(bottleneckWords(bound, { ...limits, ...learned })).toBe(words);
});

test.each([
  [2.5, '2.5/s'],
  [1 / 60, '1/m'],
  [1 / 3600, '1/h'],
  [0.1 / 3600, '0.1/h'],
])('bottleneckWords() shows a rate of %d per second as %s', (rate, words) => {
  expect(bottleneckWords('rate', { ...limits, rate })).toBe(`--rate ${words}`);
});
