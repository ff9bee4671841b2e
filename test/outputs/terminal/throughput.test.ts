import { expect, test } from 'vitest';
import { Throughput } from '../../../src/outputs/terminal/throughput.ts';

test('Pace is 0 before there is anything to compare', () => {
  const pace = new Throughput(30_000);
  expect(pace.perSecond(3000)).toBe(0);
  pace.mark(1000, 0);
  expect(pace.perSecond(3000)).toBe(0);
});

test('Pace tells of late and of longer', () => {
  const pace = new Throughput(30_000);
  for (let at = 0; at <= 20_000; at += 200) pace.mark(at, at / 100);
  for (let at = 20_200; at <= 24_000; at += 200) pace.mark(at, 200 + (at - 20_000) / 10);
  expect(pace.perSecond(3000)).toBeCloseTo(100, 0);
  expect(pace.perSecond(30_000)).toBeCloseTo(25, 0);
});

test('Pace comes down to 0 when nothing gets done', () => {
  const pace = new Throughput(30_000);
  for (let at = 0; at <= 50_000; at += 200) pace.mark(at, Math.min(at, 10_000));
  expect(pace.perSecond(3000)).toBe(0);
  expect(pace.perSecond(30_000)).toBe(0);
});

test('Pace forgets what is older than it keeps, however often it is told', () => {
  const pace = new Throughput(1000);
  for (let at = 0; at <= 100_000; at += 1) pace.mark(at, at);
  expect(pace.perSecond(1000)).toBeCloseTo(1000, -1);
  expect(pace.perSecond(1_000_000)).toBeCloseTo(1000, -1);
});
