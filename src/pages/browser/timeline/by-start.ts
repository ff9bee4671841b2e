import type { Bars } from './bars.ts';
import type { Frame, FrameBuffer } from './frame.ts';
import type { Viewport } from './viewport.ts';

/** Gives each bar in the viewport a row, in order of their starts. Together the rows fill the height. */
export function arrangeByStart(bars: Bars, viewport: Viewport, height: number, buffer: FrameBuffer): Frame {
  let count = 0;
  for (let bar = 0; bar < bars.count; bar += 1) {
    if (bars.starts[bar]! > viewport.toMs) break;
    if (bars.ends[bar]! < viewport.fromMs) continue;
    buffer.bars[count] = bar;
    count += 1;
  }
  const rowHeight = Math.min(maxRowHeight, height / Math.max(count, 1));
  for (let row = 0; row < count; row += 1) buffer.tops[row] = row * rowHeight;
  return { ...buffer, count, barHeight: gapped(rowHeight), headings: [], height };
}

/** Pixels. */
export const maxRowHeight = 20;

/** Returns the height of a bar, which leaves a gap between rows if they are high enough. */
export function gapped(rowHeight: number): number {
  return rowHeight >= 6 ? rowHeight - 2 : rowHeight >= 3 ? rowHeight - 1 : rowHeight;
}
