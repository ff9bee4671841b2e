import type { Bars } from './bars.ts';

/** What of the bars is on the screen, and where: pixels from the top of the plot. */
export interface Frame {
  readonly count: number;
  /** Which bars. The array may be longer. */
  readonly bars: Uint32Array;
  /** The upper edge of each. */
  readonly tops: Float32Array;
  /** How high they are, all of them; below 1 where there are more than rows of pixels. */
  readonly barHeight: number;
  readonly headings: readonly Heading[];
  /** How high all is, on the screen or not. */
  readonly height: number;
}

/** The name of a host over its lanes. */
export interface Heading {
  readonly host: number;
  readonly top: number;
}

/** A frame that is filled anew each time: a zooming finger should make no garbage. */
export interface FrameBuffer {
  readonly bars: Uint32Array;
  readonly tops: Float32Array;
}

/** Room for all bars. */
export function makeBuffer({ count }: Bars): FrameBuffer {
  return { bars: new Uint32Array(count), tops: new Float32Array(count) };
}

/** The bar at a point, or the nearest that is not far from it; undefined if there is none. `perMs` is pixels. */
export function barAt(frame: Frame, bars: Bars, ms: number, y: number, perMs: number): number | undefined {
  let found: number | undefined;
  let least = reach;
  for (let at = 0; at < frame.count; at += 1) {
    const above = frame.tops[at]! - y;
    const distanceY = Math.max(above, -above - Math.max(frame.barHeight, 1), 0);
    if (distanceY >= least) continue;
    const bar = frame.bars[at]!;
    const distanceX = Math.max(bars.starts[bar]! - ms, ms - bars.ends[bar]!, 0) * perMs;
    // Beside a bar is nearer than above it: its row is its own.
    const distance = distanceX * 0.5 + distanceY;
    if (distance >= least) continue;
    least = distance;
    found = bar;
  }
  return found;
}

/** In pixels. */
const reach = 8;
