import type { Bars } from './bars.ts';
import type { Frame } from './frame.ts';
import { lengthOf, type Viewport } from './viewport.ts';

/** The pixels of a picture: one number each. */
export interface Pixels {
  readonly data: Uint32Array;
  readonly width: number;
  readonly height: number;
}

/** The three looks of a bar, as pixels: connecting or earlier tries, waiting, receiving. */
export interface BarPixels {
  readonly early: number;
  readonly wait: number;
  readonly body: number;
}

/**
 * Paints the bars of a frame pixel by pixel: a hundred thousand rectangles would take a canvas longer than a frame lasts.
 * Nothing is thinner than a pixel. What is worse is painted over what is better, so no failure can hide; but where many bars
 * share each pixel the last one wins, whatever it is, or one failure in a hundred would look as if all had failed.
 *
 * @param scale device pixels for each pixel of the frame
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
  const height = Math.max(1, Math.round(frame.barHeight * scale));
  for (const outcome of isCrowded(pixels, frame, scale) ? [undefined] : paintOrder) {
    for (let at = 0; at < frame.count; at += 1) {
      const bar = frame.bars[at]!;
      if (outcome !== undefined && bars.outcomes[bar] !== outcome) continue;
      const { early, wait, body } = colors[bars.outcomes[bar]!]!;
      const top = Math.floor(frame.tops[at]! * scale);
      const from = (bars.starts[bar]! - viewport.fromMs) * perMs;
      const waitFrom = (bars.waits[bar]! - viewport.fromMs) * perMs;
      const bodyFrom = (bars.bodies[bar]! - viewport.fromMs) * perMs;
      const to = (bars.ends[bar]! - viewport.fromMs) * perMs;
      fill(pixels, from, to, top, height, body);
      if (waitFrom - from >= 1) fill(pixels, from, waitFrom, top, height, early);
      if (bodyFrom - waitFrom >= 1) fill(pixels, waitFrom, bodyFrom, top, height, wait);
    }
  }
}

function isCrowded({ width, height }: Pixels, { count, barHeight }: Frame, scale: number): boolean {
  const rows = height / Math.max(barHeight * scale, 1);
  return barHeight * scale < 0.5 || count > 3 * width * rows;
}

/** Places in the list of outcomes: ok, cancelled, not ok, failed. */
const paintOrder = [0, 3, 1, 2];

function fill({ data, width, height }: Pixels, from: number, to: number, top: number, size: number, color: number): void {
  const left = Math.max(0, Math.floor(from));
  const right = Math.min(width, Math.max(Math.floor(to), left + 1));
  const bottom = Math.min(height, top + size);
  for (let y = Math.max(0, top); y < bottom; y += 1) {
    data.fill(color, y * width + left, y * width + Math.max(left, right));
  }
}
