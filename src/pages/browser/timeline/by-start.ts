import type { Bars } from './bars.ts';
import type { Frame, FrameBuffer } from './frame.ts';
import type { Viewport } from './viewport.ts';

/** A row for each request that is under way in the stretch of time, in the order of their starts; together they fill the height. */
export function arrangeByStart(bars: Bars, viewport: Viewport, height: number, buffer: FrameBuffer): Frame {
  let count = 0;
  for (let bar = 0; bar < bars.count; bar += 1) {
    if (bars.starts[bar]! > viewport.toMs) break;
    if (bars.ends[bar]! < viewport.fromMs) continue;
    buffer.bars[count] = bar;
    count += 1;
  }
  const rowHeight = Math.min(tallestRow, height / Math.max(count, 1));
  for (let row = 0; row < count; row += 1) buffer.tops[row] = row * rowHeight;
  return { ...buffer, count, barHeight: gapped(rowHeight), headings: [], height };
}

/** In pixels. */
export const tallestRow = 20;

/** Rows that are high enough have a gap between them. */
export function gapped(rowHeight: number): number {
  return rowHeight >= 6 ? rowHeight - 2 : rowHeight >= 3 ? rowHeight - 1 : rowHeight;
}
