import { expect, test } from 'vitest';
import { Throughput } from '../../../src/outputs/terminal/throughput.ts';

test('Throughput is 0 before there are two marks to compare', () => {
  const throughput = new Throughput(30_000);
  expect(throughput.perSecond(3000)).toBe(0);
  throughput.mark(1000, 0);
  expect(throughput.perSecond(3000)).toBe(0);
});

test('Throughput measures recent and longer periods', () => {
  const throughput = new Throughput(30_000);
  for (let at = 0; at <= 20_000; at += 200) throughput.mark(at, at / 100);
  for (let at = 20_200; at <= 24_000; at += 200) throughput.mark(at, 200 + (at - 20_000) / 10);
  expect(throughput.perSecond(3000)).toBeCloseTo(100, 0);
  expect(throughput.perSecond(30_000)).toBeCloseTo(25, 0);
});

test('Throughput drops to 0 when nothing gets done', () => {
  const throughput = new Throughput(30_000);
  for (let at = 0; at <= 50_000; at += 200) throughput.mark(at, Math.min(at, 10_000));
  expect(throughput.perSecond(3000)).toBe(0);
  expect(throughput.perSecond(30_000)).toBe(0);
});

test('Throughput forgets marks older than its history, however many there are', () => {
  const throughput = new Throughput(1000);
  for (let at = 0; at <= 100_000; at += 1) throughput.mark(at, at);
  expect(throughput.perSecond(1000)).toBeCloseTo(1000, -1);
  expect(throughput.perSecond(1_000_000)).toBeCloseTo(1000, -1);
});
