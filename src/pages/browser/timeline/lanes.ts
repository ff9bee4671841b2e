import type { Bars } from './bars.ts';
import { gapped } from './by-start.ts';
import type { Frame, FrameBuffer, Heading } from './frame.ts';
import type { Viewport } from './viewport.ts';

/** Lanes by group of bars, busiest group first. A group has as many lanes as it had bars in flight at once. */
export interface Lanes {
  readonly groups: readonly { readonly host: number | undefined; readonly lanes: readonly Uint32Array[] }[];
  readonly laneCount: number;
}

/**
 * Puts every bar into the first free lane of its group.
 *
 * @param grouping makes each host a group, or all bars one group
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

/** Visible part of the lanes, in pixels. */
export interface Slice {
  readonly height: number;
  /** Distance scrolled from the top. */
  readonly scroll: number;
}

/** Lays out the lanes of all groups below each other, each host under its name. Bars off the screen are left out. */
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

/** Returns the distance of a bar's lane from the top of all lanes, in pixels. */
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

/** Returns the height of a lane that fills the room, within limits. */
function laneHeightIn({ groups, laneCount }: Lanes, height: number): number {
  const headings = groups.filter(({ host }) => host !== undefined).length;
  const free = height - headings * headingHeight;
  return Math.min(Math.max(free / Math.max(laneCount, 1), minLaneHeight), maxLaneHeight);
}

/** Pixels. */
const headingHeight = 18;
const minLaneHeight = 4;
const maxLaneHeight = 16;

/** Finds the first bar of a lane that ends after a time. Bars of a lane never overlap, so their ends are sorted. */
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
