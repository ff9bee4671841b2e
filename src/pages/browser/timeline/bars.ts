import type { Bars as Columns, PageData } from '../../page-data.ts';

/** Bars as typed arrays, for speed. Times are in milliseconds since the start of the run. */
export interface Bars {
  readonly count: number;
  readonly starts: Float64Array;
  readonly ends: Float64Array;
  /** Times at which the last attempt began to wait and to receive, where a bar changes its colour. */
  readonly waits: Float64Array;
  readonly bodies: Float64Array;
  /** Positions in the list of verdicts, best first. */
  readonly verdicts: Uint8Array;
  /** Positions in the list of hosts. */
  readonly hosts: Uint32Array;
}

/** Unpacks the columns of the page's data. */
export function unpackBars({ bars }: Pick<PageData, 'bars'>): Bars {
  const count = bars.elapsedMs.length;
  const starts = new Float64Array(count);
  const ends = new Float64Array(count);
  const waits = new Float64Array(count);
  const bodies = new Float64Array(count);
  let start = 0;
  for (let at = 0; at < count; at += 1) {
    start += bars.gapsMs[at]!;
    const end = start + bars.elapsedMs[at]!;
    starts[at] = start;
    ends[at] = end;
    // The phases belong to the last attempt, so they end with the bar.
    bodies[at] = Math.max(start, end - bars.phases.download[at]!);
    waits[at] = hasPhases(bars, at) ? Math.max(start, bodies[at]! - bars.phases.firstByte[at]!) : start;
    if (!hasPhases(bars, at)) bodies[at] = start;
  }
  return {
    count,
    starts,
    ends,
    waits,
    bodies,
    verdicts: Uint8Array.from(bars.verdicts),
    hosts: Uint32Array.from(bars.hosts),
  };
}

/** Returns false if no phases are known, so that the bar has one colour. */
function hasPhases({ phases }: Columns, at: number): boolean {
  return phases.firstByte[at]! > 0 || phases.download[at]! > 0;
}
