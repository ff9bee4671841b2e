import type { Bars as Columns, PageData } from '../../page-data.ts';

/** The bars as arrays that can be gone through many times a second. Times are milliseconds after the start of the run. */
export interface Bars {
  readonly count: number;
  readonly starts: Float64Array;
  readonly ends: Float64Array;
  /** When the last try began to connect, to wait, and to receive: a bar changes its look there. */
  readonly waits: Float64Array;
  readonly bodies: Float64Array;
  /** Places in the list of outcomes, the good first. */
  readonly outcomes: Uint8Array;
  /** Places in the list of hosts. */
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
    // The phases are those of the last try, so they end where the bar does.
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
    outcomes: Uint8Array.from(bars.outcomes),
    hosts: Uint32Array.from(bars.hosts),
  };
}

/** Without them nothing is known, and a bar is of one piece. */
function hasPhases({ phases }: Columns, at: number): boolean {
  return phases.firstByte[at]! > 0 || phases.download[at]! > 0;
}
