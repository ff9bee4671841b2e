import type { Bars } from './bars.ts';

/** Visible bars and their positions, in pixels from the top of the plot. */
export interface Frame {
  readonly count: number;
  /** Numbers of the bars. The array may be longer than {@link count}. */
  readonly bars: Uint32Array;
  /** Upper edge of each bar. */
  readonly tops: Float32Array;
  /** Height of every bar; below 1 if there are more bars than rows of pixels. */
  readonly barHeight: number;
  readonly headings: readonly Heading[];
  /** Height of all lanes, visible or not. */
  readonly height: number;
}

/** Name of a host above its lanes. */
export interface Heading {
  readonly host: number;
  readonly top: number;
}

/** Arrays that every frame reuses, so that zooming creates no garbage. */
export interface FrameBuffer {
  readonly bars: Uint32Array;
  readonly tops: Float32Array;
}

/** Creates a buffer with room for all bars. */
export function makeBuffer({ count }: Bars): FrameBuffer {
  return { bars: new Uint32Array(count), tops: new Float32Array(count) };
}

/**
 * Finds the bar at a point, or the nearest one within a few pixels.
 *
 * @param perMs pixels per millisecond
 */
export function barAt(frame: Frame, bars: Bars, ms: number, y: number, perMs: number): number | undefined {
  let found: number | undefined;
  let nearest = maxDistance;
  for (let at = 0; at < frame.count; at += 1) {
    const above = frame.tops[at]! - y;
    const distanceY = Math.max(above, -above - Math.max(frame.barHeight, 1), 0);
    if (distanceY >= nearest) continue;
    const bar = frame.bars[at]!;
    const distanceX = Math.max(bars.starts[bar]! - ms, ms - bars.ends[bar]!, 0) * perMs;
    // A point beside a bar counts as nearer than one above it, since it lies in the bar's own row.
    const distance = distanceX * 0.5 + distanceY;
    if (distance >= nearest) continue;
    nearest = distance;
    found = bar;
  }
  return found;
}

/** Pixels. */
const maxDistance = 8;
