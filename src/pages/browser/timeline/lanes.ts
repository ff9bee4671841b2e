import type { Bars } from './bars.ts';
import { gapped } from './by-start.ts';
import type { Frame, FrameBuffer, Heading } from './frame.ts';
import type { Viewport } from './viewport.ts';

/** As many lanes for each group of bars as it had under way at once; the busiest group first. */
export interface Lanes {
  readonly groups: readonly { readonly host: number | undefined; readonly lanes: readonly Uint32Array[] }[];
  readonly laneCount: number;
}

/**
 * Puts every bar into the first lane of its group that is free, whatever is shown of it later.
 *
 * @param grouping whether each host is a group of its own, or all are one
 */
export function layLanes(bars: Bars, grouping: 'host' | 'all'): Lanes {
  const lanesOf = new Map<number | undefined, { readonly bars: number[]; free: number }[]>();
  for (let bar = 0; bar < bars.count; bar += 1) {
    const host = grouping === 'host' ? bars.hosts[bar]! : undefined;
    let lanes = lanesOf.get(host);
    if (lanes === undefined) lanesOf.set(host, (lanes = []));
    let lane = lanes.find(({ free }) => free <= bars.starts[bar]!);
    if (lane === undefined) lanes.push((lane = { bars: [], free: 0 }));
    lane.bars.push(bar);
    lane.free = bars.ends[bar]!;
  }
  const groups = Array.from(lanesOf, ([host, lanes]) => ({
    host,
    lanes: lanes.map((lane) => Uint32Array.from(lane.bars)),
  }));
  const sizeOf = ({ lanes }: (typeof groups)[number]): number => lanes.reduce((sum, lane) => sum + lane.length, 0);
  const sizes = new Map(groups.map((one) => [one, sizeOf(one)]));
  groups.sort((one, other) => sizes.get(other)! - sizes.get(one)!);
  return { groups, laneCount: groups.reduce((sum, { lanes }) => sum + lanes.length, 0) };
}

/** Which part of the lanes is on the screen. */
export interface Slice {
  readonly height: number;
  /** How far it was scrolled. */
  readonly scroll: number;
}

/** The lanes of all groups, one under the other, each host under its name; what is not on the screen is left out. */
export function arrangeLanes(
  bars: Bars,
  lanes: Lanes,
  viewport: Viewport,
  { height, scroll }: Slice,
  buffer: FrameBuffer,
): Frame {
  const laneHeight = laneHeightIn(lanes, height);
  const headings: Heading[] = [];
  let count = 0;
  let top = 0 - scroll;
  for (const { host, lanes: ofHost } of lanes.groups) {
    if (host !== undefined) {
      if (isOnScreen(top, headingHeight)) headings.push({ host, top });
      top += headingHeight;
    }
    for (const lane of ofHost) {
      if (isOnScreen(top, laneHeight)) addLane(lane, top);
      top += laneHeight;
    }
  }
  return { ...buffer, count, barHeight: gapped(laneHeight), headings, height: top + scroll };

  function isOnScreen(from: number, size: number): boolean {
    return from + size > 0 && from < height;
  }

  function addLane(lane: Uint32Array, laneTop: number): void {
    for (let at = firstEndingAfter(lane, bars, viewport.fromMs); at < lane.length; at += 1) {
      const bar = lane[at]!;
      if (bars.starts[bar]! > viewport.toMs) return;
      buffer.bars[count] = bar;
      buffer.tops[count] = laneTop;
      count += 1;
    }
  }
}

/** How far the lane of a bar is from the top of all lanes. */
export function laneTopOf(bar: number, lanes: Lanes, height: number): number {
  const laneHeight = laneHeightIn(lanes, height);
  let top = 0;
  for (const { host, lanes: ofHost } of lanes.groups) {
    if (host !== undefined) top += headingHeight;
    const lane = ofHost.findIndex((bars) => bars.includes(bar));
    if (lane >= 0) return top + lane * laneHeight;
    top += ofHost.length * laneHeight;
  }
  return 0;
}

/** As high as there is room for, within reason. */
function laneHeightIn({ groups, laneCount }: Lanes, height: number): number {
  const headings = groups.filter(({ host }) => host !== undefined).length;
  const free = height - headings * headingHeight;
  return Math.min(Math.max(free / Math.max(laneCount, 1), minLaneHeight), tallestLane);
}

/** All in pixels. */
const headingHeight = 18;
const minLaneHeight = 4;
const tallestLane = 16;

/** In a lane the bars follow each other, so their ends do too. */
function firstEndingAfter(lane: Uint32Array, { ends }: Bars, ms: number): number {
  let low = 0;
  let high = lane.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ends[lane[middle]!]! < ms) low = middle + 1;
    else high = middle;
  }
  return low;
}
