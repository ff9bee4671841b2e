import type { Bars } from './bars.ts';
import type { Frame } from './frame.ts';
import { lengthOf, type Viewport } from './viewport.ts';

/** Pixels of an image, one number each. */
export interface Pixels {
  readonly data: Uint32Array;
  readonly width: number;
  readonly height: number;
}

/** Colours of a bar as pixels: connecting and earlier attempts, waiting, receiving. */
export interface BarPixels {
  readonly early: number;
  readonly wait: number;
  readonly body: number;
}

/**
 * Paints the bars of a frame pixel by pixel, since a canvas cannot draw 100,000 rectangles within one frame. No bar is
 * thinner than a pixel. Worse verdicts are painted over better ones, so that no failure hides. Where many bars share a
 * pixel, the last one wins instead, or one failure in a hundred would look as if everything had failed.
 *
 * @param scale device pixels per pixel of the frame
 */
export function paintBars(
  pixels: Pixels,
  frame: Frame,
  bars: Bars,
  viewport: Viewport,
  colors: readonly BarPixels[],
  scale: number,
): void {
  const perMs = pixels.width / lengthOf(viewport);
  for (const verdict of isCrowded(pixels, frame, scale) ? [undefined] : paintOrder) {
    for (let at = 0; at < frame.count; at += 1) {
      const bar = frame.bars[at]!;
      if (verdict !== undefined && bars.verdicts[bar] !== verdict) continue;
      const { early, wait, body } = colors[bars.verdicts[bar]!]!;
      const y = Math.floor(frame.tops[at]! * scale);
      const from = (bars.starts[bar]! - viewport.fromMs) * perMs;
      const waitFrom = (bars.waits[bar]! - viewport.fromMs) * perMs;
      const bodyFrom = (bars.bodies[bar]! - viewport.fromMs) * perMs;
      paintRow(pixels, from, (bars.ends[bar]! - viewport.fromMs) * perMs, y, body);
      if (waitFrom - from >= 1) paintRow(pixels, from, waitFrom, y, early);
      if (bodyFrom - waitFrom >= 1) paintRow(pixels, waitFrom, bodyFrom, y, wait);
    }
  }
  thicken(pixels, frame, scale);
}

function isCrowded({ width, height }: Pixels, { count, barHeight }: Frame, scale: number): boolean {
  const rows = height / Math.max(barHeight * scale, 1);
  return barHeight * scale < 0.5 || count > 3 * width * rows;
}

/** Positions in the list of verdicts: ok, cancelled, unexpected, failed. */
const paintOrder = [0, 3, 1, 2];

/** Paints the first visible row of pixels of a bar. */
function paintRow({ data, width, height }: Pixels, from: number, to: number, y: number, color: number): void {
  if (y >= height) return;
  const left = Math.max(0, Math.floor(from));
  const right = Math.min(width, Math.max(Math.floor(to), left + 1));
  const start = Math.max(0, y) * width;
  // Most bars are a few pixels long, for which fill() would be slower.
  for (let x = left; x < right; x += 1) data[start + x] = color;
}

/** Repeats each painted row until the bars have their height, but never over the next bars. */
function thicken({ data, width, height }: Pixels, { count, tops, barHeight }: Frame, scale: number): void {
  const size = Math.round(barHeight * scale);
  if (size <= 1) return;
  for (let at = 0; at < count;) {
    const top = Math.floor(tops[at]! * scale);
    let next = at + 1;
    while (next < count && Math.floor(tops[next]! * scale) <= Math.max(top, 0)) next += 1;
    const nextTop = next < count ? Math.floor(tops[next]! * scale) : height;
    const bottom = Math.min(top + size, nextTop, height);
    const row = Math.max(top, 0) * width;
    for (let y = Math.max(top, 0) + 1; y < bottom; y += 1) data.copyWithin(y * width, row, row + width);
    at = next;
  }
}
