import { describe, expect, test } from 'vitest';
import { statusLines } from '../../../cli/status/status-lines.ts';
import type { QueueStatus } from '../../../src/distributed/status.ts';

type Run = NonNullable<QueueStatus['run']>;

const run: Run = {
  id: 'r',
  state: 'running',
  total: 1000,
  hasCoordinator: true,
  isHeld: false,
  heldFor: null,
  leaseMs: 30_000,
};
const worker = { name: 'w', host: 'box', pid: 7, chunks: 2, inFlight: 5, concurrency: 50, left: 90, records: 10 };
const status: QueueStatus = {
  name: 'fetchmany',
  run,
  figures: { done: 250, ok: 200, perSecond: 50, outstanding: 3, leftMs: 15_000 },
  workers: [{ ...worker, perSecond: 50, seenMs: 500 }],
  chunks: { out: 3, taken: 2, takenOver: 0 },
  paused: [],
  backlog: { entries: 1, bytes: 1000 },
  server: { version: '7.0.15', usedBytes: 2_000_000, maxBytes: 0 },
};
const withRun = (fields: Partial<Run>): string[] => statusLines({ ...status, run: { ...run, ...fields } });

describe('statusLines()', () => {
  test('shows a run that is going on', () => {
    expect(statusLines(status)).toEqual([
      'run      running',
      'done     250 of 1,000 (25%), 200 ok in this run',
      'speed    50.0/s, 15.0 s left',
      'chunks   1 waiting, 2 with workers, 0 taken over',
      'records  1 batch waiting for the coordinator, 1.0 KB',
      'server   7.0.15, 2.0 MB in memory',
      'workers  1',
      '  box 7: 2 chunks, 5 of 50 in flight, 50.0/s, seen 500 ms ago',
    ]);
  });

  test('shows no speed of a run that has ended, or has no coordinator', () => {
    const ended = withRun({ state: 'ended', hasCoordinator: false });
    expect(ended.slice(0, 3).map((line) => line.slice(0, 16))).toEqual([
      'run      ended',
      'done     250 of ',
      'chunks   1 waiti',
    ]);
    expect(withRun({ hasCoordinator: false }).slice(0, 3)).toEqual([
      'run      running; no coordinator (to continue: the same command with --resume)',
      'done     250 of 1,000 (25%), 200 ok in this run',
      'chunks   1 waiting, 2 with workers, 0 taken over',
    ]);
  });

  test('says why nothing is handed out', () => {
    expect(withRun({ isHeld: true, heldFor: 'earlier-run' })[0]).toBe(
      'run      running; on hold for up to 30.0 s, as workers of an earlier run may still be at work',
    );
    expect(withRun({ isHeld: true, heldFor: 'server' })[0]).toBe(
      'run      running; on hold for up to 30.0 s, as the server was restarted, replaced or emptied',
    );
    const full = { ...status.server, usedBytes: 9_000_000, maxBytes: 9_000_000 };
    expect(statusLines({ ...status, server: full })).toContain(
      'server   7.0.15, 9.0 MB of 9.0 MB in memory: full, nothing more can be handed over',
    );
  });

  test('tells a worker that waits for a run from one at work', () => {
    const idle = { ...worker, chunks: 0, inFlight: 0, concurrency: 0, left: 0, records: 0, perSecond: 0, seenMs: 200 };
    expect(statusLines({ ...status, workers: [idle] }).at(-1)).toBe('  box 7: waiting for a run, seen 200 ms ago');
  });
});
