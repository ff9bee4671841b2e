import { expect, test } from 'vitest';
import { RunSpan } from '../../src/stats/run-span.ts';

type Timed = Partial<Parameters<RunSpan['add']>[0]>;

const wallMs = (records: readonly Timed[]): number => {
  const span = new RunSpan();
  for (const record of records) span.add({ attempts: 1, elapsedMs: 0, ...record });
  return span.wallMs;
};

test('RunSpan spans from the first start to the last end, in any order', () => {
  expect(
    wallMs([
      { at: '2026-01-01T00:00:05.000Z', elapsedMs: 100 },
      { at: '2026-01-01T00:00:00.000Z', elapsedMs: 7000.5 },
      { at: '2026-01-01T00:00:06.000Z', elapsedMs: 500 },
    ]),
  ).toBe(7000.5);
});

test('RunSpan knows no time if nothing was sent', () => {
  expect(wallMs([])).toBe(0);
  expect(wallMs([{ elapsedMs: 5 }])).toBe(0);
});

test('RunSpan counts the waits between attempts, and those of requests that were never sent', () => {
  const at = '2026-01-01T00:00:00.000Z';
  expect(wallMs([{ at, elapsedMs: 200, attempts: 4, timingsMs: { queue: 15_000 } }])).toBe(15_200);
  expect(
    wallMs([
      { at, elapsedMs: 200 },
      { elapsedMs: 0, attempts: 0, timingsMs: { queue: 60_000 } },
    ]),
  ).toBe(60_000);
});

test('RunSpan counts the wait before the first start once', () => {
  expect(wallMs([{ at: '2026-01-01T00:00:03.000Z', elapsedMs: 200, timingsMs: { queue: 1000 } }])).toBe(1200);
  expect(
    wallMs([
      { at: '2026-01-01T00:00:00.000Z', elapsedMs: 100 },
      { at: '2026-01-01T00:00:03.000Z', elapsedMs: 200, timingsMs: { queue: 3000 } },
    ]),
  ).toBe(3200);
});
