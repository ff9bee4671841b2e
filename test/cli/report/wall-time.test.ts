import { expect, test } from 'vitest';
import { WallTime } from '../../../cli/report/wall-time.ts';

const wallMs = (records: readonly { at?: string; elapsedMs: number }[]): number => {
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
