import { describe, expect, test } from 'vitest';
import { bytes, formatCount, formatDuration, formatRate, percent, percents, plural } from '../../src/text/quantity.ts';

test.each([
  [0, '0'],
  [999, '999'],
  [1000, '1,000'],
  [1234567, '1,234,567'],
])('formatCount() formats %d as %s', (number, text) => {
  expect(formatCount(number)).toBe(text);
});

test.each([
  [0, '0.0'],
  [99.94, '99.9'],
  [99.95, '100'],
  [12345.6, '12,346'],
])('formatRate() formats %d as %s', (number, text) => {
  expect(formatRate(number)).toBe(text);
});

describe('formatDuration()', () => {
  test.each([
    [0, '0.0 ms'],
    [9.94, '9.9 ms'],
    [9.95, '10 ms'],
    [87.4, '87 ms'],
    [999.4, '999 ms'],
    [999.5, '1.00 s'],
    [9994, '9.99 s'],
    [9995, '10.0 s'],
    [59_949, '59.9 s'],
    [59_950, '1 min 0 s'],
    [123_000, '2 min 3 s'],
    [3_599_500, '1 h 0 min'],
    [7_380_000, '2 h 3 min'],
  ])('formats %d ms as %s', (milliseconds, text) => {
    expect(formatDuration(milliseconds)).toBe(text);
  });
});

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 KB'],
  [9949, '9.9 KB'],
  [9950, '10 KB'],
  [999_499, '999 KB'],
  [999_500, '1.0 MB'],
  [153_000_000, '153 MB'],
  [2.5e15, '2.5 PB'],
  [2.5e18, '2500 PB'],
])('bytes() formats %d as %s', (number, text) => {
  expect(bytes(number)).toBe(text);
});

test.each([
  [0, '0%'],
  [0.0001, '1%'],
  [0.344, '34%'],
  [0.9999, '99%'],
  [1, '100%'],
  [1.204, '120%'],
])('percent() formats %d as %s', (part, text) => {
  expect(percent(part)).toBe(text);
});

test.each([
  [0, 'hosts', '0 hosts'],
  [1, 'hosts', '1 host'],
  [1234, 'hosts', '1,234 hosts'],
])('plural() formats %d %s as %s', (number, _, text) => {
  expect(plural(number, 'host')).toBe(text);
});

test('plural() takes an irregular plural', () => {
  expect([1, 2].map((number) => plural(number, 'retry', 'retries'))).toEqual(['1 retry', '2 retries']);
});

test.each([
  [
    [0.505, 0.495],
    ['51%', '49%'],
  ],
  [
    [1 / 3, 1 / 3, 1 / 3],
    ['34%', '33%', '33%'],
  ],
  [
    [0.333, 0.333, 0.334],
    ['33%', '33%', '34%'],
  ],
  [
    [0.996, 0.004],
    ['99%', '1%'],
  ],
  [[1], ['100%']],
  [
    [0.9, 0.06, 0.04],
    ['90%', '6%', '4%'],
  ],
  [[], []],
])('percents() formats %j as %j', (shares, texts) => {
  expect(percents(shares)).toEqual(texts);
});
