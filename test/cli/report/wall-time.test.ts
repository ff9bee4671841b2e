import { expect, test } from 'vitest';
import { WallTime } from '../../../cli/report/wall-time.ts';

const wallMs = (records: readonly { at?: string; elapsedMs: number }[]): number => {
  const span = new WallTime();
  for (const record of records) span.add(record);
  return span.wallMs;
};

test('Span is from the first start to the last end, in whatever order', () => {
  expect(
    wallMs([
      { at: '2026-01-01T00:00:05.000Z', elapsedMs: 100 },
      { at: '2026-01-01T00:00:00.000Z', elapsedMs: 7000.5 },
      { at: '2026-01-01T00:00:06.000Z', elapsedMs: 500 },
    ]),
  ).toBe(7000.5);
});

test('Span knows nothing of what was never sent', () => {
  expect(wallMs([])).toBe(0);
  expect(wallMs([{ elapsedMs: 5 }])).toBe(0);
  expect(
    wallMs([{ elapsedMs: 5 }, { at: 'yesterday', elapsedMs: 9 }, { at: '2026-01-01T00:00:00Z', elapsedMs: 3 }]),
  ).toBe(3);
});
