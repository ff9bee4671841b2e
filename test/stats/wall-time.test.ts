import { expect, test } from 'vitest';
import { WallTime } from '../../src/stats/wall-time.ts';

const wallMs = (records: readonly { at?: string; elapsedMs: number; timingsMs?: { queue?: number } }[]): number => {
  const time = new WallTime();
  for (const record of records) time.add(record);
  return time.wallMs;
};

test('WallTime spans from the first start to the last end, in any order', () => {
  expect(
    wallMs([
      { at: '2026-01-01T00:00:05.000Z', elapsedMs: 100 },
      { at: '2026-01-01T00:00:00.000Z', elapsedMs: 7000.5 },
      { at: '2026-01-01T00:00:06.000Z', elapsedMs: 500 },
    ]),
  ).toBe(7000.5);
});

test('WallTime ignores requests that were never sent', () => {
  expect(wallMs([])).toBe(0);
  expect(wallMs([{ elapsedMs: 5 }])).toBe(0);
  expect(
    wallMs([{ elapsedMs: 5 }, { at: 'yesterday', elapsedMs: 9 }, { at: '2026-01-01T00:00:00Z', elapsedMs: 3 }]),
  ).toBe(3);
});

test('WallTime counts the waits of requests that were held, sent or not', () => {
  const first = { at: '2026-01-01T00:00:00.000Z', elapsedMs: 100, timingsMs: { queue: 1 } };
  // Sent at once, held for a minute, and then given up.
  const held = { at: '2026-01-01T00:00:00.000Z', elapsedMs: 2000, timingsMs: { queue: 60_000 } };
  const unsent = { elapsedMs: 0, timingsMs: { queue: 61_000 } };
  // It waited before its start only.
  const late = { at: '2026-01-01T00:00:05.000Z', elapsedMs: 100, timingsMs: { queue: 5000 } };
  expect(wallMs([first, late])).toBe(5100);
  expect(wallMs([first, held, late])).toBe(62_000);
  expect(wallMs([first, unsent, late])).toBe(61_000);
});
