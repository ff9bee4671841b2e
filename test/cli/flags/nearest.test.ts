import { expect, test } from 'vitest';
import { fetchFlags } from '../../../cli/fetch/fetch-flags.ts';
import { nearest } from '../../../cli/flags/nearest.ts';

const names = Object.keys(fetchFlags);

test.each([
  ['concurency', 'concurrency'],
  ['concurrancy', 'concurrency'],
  ['Concurrency', 'concurrency'],
  ['conc', 'concurrency'],
  ['timout', 'timeout'],
  ['tiemout', 'timeout'],
  ['no-colour', 'no-color'],
  ['ouput', 'output'],
  ['headers', 'header'],
  ['hlep', 'help'],
])('nearest() suggests for --%s: --%s', (typed, meant) => {
  expect(nearest(typed, names)).toBe(meant);
});

test.each(['z', 'frobnicate', 'xyzzy', ''])('nearest() suggests nothing for --%s', (typed) => {
  expect(nearest(typed, names)).toBeUndefined();
});
