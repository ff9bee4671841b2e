import type { Tick } from '../../ticks.ts';
import type { Bars } from './bars.ts';
import type { Frame } from './frame.ts';
import { paintBars } from './raster.ts';
import type { Theme } from './theme.ts';
import { lengthOf, type Viewport } from './viewport.ts';
import { outcomes } from '../../model/outcome.ts';

/** What there is to draw. */
export interface Picture {
  readonly bars: Bars;
  readonly frame: Frame;
  readonly viewport: Viewport;
  readonly whole: Viewport;
  readonly ticks: readonly Tick[];
  readonly selected: number | undefined;
  /** What a bar and a host are called. */
  readonly nameOf: (bar: number) => string;
  readonly hostOf: (host: number) => string;
}

/** The heights of what stands over and under the bars, in pixels. */
export const axisHeight = 24;
export const overviewHeight = 10;

/** Draws the timeline; the canvas has its size already. */
export function draw(canvas: HTMLCanvasElement, picture: Picture, theme: Theme, scale: number): void {
  const context = canvas.getContext('2d', { alpha: false })!;
  const width = canvas.width / scale;
  const height = canvas.height / scale;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.fillStyle = theme.background;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.scale(scale, scale);
  context.font = theme.font;
  const { frame } = picture;
  const isSparse = frame.count <= mostRectangles && frame.barHeight >= 2;
  if (!isSparse) paint(context, picture, theme, scale);
  drawAxis(context, picture, theme, width, height - overviewHeight);
  context.save();
  context.beginPath();
  context.rect(0, axisHeight, width, height - axisHeight - overviewHeight);
  context.clip();
  context.translate(0, axisHeight);
  if (isSparse) drawBars(context, picture, theme, width);
  drawHeadings(context, picture, theme, width);
  drawSelected(context, picture, theme, width);
  context.restore();
  drawOverview(context, picture, theme, width, height);
}

/** More than these a canvas cannot draw in a frame. */
const mostRectangles = 3000;

function paint(
  context: CanvasRenderingContext2D,
  { frame, bars, viewport }: Picture,
  theme: Theme,
  scale: number,
): void {
  const { width, height } = context.canvas;
  const top = Math.round(axisHeight * scale);
  const bottom = Math.round(overviewHeight * scale);
  const image = imageOf(width, height - top - bottom);
  const data = new Uint32Array(image.data.buffer).fill(theme.backgroundPixel);
  paintBars({ data, width, height: image.height }, frame, bars, viewport, theme.pixels, scale);
  context.putImageData(image, 0, top);
}

let lastImage: ImageData | undefined;

/** The same as long as the size is: millions of pixels for each frame would be garbage for each frame. */
function imageOf(width: number, height: number): ImageData {
  if (lastImage?.width !== width || lastImage.height !== height) lastImage = new ImageData(width, height);
  return lastImage;
}

function drawAxis(
  context: CanvasRenderingContext2D,
  { ticks }: Picture,
  theme: Theme,
  width: number,
  bottom: number,
): void {
  context.textBaseline = 'middle';
  for (const { at, text } of ticks) {
    const x = Math.round(at * width) + 0.5;
    context.strokeStyle = theme.grid;
    context.globalAlpha = 0.6;
    context.beginPath();
    context.moveTo(x, axisHeight - 4);
    context.lineTo(x, bottom);
    context.stroke();
    context.globalAlpha = 1;
    context.fillStyle = theme.muted;
    context.textAlign = at < 0.04 ? 'left' : at > 0.96 ? 'right' : 'center';
    context.fillText(text, x, axisHeight / 2 - 2);
  }
  context.textAlign = 'left';
}

function drawBars(context: CanvasRenderingContext2D, picture: Picture, theme: Theme, width: number): void {
  const { frame, bars, viewport, nameOf } = picture;
  const perMs = width / lengthOf(viewport);
  const height = frame.barHeight;
  const xOf = (ms: number): number => (ms - viewport.fromMs) * perMs;
  for (let at = 0; at < frame.count; at += 1) {
    const bar = frame.bars[at]!;
    const top = frame.tops[at]!;
    const colors = theme.bars[outcomes[bars.outcomes[bar]!]!];
    const from = xOf(bars.starts[bar]!);
    const waitFrom = xOf(bars.waits[bar]!);
    const bodyFrom = xOf(bars.bodies[bar]!);
    const to = Math.max(xOf(bars.ends[bar]!), from + 2);
    const thin = Math.max(2, height / 3);
    rectangle(context, from, waitFrom, top + (height - thin) / 2, thin, colors.wait);
    rectangle(context, waitFrom, bodyFrom, top, height, colors.wait);
    rectangle(context, Math.min(bodyFrom, to - 2), to, top, height, colors.body);
  }
  // Only rows that are a line of text high, and have nothing beside their bar.
  if (height < 12 || frame.headings.length > 0) return;
  context.textBaseline = 'middle';
  for (let at = 0; at < frame.count; at += 1) {
    const bar = frame.bars[at]!;
    drawName(
      context,
      nameOf(bar),
      xOf(bars.starts[bar]!),
      xOf(bars.ends[bar]!),
      frame.tops[at]! + height / 2,
      width,
      theme,
    );
  }
}

function rectangle(
  context: CanvasRenderingContext2D,
  from: number,
  to: number,
  top: number,
  height: number,
  color: string,
): void {
  const left = Math.max(from, -10);
  const right = Math.min(to, context.canvas.width + 10);
  if (right <= left) return;
  context.fillStyle = color;
  context.fillRect(left, top, right - left, height);
}

/** Behind its bar, or before it where there is more room. */
function drawName(
  context: CanvasRenderingContext2D,
  name: string,
  from: number,
  to: number,
  y: number,
  width: number,
  theme: Theme,
): void {
  const behind = Math.min(to, width);
  const isBehind = width - behind > 140 || width - behind >= from;
  const room = (isBehind ? width - behind : from) - 12;
  if (room < 50) return;
  context.fillStyle = theme.muted;
  context.textAlign = isBehind ? 'left' : 'right';
  context.fillText(fitted(context, name, room), isBehind ? behind + 6 : from - 6, y + 0.5);
  context.textAlign = 'left';
}

function fitted(context: CanvasRenderingContext2D, text: string, room: number): string {
  const most = Math.floor(room / (context.measureText('nnnnnnnnnn').width / 10));
  return text.length <= most ? text : `${text.slice(0, Math.max(1, most - 1))}…`;
}

function drawHeadings(
  context: CanvasRenderingContext2D,
  { frame, hostOf }: Picture,
  theme: Theme,
  width: number,
): void {
  context.textBaseline = 'middle';
  for (const { host, top } of frame.headings) {
    context.fillStyle = theme.text;
    context.fillText(fitted(context, hostOf(host), width - 8), 4, top + 10);
  }
}

function drawSelected(context: CanvasRenderingContext2D, picture: Picture, theme: Theme, width: number): void {
  const { frame, bars, viewport, selected } = picture;
  if (selected === undefined) return;
  const at = frame.bars.subarray(0, frame.count).indexOf(selected);
  if (at < 0) return;
  const perMs = width / lengthOf(viewport);
  const from = (bars.starts[selected]! - viewport.fromMs) * perMs;
  const to = Math.max((bars.ends[selected]! - viewport.fromMs) * perMs, from + 2);
  const height = Math.max(frame.barHeight, 2);
  context.lineWidth = 2;
  context.strokeStyle = theme.text;
  context.strokeRect(
    Math.max(from, -4) - 2,
    frame.tops[at]! - 2,
    Math.min(to, width + 4) - Math.max(from, -4) + 4,
    height + 4,
  );
  context.lineWidth = 1;
}

/** Where in the run the window is. */
function drawOverview(
  context: CanvasRenderingContext2D,
  picture: Picture,
  theme: Theme,
  width: number,
  height: number,
): void {
  const { viewport, whole } = picture;
  if (lengthOf(viewport) >= lengthOf(whole) * 0.999) return;
  const from = ((viewport.fromMs - whole.fromMs) / lengthOf(whole)) * width;
  const size = Math.max((lengthOf(viewport) / lengthOf(whole)) * width, 6);
  const top = height - overviewHeight + 3;
  context.fillStyle = theme.grid;
  context.fillRect(0, top, width, 4);
  context.fillStyle = theme.muted;
  context.fillRect(Math.min(from, width - size), top, size, 4);
}
